"""Rules of following that need no CKAN."""
