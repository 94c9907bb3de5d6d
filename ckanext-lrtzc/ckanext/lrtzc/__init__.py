"""The core of the territorial data portal."""
