"""Actions of the room, their rights and their schemas."""
