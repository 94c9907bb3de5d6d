"""Codes of a second factor: of a generator (TOTP, RFC 6238, by pyotp), and for the day it is lost."""

import hashlib
import secrets

from pyotp import random_base32
from pyotp.totp import TOTP

PERIOD = 30
# Clocks may differ by one step.
_TOLERANCE = 1
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Make a generator's secret: 160 bits in base 32, as RFC 4226 section 4 recommends."""
    return random_base32(32)


def address(secret: str, account: str, site: str) -> str:
    """Give what a QR code carries to the generator."""
    return TOTP(secret, interval=PERIOD).provisioning_uri(name=account, issuer_name=site)


def step_of(secret: str, code: str, now: float, after: int) -> int | None:
    """Give the step of the clock that a code belongs to; None where it is wrong, or not later than step `after`.

    :param now: seconds since 1970
    :param after: the last step that was used; nothing up to it is taken again
    """
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    generator, current = TOTP(secret, interval=PERIOD), int(now) // PERIOD
    found = None
    for step in range(current - _TOLERANCE, current + _TOLERANCE + 1):
        # All are compared, so that the time says nothing.
        if secrets.compare_digest(generator.generate_otp(step), typed) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Make codes of 59 bits each, in three parts that can be read aloud."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> str:
    """Give what is kept of a recovery code; a random one of this length needs no slow hash."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
