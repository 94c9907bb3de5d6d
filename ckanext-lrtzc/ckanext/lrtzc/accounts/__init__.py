"""People: signing up, signing in, passwords, second factor, profile, leaving, and profiles of rights.

An account is CKAN's; the identity behind it is in the personal store, reached by its door.
"""
