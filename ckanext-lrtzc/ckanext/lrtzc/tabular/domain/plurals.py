"""French endings that PostgreSQL keeps apart.

Its stemmer (Snowball, French, “residual suffix”) leaves a final s that follows a, i, o or u: it would spoil words such
as *bus*, but *vélos* isn't found by *vélo* then. It knows the endings of participles by their accent, which is gone
where accents don't matter: *garé* and *garées* would be two words. A search asks for all of them.
"""

import re

_NUMBER = re.compile(r"(\w[aiou])(s?)(?!\w)", re.IGNORECASE)
_GENDER = re.compile(r"(\w\wé)(e?)(s?)(?!\w)", re.IGNORECASE)


def other_endings(words: str) -> set[str]:
    """Give a search, and the same with the plurals and the participles in question written otherwise.

    Searches that exclude words or quote them stay as they are.

    >>> sorted(other_endings("vélo garé"))
    ['vélo garé', 'vélo garée', 'vélos garé', 'vélos garée']
    """
    if "-" in words or '"' in words:
        return {words}
    numbers = {words, _NUMBER.sub(lambda found: found[1] if found[2] else f"{found[1]}s", words)}
    genders = {_GENDER.sub(lambda found: found[1] + ("" if found[2] else "e") + found[3], one) for one in numbers}
    return numbers | genders
