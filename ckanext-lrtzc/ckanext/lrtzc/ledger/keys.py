"""The key that signs checkpoints, and the ledger's name."""

from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ckanext.lrtzc.ledger.domain.note import Signer


class KeyMissing(RuntimeError):
    """The configuration gives no secret for the ledger's key."""


def signer() -> Signer:
    """Give the ledger's signer.

    :raises KeyMissing: where `ckanext.lrtzc.ledger.key` is empty.
    """
    secret = tk.config.get("ckanext.lrtzc.ledger.key")
    if not secret:
        raise KeyMissing("ckanext.lrtzc.ledger.key is empty: the ledger can't be signed")
    name = tk.config.get("ckanext.lrtzc.ledger.origin") or f"{urlsplit(tk.config['ckan.site_url']).netloc}/ledger"
    seed = HKDF(SHA256(), 32, salt=None, info=b"ledger checkpoint").derive(secret.encode())
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed))
