"""How a message is signed: Standard Webhooks (specification 1.0.0, “Signature scheme”), HMAC with SHA-256.

What is signed is `<identifier>.<seconds since 1970>.<body>`; the secret is 32 random bytes, written in Base64 after
`whsec_`; the signature is written in Base64 after `v1,`. Several signatures are separated by a space.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Make a secret, as it is shown to the subscriber."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_message_id() -> str:
    """Make the identifier of a message, which stays the same however often it is sent."""
    return f"msg_{secrets.token_urlsafe(20)}"


def signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """Sign a message.

    :param seconds: the moment it is sent, in seconds since 1970 (UTC)
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(keys: Sequence[str], message_id: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """Give the headers of a message, signed with each of these secrets: the one in use, and one that was replaced."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(key, message_id, seconds, body) for key in keys),
    }
