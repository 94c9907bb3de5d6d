"""Signing requests as Amazon S3 and its kin ask for it: AWS Signature Version 4.

Source: “Authenticating Requests: Using the Authorization Header”, Amazon S3 API Reference; the tests hold its examples.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key signs, for which region and service."""

    key_id: str
    secret: str
    region: str
    service: str = "s3"

    def headers(
        self,
        method: str,
        host: str,
        path: str,
        query: Mapping[str, str],
        moment: dt.datetime,
        *,
        payload: str = EMPTY,
        **more: str,
    ) -> dict[str, str]:
        """Give the headers of a signed request.

        :param host: as the Host header says it, with its port where that isn't the protocol's own
        :param path: as it is sent, encoded by `encoded`
        :param query: names and values, not encoded
        :param payload: SHA-256 of the body in hexadecimal
        :param more: other headers that are signed along, with `_` for `-` in their names
        """
        stamp = moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        sent = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": stamp}
        sent |= {name.replace("_", "-"): value for name, value in more.items()}
        names = ";".join(sorted(sent))
        lines = [f"{name}:{sent[name].strip()}\n" for name in sorted(sent)]
        request = "\n".join((method, path, query_text(query), "".join(lines), names, payload))
        place = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        text = "\n".join(("AWS4-HMAC-SHA256", stamp, place, hashlib.sha256(request.encode()).hexdigest()))
        key = f"AWS4{self.secret}".encode()
        for part in (stamp[:8], self.region, self.service, "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        told = f"Credential={self.key_id}/{place},SignedHeaders={names},Signature={key.hex()}"
        del sent["host"]
        return sent | {"authorization": f"AWS4-HMAC-SHA256 {told}"}


def encoded(text: str) -> str:
    """Encode a path for a request: all but letters, digits and `-._~/`."""
    return quote(text, safe="/-._~")


def query_text(query: Mapping[str, str]) -> str:
    """Write a query as it is signed and sent: sorted, encoded."""
    pairs = sorted((quote(name, safe="-._~"), quote(value, safe="-._~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
