"""Actions, rights and what they take."""
