"""Ordered steps that make a file's rows what its owner wants, before they are typed, judged and published."""
