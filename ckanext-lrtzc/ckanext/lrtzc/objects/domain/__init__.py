"""Pure rules of the objects: values, vocabularies, licences, geometry, slugs, publication. No CKAN, no database."""
