"""Rules of accounts that need neither CKAN nor a database."""
