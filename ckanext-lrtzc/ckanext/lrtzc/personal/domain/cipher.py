"""Encryption of fields: AES-256-GCM-SIV (RFC 8452), bound to the place where a field stands.

A sealed field is: one byte for this form, four for which key, twelve of nonce, the encrypted text with its tag. The
table, the column and the row are associated data, so that what is sealed in one place opens in no other.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = b"\x01"
_NONCE = 12
_HEAD = len(_FORM) + 4


class SealBroken(ValueError):
    """A field can't be read: its key isn't known, or it was altered or moved."""


class Cipher:
    """Seals with the first of its keys and opens with any, so that a key can be replaced without a pause."""

    def __init__(self, secrets: Sequence[str]):
        """Derive the keys from secret texts, the newest first.

        :raises ValueError: where there is none, or one has less than 32 characters.
        """
        if not secrets or any(len(secret) < 32 for secret in secrets):
            raise ValueError("the personal store needs a key of 32 characters or more")
        raw = [HKDF(SHA256(), 32, salt=None, info=b"personal field").derive(secret.encode()) for secret in secrets]
        self._keys = {hashlib.sha256(key).digest()[:4]: AESGCMSIV(key) for key in raw}
        self._newest = next(iter(self._keys))

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt a text for a place, written `table.column:row`."""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._newest].encrypt(nonce, text.encode(), place.encode())
        return _FORM + self._newest + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Give the text that was sealed for a place.

        :raises SealBroken: where it can't be read there.
        """
        key = self._keys.get(sealed[len(_FORM) : _HEAD]) if sealed[:1] == _FORM else None
        if key is None:
            raise SealBroken(f"no key is known for {place}")
        try:
            return key.decrypt(sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{place} was altered, or moved there") from error

    def is_newest(self, sealed: bytes) -> bool:
        """Say whether a field is sealed with the newest key."""
        return sealed[len(_FORM) : _HEAD] == self._newest


def token_digest(token: str) -> bytes:
    """Give what is kept of a token: 32 bytes from which it can't be found."""
    return hashlib.sha256(token.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)
