"""Links between objects: what is derived from what, what is used, what produced a restitution (OBJ-8, OBJ-10)."""
