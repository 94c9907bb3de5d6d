"""When votes decide; knows neither CKAN nor a database."""
