"""What points come to; knows neither CKAN nor a database."""
