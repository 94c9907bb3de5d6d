"""Rules on the quality of data, kept for each file, that every batch is judged by before it goes in (QUA)."""
