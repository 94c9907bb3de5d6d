"""Actions, rights and schemas of following."""
