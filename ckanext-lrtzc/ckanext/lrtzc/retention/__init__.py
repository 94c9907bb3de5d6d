"""How long data is kept: rules of owners that warn, then destroy, and say what was reached and what could not be."""
