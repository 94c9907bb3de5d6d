"""Pure rules of the search: words, what people type, the score of metadata."""
