"""Actions, rights and schemas of reuses."""
