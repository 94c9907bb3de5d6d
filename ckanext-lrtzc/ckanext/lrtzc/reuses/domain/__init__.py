"""What a reuse is; knows neither CKAN nor a database."""
