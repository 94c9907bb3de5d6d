"""Rules of delivery that need neither CKAN nor a database."""
