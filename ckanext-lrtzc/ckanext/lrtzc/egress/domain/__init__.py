"""Rules of the way out: which addresses, how much, and how refusals are worded."""
