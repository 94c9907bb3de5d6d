"""Actions, rights and schemas of transfers."""
