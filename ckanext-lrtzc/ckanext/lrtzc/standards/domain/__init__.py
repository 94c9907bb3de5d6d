"""Rules of the standards, without CKAN: cleaning, vocabularies, one writer for each format, the CSW protocol."""
