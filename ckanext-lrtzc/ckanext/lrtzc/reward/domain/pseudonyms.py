"""Which names people may go by on boards: readable, taken for nobody else's, and saying nothing of who they are."""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

SHORTEST, LONGEST = 3, 30
_TELLING = 3
"""Letters from which a part of a name tells who somebody is: so many as a word, more wherever they stand."""
# Words by which one would be taken for who runs the portal.
_RESERVED = ("admin", "moderat", "officiel", "official", "portail", "support", "mairie")
_LOOKALIKES = str.maketrans("013457|", "oleasti")


class Fault(StrEnum):
    """What is wrong with a pseudonym."""

    LENGTH = "length"
    SIGNS = "signs"
    TELLING = "telling"
    RESERVED = "reserved"


class PseudonymError(ValueError):
    """A pseudonym that can't be taken; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def folded(text: str) -> str:
    """Give a name as it is compared: Latin letters and figures, without accents, case, signs and spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(each for each in plain if each.isascii() and each.isalnum())


def clean(text: str, known: Collection[str] = ()) -> str:
    """Give a pseudonym as it is kept.

    :param known: what says who the person is: their names, the name of their account, their e-mail address
    :raises PseudonymError: saying what is wrong
    """
    kept = re.sub(" +", " ", unicodedata.normalize("NFC", text)).strip(" ")
    if not SHORTEST <= len(kept) <= LONGEST:
        raise PseudonymError(Fault.LENGTH)
    if not all(_is_allowed(each) for each in kept) or len(folded(kept)) < SHORTEST:
        raise PseudonymError(Fault.SIGNS)
    words = {folded(each) for form in (kept, kept.translate(_LOOKALIKES)) for each in re.split(r"[\W_]+", form)}
    whole = {folded(kept), folded(kept.translate(_LOOKALIKES))}
    for part in _parts(known):
        if part in words or (len(part) > _TELLING and any(part in one for one in whole)):
            raise PseudonymError(Fault.TELLING)
    if any(one.startswith(_RESERVED) for one in words | whole):
        raise PseudonymError(Fault.RESERVED)
    return kept


def _is_allowed(sign: str) -> bool:
    if sign in " -'’._":
        return True
    if sign.isascii():
        return sign.isalnum()
    # one script, so that no letter passes for another
    is_latin = sign.isalpha() and unicodedata.name(sign, "").startswith("LATIN ")
    return is_latin and unicodedata.normalize("NFKC", sign) == sign


def _parts(known: Collection[str]) -> set[str]:
    """Give what tells of a person: each name whole, and each of its words; of an address, what is before its sign."""
    found: set[str] = set()
    for each in known:
        local = each.partition("@")[0]
        found |= {folded(local), *map(folded, re.split(r"[\W_]+", local))}
    return {each for each in found if len(each) >= _TELLING}
