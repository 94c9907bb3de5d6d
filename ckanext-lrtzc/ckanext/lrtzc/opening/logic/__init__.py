"""Actions, rights and schemas of automatic opening."""
