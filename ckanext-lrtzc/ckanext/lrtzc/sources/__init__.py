"""Sources: where files are fetched from by the clock, each new one sent as a batch of its dataset (SRC)."""
