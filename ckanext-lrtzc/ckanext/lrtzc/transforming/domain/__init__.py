"""The steps themselves; they know neither CKAN nor a database."""
