"""Actions of forms, the right to them, and what they take."""
