"""Rules of the personal store that need neither CKAN nor a database."""
