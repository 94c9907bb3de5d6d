"""The one way in: files are read, typed, confirmed and loaded as batches."""
