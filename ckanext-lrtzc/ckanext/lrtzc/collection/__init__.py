"""Datasets that are collections of files of one kind: photos, documents, audio or video.

Files come in as batches, many at once or in one archive, and are looked at by a process apart. They go out one by one,
as small pictures, or together as a ZIP, always by the access decision.
"""
