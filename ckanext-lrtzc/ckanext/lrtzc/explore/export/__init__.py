"""Taking away what one sees: writers that turn batches of rows into chunks of a file, in constant memory."""
