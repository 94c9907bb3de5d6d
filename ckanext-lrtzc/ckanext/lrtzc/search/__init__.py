"""Finding objects: by what stands in their rows too, in spite of typing errors, with suggestions; and their score."""
