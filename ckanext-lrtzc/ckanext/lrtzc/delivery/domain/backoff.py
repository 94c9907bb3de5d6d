"""Lock-out with back-off after failed sign-ins.

Sources: OWASP ASVS 5.0, 6.3.1 (resist guessing without letting others lock an account out for good);
NIST SP 800-63B section 5.2.2.
"""

import hashlib
import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """After `tolerated` failures, each further one doubles the wait from `first` to `longest` seconds."""

    tolerated: int
    first: int = 30
    longest: int = 3_600

    def wait(self, failures: int) -> int:
        """Give the seconds to wait after so many failures in a row."""
        if failures < self.tolerated:
            return 0
        return min(self.first * 2 ** min(failures - self.tolerated, 30), self.longest)


#: One place trying one account, and one account tried from everywhere: the second is slow to lock, so that
#: nobody is kept out of their account by somebody else's few attempts.
FROM_ONE_PLACE = Patience(tolerated=5)
FROM_EVERYWHERE = Patience(tolerated=25, longest=900)


def network_of(address: str) -> str:
    """Give what stands for one visitor: an IPv4 address, or the /64 network that an IPv6 line is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def account_digest(login: str) -> str:
    """Give a key for an account as it was typed, that shows no name in the store."""
    return hashlib.sha256(login.strip().casefold().encode("utf-8", "replace")).hexdigest()[:32]
