"""Actions of the room."""
