"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature), with Ed25519.

A checkpoint is a note of three lines (origin, size, root) with the log's signature, and the cosignatures of witnesses
who saw that it extends what they had signed before.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE = 64 * 1024
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— (\S+) (\S+)")


class NoteError(ValueError):
    """A note that can't be read, or that nobody whom we know has signed."""


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("a part of the note isn't base64") from error
    if _encode(data) != text:
        raise NoteError("a part of the note is base64 with bits to spare")
    return data


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@dataclass(frozen=True)
class Verifier:
    """Whose signature we know: a name and an Ed25519 public key, as a log (0x01) or as a witness (0x04)."""

    name: str
    key: bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that name the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_encode(bytes([self.kind]) + self.key)}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a verifier key, `<name>+<key id>+<base64 of kind and key>`.

        :raises NoteError: where it isn't one, or its identifier isn't that of its key.
        """
        match text.strip().split("+", 2):
            case [name, key_id, encoded] if _NAME.fullmatch(name):
                data = _decode(encoded)
                if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
                    raise NoteError("the verifier key is of a kind that isn't known here")
                verifier = cls(name, data[1:], data[0])
                if verifier.key_id.hex() != key_id:
                    raise NoteError("the verifier key's identifier isn't that of its key")
                return verifier
            case _:
                raise NoteError("a verifier key has the form name+identifier+key")

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a signature over the note's text; give the witness's time (seconds since 1970), None for a log's.

        :raises NoteError: where the signature is false.
        """
        moment, message = None, text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                raise NoteError(f"the cosignature of {self.name} hasn't its length")
            moment = int.from_bytes(signature[:8], "big")
            message, signature = b"cosignature/v1\ntime %d\n" % moment + message, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} is false") from error
        return moment


@dataclass(frozen=True)
class Signer:
    """Who signs: a name and an Ed25519 private key."""

    name: str
    private_key: Ed25519PrivateKey
    kind: int = ED25519

    @property
    def verifier(self) -> Verifier:
        """Give the public half."""
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw(), self.kind)

    def sign(self, text: str, moment: int | None = None) -> str:
        """Give the signature line of a note's text; a witness gives the moment (seconds since 1970)."""
        stamp, message = b"", text.encode()
        if self.kind == COSIGNATURE:
            if moment is None:
                raise ValueError("a cosignature says when it was made")
            stamp, message = moment.to_bytes(8, "big"), b"cosignature/v1\ntime %d\n" % moment + message
        signature = self.verifier.key_id + stamp + self.private_key.sign(message)
        return f"— {self.name} {_encode(signature)}\n"


@dataclass(frozen=True)
class Note:
    """A text and its signature lines as (name, key id ‖ signature)."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, raw: str) -> "Note":
        """Read a note.

        :raises NoteError: where it isn't one.
        """
        if len(raw) > MAX_NOTE:
            raise NoteError("the note is longer than any note")
        head, separator, tail = raw.rpartition("\n\n")
        if not separator or not tail.endswith("\n") or any(ord(sign) < 32 and sign != "\n" for sign in raw):
            raise NoteError("a note is a text, an empty line, and signature lines")
        signatures = []
        for line in tail[:-1].split("\n"):
            match = _LINE.fullmatch(line)
            if not match or len(data := _decode(match[2])) < 5:
                raise NoteError("a signature line has the form — name signature")
            signatures.append((match[1], data))
        return cls(head + "\n", tuple(signatures))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"— {name} {_encode(data)}\n" for name, data in self.signatures)

    def signed_by(self, verifiers: Iterable[Verifier]) -> dict[str, int | None]:
        """Give whom of those known has signed, each with the moment that a witness states.

        Lines of unknown keys are ignored; a false line of a known key spoils the note.

        :raises NoteError: where a known key's signature is false, or none is known.
        """
        found: dict[str, int | None] = {}
        known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
        for name, data in self.signatures:
            verifier = known.get((name, data[:4]))
            if verifier:
                found[name] = verifier.verify(self.text, data[4:])
        if not found:
            raise NoteError("the note bears no signature of a known key")
        return found


@dataclass(frozen=True)
class Checkpoint:
    """The head of a tree: whose log, how many entries, which root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Give the note's text."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a checkpoint's text.

        :raises NoteError: where it isn't one.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("a checkpoint has three lines: origin, size, root")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise NoteError("the checkpoint's size isn't a number")
        root = _decode(lines[2])
        if len(root) != 32:
            raise NoteError("the checkpoint's root hasn't 32 bytes")
        return cls(lines[0], int(lines[1]), root)
