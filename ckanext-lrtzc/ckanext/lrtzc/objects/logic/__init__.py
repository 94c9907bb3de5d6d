"""Actions, rights and validators of the objects."""
