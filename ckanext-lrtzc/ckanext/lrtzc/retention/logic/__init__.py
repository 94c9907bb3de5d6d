"""Actions, rights and schemas of retention."""
