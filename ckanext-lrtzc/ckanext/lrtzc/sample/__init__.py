"""Sample content: fills an empty portal with the datasets, people and partner that a folder describes.

The content itself is no part of the code: it is made by the folder's own scripts (`ckanext.lrtzc.sample.folder`).
"""
