"""Which data is missing or wanted: said by anyone, supported, discussed, answered by producers (CAT-8)."""
