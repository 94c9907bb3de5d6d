"""Pure rules of batches: what a file is, how it is read, typed, checked and reported. No CKAN, no database."""
