"""The catalogue in the standards of the field: DCAT-AP, schema.org, Croissant, ISO 19139, CSW."""
