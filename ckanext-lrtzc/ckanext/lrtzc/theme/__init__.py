"""The portal's pages: layout, words, home page, and the few pages that belong to no object."""
