"""Pure parts of validation."""
