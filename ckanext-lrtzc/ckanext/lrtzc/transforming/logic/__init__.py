"""Actions, rights and schemas."""
