"""Actions of the ledger, their rights and their schemas."""
