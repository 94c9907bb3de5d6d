"""Actions, rights and schemas of sources."""
