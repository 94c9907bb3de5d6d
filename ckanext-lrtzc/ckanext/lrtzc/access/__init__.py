"""The one access decision: may this person do this with that data, how much of it, why, and what to do about it."""
