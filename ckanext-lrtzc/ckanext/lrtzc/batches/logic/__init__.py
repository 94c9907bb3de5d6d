"""Actions, rights and schemas of batches."""
