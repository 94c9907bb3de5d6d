"""What sample content is, apart from CKAN."""
