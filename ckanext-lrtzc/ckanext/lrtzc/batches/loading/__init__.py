"""From a file to a table of the DataStore."""
