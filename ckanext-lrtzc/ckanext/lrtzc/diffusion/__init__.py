"""Third systems subscribe to a dataset: their program is told of each new version by a signed call (webhook)."""
