"""Actions of the room, who may ask them, and what they take."""
