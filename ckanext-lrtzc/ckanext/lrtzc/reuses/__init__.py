"""What people make, elsewhere, of the portal's objects: a site, an application, an article… (CAT-6)."""
