"""Words: of cells, for the index; of what people type."""

import re
import unicodedata
from collections.abc import Iterable

#: Bounds of what is indexed of one file (the rule is told in docs/search.md).
DISTINCT_VALUES = 50_000
VALUE_LENGTH = 300
WORDS = 200_000
WORD_LENGTH = 40

_WORD = re.compile(r"[^\W_]{2,}(?:[’'][^\W_]{2,})?")
_FIELD = re.compile(r"""(?<![\w"])([a-z][a-z_]*):(?=\S)""")
_FIELDS = frozenset(
    """author author_email capacity creator_user_id dataset_type entity_type frequency groups id index_id license
    license_id maintainer maintainer_email metadata_created metadata_modified name notes organization owner_org
    permission_labels private site_id state tags text title title_string type url version""".split()  # noqa: SIM905
)
_PREFIXES = ("extras_", "res_", "vocab_", "temporal_", "spatial_")


def fold(text: str) -> str:
    """Give a text in lower case, without accents and ligatures, as the index compares words.

    >>> fold("Cœur d’Été")
    "coeur d'ete"
    """
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    return "".join(char for char in unicodedata.normalize("NFD", plain) if not unicodedata.combining(char))


def words_of(values: Iterable[str], most: int = WORDS) -> tuple[list[str], bool]:
    """Give the distinct words of cells, and whether there were more than `most`.

    Words keep their accents, in lower case, so that their cells can be found again; those of one character and those of
    more than 40 are left out.
    """
    found: dict[str, None] = {}
    for value in values:
        for word in _WORD.findall(value[:VALUE_LENGTH].casefold()):
            if len(word) <= WORD_LENGTH and word not in found:
                if len(found) >= most:
                    return list(found), True
                found[word] = None
    return list(found), False


_FILLERS = frozenset(
    [
        "nombre",
        "nb",
        "combien",
        "liste",
        "où",
        "ou",
        "quel",
        "quelle",
        "quels",
        "quelles",
        "comment",
        "donnée",
        "données",
        "jeu",
        "jeux",
        "fichier",
        "fichiers",
    ]
)


def essential(query: str) -> str:
    """Give a question without the words that only make it a question, if others are left.

    Articles stay: the engine needs them no less than the texts it compares them with.

    >>> essential("nombre d'habitants")
    "d'habitants"
    >>> essential("données")
    'données'
    """
    if re.search(r'["()+\-:*]', query):
        return query
    kept = [word for word in query.split() if word.casefold() not in _FILLERS]
    telling = [word for word in kept if len(word) > 3]
    return " ".join(kept) if telling else query


def plain_query(query: str) -> str:
    """Give a person's query without colons that don't name a field of the index, which the engine would stumble over.

    >>> plain_query("horaires:bus")
    'horaires bus'
    >>> plain_query("title:bus")
    'title:bus'
    """
    named = (match[1] for match in _FIELD.finditer(query))
    if any(name in _FIELDS or name.startswith(_PREFIXES) for name in named) or query.strip() == "*:*":
        return query
    return query.replace(":", " ")


def accented(folded: str, texts: Iterable[str]) -> str:
    """Give a folded text with its words written as they stand in `texts`, where they stand there.

    >>> accented("velo electrique", ["Un vélo"])
    'vélo electrique'
    """
    seen: dict[str, str] = {}
    for text in texts:
        for word in _WORD.findall(text.casefold()):
            bare = word.rpartition("’")[2].rpartition("'")[2]
            seen.setdefault(fold(bare), bare)
    return " ".join(seen.get(word, word) for word in folded.split())
