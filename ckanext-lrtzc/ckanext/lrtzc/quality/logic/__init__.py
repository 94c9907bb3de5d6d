"""Actions, rights and schemas of quality."""
