"""What a password must be: the CNIL's recommendation of 2022, and not guessable.

Source: CNIL, délibération no. 2022-100 of 21 July 2022, section 5.1: 50 bits of entropy where attempts are limited
(they are, see the room `delivery`), entropy being counted from length and kinds of signs. Guessing is measured by
zxcvbn (Wheeler, USENIX Security 2016).
"""

import math
import string
from collections.abc import Iterable
from enum import StrEnum

from zxcvbn import zxcvbn

LEAST = 8
LEAST_OF_ADMINISTRATORS = 12
# From this length on a sentence does, whatever it is made of.
LENGTH_OF_SENTENCE = 20
BITS = 50.0
KINDS = 3
# zxcvbn's time grows with the length; what is beyond would only be slow, and bcrypt-like hashes cut there too.
LONGEST = 200
_JUDGED = 72
# Guesses that a limited attacker doesn't reach (zxcvbn's score 3).
SAFE_SCORE = 3

# What zxcvbn's English lists don't hold: rows of a French keyboard, and what people here choose most.
_FRENCH = (
    "azertyuiop", "azerty", "qsdfghjklm", "qsdfgh", "wxcvbn", "motdepasse", "mot de passe", "bonjour", "soleil",
    "doudou", "loulou", "chouchou", "coucou", "marseille", "amour", "jetaime", "chocolat", "nicolas", "larochelle",
    "france", "vacances", "maison", "bienvenue", "printemps", "automne", "hiver", "janvier", "juillet", "decembre",
)  # fmt: skip


class Fault(StrEnum):
    """What is wrong with a password."""

    SHORT = "short"
    SHORT_FOR_ADMINISTRATOR = "short_for_administrator"
    LONG = "long"
    KINDS = "kinds"
    WEAK = "weak"
    GUESSABLE = "guessable"


def kinds(password: str) -> tuple[int, int]:
    """Give how many kinds of signs a password has, and how many signs these kinds offer."""
    sizes = {
        26: any(sign.islower() for sign in password),
        -26: any(sign.isupper() for sign in password),
        10: any(sign.isdigit() for sign in password),
        len(string.punctuation) + 1: any(not sign.isalnum() for sign in password),
    }
    present = [abs(size) for size, there in sizes.items() if there]
    return len(present), sum(present)


def entropy(password: str) -> float:
    """Give the entropy in bits as the CNIL counts it: length times the logarithm of the alphabet."""
    _count, alphabet = kinds(password)
    return len(password) * math.log2(alphabet) if alphabet else 0.0


def faults(password: str, words: Iterable[str] = (), *, administrator: bool = False) -> list[Fault]:
    """Say what is wrong with a password; nothing where it may be taken.

    :param words: of the person: account name, e-mail address, names. A password made of them is guessed first
    :param administrator: whether more is asked
    """
    if len(password) > LONGEST:
        return [Fault.LONG]
    found: list[Fault] = []
    if len(password) < LEAST:
        found.append(Fault.SHORT)
    elif administrator and len(password) < LEAST_OF_ADMINISTRATORS:
        found.append(Fault.SHORT_FOR_ADMINISTRATOR)
    if len(password) < LENGTH_OF_SENTENCE and kinds(password)[0] < KINDS:
        found.append(Fault.KINDS)
    if not found and entropy(password) < BITS:
        found.append(Fault.WEAK)
    if not found and not is_safe(password, words):
        found.append(Fault.GUESSABLE)
    return found


def is_safe(password: str, words: Iterable[str] = ()) -> bool:
    """Say whether guessing the password takes too long, known words of the person tried first.

    What is left of it without these words has to be long enough by itself.
    """
    own = {part.casefold() for word in words for part in (word, *_parts(word)) if len(part) > 2}
    rest = password.casefold()
    for word in sorted((word for word in own if len(word) > 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < min(len(password), LEAST):
        return False
    judged = zxcvbn(password[:_JUDGED], user_inputs=[*sorted(own), *_FRENCH], max_length=_JUDGED)
    return int(judged["score"]) >= SAFE_SCORE


def _parts(word: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in word).split()
