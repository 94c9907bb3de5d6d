"""Have people decide on what comes into a dataset: who, by which rule, and the page on which they see it."""
