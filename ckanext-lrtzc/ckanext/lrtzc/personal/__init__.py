"""The personal store: identities, kept apart from accounts in a database of their own, encrypted field by field.

The role of the catalogue can't read it; this room's role can, and only with the key can anybody read what it holds.
`api` is the door; `ckanext.lrtzc.interfaces.IPersonalData` is what each extension says of the personal data it holds.
"""
