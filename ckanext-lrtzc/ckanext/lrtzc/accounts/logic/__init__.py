"""Actions of accounts, their rights and schemas."""
