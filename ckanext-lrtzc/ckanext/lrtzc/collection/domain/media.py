"""Sounds and films: how long they are and what they are called."""

import contextlib
import math
from pathlib import Path

from tinytag import TinyTag

from ckanext.lrtzc.collection.domain.kinds import Format
from ckanext.lrtzc.collection.domain.outcome import Outcome

_READ = {"mp3", "ogg", "flac", "wav", "m4a", "mp4"}
_TITLE = 200


def read(path: Path, form: Format) -> Outcome:
    """Look at a sound or a film; the file is kept as it came. What it doesn't say is left empty."""
    outcome = Outcome(form.code)
    if form.code in _READ:
        # a file may make the library raise anything; a film without a length is a film
        with contextlib.suppress(Exception), path.open("rb") as file:
            tag = TinyTag.get(f"file.{'m4a' if form.code == 'mp4' else form.extensions[0]}", file_obj=file)
            if tag.duration and math.isfinite(tag.duration) and tag.duration > 0:
                outcome.duration = round(tag.duration, 1)
            outcome.title = " – ".join(part.strip() for part in (tag.artist, tag.title) if part)[:_TITLE]
    return outcome
