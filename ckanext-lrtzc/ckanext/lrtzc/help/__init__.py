"""Help on each page, and all of it at /aide. The words are files of `topics/`, one for each topic and language."""
