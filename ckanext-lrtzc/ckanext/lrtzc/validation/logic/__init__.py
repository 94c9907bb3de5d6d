"""Actions, rights and schemas of validation."""
