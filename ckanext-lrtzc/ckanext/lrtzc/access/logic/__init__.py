"""Actions, rights and validation of access decisions."""
