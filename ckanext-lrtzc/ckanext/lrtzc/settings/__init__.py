"""Settings that administrators change by page: the options that rooms declare with `editable: true`.

A room declares an option in its `config_declaration.yaml`, says it in its `i18n/fr.po`, and reads it by `tk.asbool`,
`tk.asint` or `tk.aslist`: what was changed by page is kept as text, as CKAN keeps it.
"""
