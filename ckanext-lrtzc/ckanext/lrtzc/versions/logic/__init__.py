"""Actions, rights and schemas of versions."""
