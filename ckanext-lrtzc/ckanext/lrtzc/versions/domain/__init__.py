"""Rules that need neither CKAN nor a database."""
