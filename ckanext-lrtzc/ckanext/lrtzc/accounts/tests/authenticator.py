"""A passkey made of software: what a device answers to a challenge (Web Authentication Level 2, sections 6 and 7)."""

import base64
import hashlib
import json
import os

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Device:
    """A device with one passkey for one site."""

    def __init__(self, origin, host):
        self.origin, self.host, self.count = origin, host, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.number = os.urandom(16)

    def _data(self, extra=b"", flags=0x05):
        self.count += 1
        digest = hashlib.sha256(self.host.encode()).digest()
        return digest + bytes([flags]) + self.count.to_bytes(4, "big") + extra

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response):
        return json.dumps(
            {
                "id": text(self.number),
                "rawId": text(self.number),
                "type": "public-key",
                "response": {name: text(value) for name, value in response.items()},
            }
        )

    def create(self, options):
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        extra = bytes(16) + len(self.number).to_bytes(2, "big") + self.number + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(extra, 0x45)})
        client = self._client("webauthn.create", json.loads(options)["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def get(self, options):
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        data = self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)
