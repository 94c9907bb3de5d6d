"""Actions, rights and schemas of collections."""
