"""Ownership changes hands: offered, one object or many at once, then accepted, refused or withdrawn (OBJ-11)."""
