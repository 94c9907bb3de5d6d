"""Secrets that rooms keep in tables of their own, sealed with the portal's keys of personal fields."""

from ckanext.lrtzc.personal.store import cipher

ROTATED = "lrtzc:keys_rotated"
"""Name of the signal by which rooms are to seal all they keep with the newest key; receivers give how many they did."""


def seal(text: str, place: str) -> bytes:
    """Seal a secret to the place where it will stand, written `table.column:row`; it opens in no other.

    :raises StoreAway: where no key is configured.
    """
    return cipher().seal(text, place)


def open_sealed(sealed: bytes, place: str) -> str:
    """Open what `seal` gave for that place.

    :raises StoreAway: where no key is configured.
    :raises ckanext.lrtzc.personal.domain.cipher.SealBroken: where it can't be read there.
    """
    return cipher().open(sealed, place)


def sealed_anew(sealed: bytes, place: str) -> bytes | None:
    """Seal with the newest key what an older one sealed; None where it is the newest already.

    :raises ckanext.lrtzc.personal.domain.cipher.SealBroken: where it can't be read there.
    """
    return None if cipher().is_newest(sealed) else cipher().seal(cipher().open(sealed, place), place)
