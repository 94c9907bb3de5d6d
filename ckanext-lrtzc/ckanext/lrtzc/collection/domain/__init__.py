"""Rules of collections, pure: what a file is, what is kept of it, what is taken out of it."""
