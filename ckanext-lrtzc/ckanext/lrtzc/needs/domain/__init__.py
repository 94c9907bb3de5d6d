"""Where a need stands; knows neither CKAN nor a database."""
