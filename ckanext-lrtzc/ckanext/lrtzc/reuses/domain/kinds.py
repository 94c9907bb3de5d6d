"""Kinds of reuses, after those of udata (`udata/core/reuse/constants.py`), less what isn't one here."""

from enum import StrEnum


class Kind(StrEnum):
    """What was made."""

    APPLICATION = "application"
    SITE = "site"
    VISUALISATION = "visualisation"
    ARTICLE = "article"
    STUDY = "study"
    SERVICE = "service"
    TEACHING = "teaching"
    OBJECT = "object"
    OTHER = "other"
