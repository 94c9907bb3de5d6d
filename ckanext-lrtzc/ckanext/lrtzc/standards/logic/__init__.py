"""Actions of the room `lrtzc_standards`."""
