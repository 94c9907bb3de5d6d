"""Rules of sources: what is new, when to try again, what went wrong; knows neither CKAN, a network nor a database."""
