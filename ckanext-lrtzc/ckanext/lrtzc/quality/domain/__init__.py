"""Rules of quality and how rows are judged by them; knows neither CKAN nor a database."""
