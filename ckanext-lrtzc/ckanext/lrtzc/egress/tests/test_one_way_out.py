"""No package of ours calls the network by another way than the egress client."""

import re
from pathlib import Path

PACKAGES = Path(__file__).parents[2]
# Ask the portal's own Solr (whether it lives; what CKAN asks it), at the address of the settings: nothing goes out.
INNER = {"delivery/health.py", "delivery/economy.py"}
# Speak over sockets that the egress client opened for them, at the address that it checked.
SPEAKERS = {"sources/kinds/ftp.py", "sources/kinds/mailbox.py", "sources/kinds/sftp.py"}
CALLERS = re.compile(
    r"^\s*(?:import|from)\s+(requests|urllib3|httpx|aiohttp|urllib\.request|http\.client|ftplib|imaplib|paramiko|smtplib)\b"
    r"|\b(urlopen|requests\.(?:get|post|Session))\(",
    re.MULTILINE,
)


def test_outgoing_calls_are_made_by_the_egress_client_alone():
    guilty = {
        str(path.relative_to(PACKAGES))
        for path in PACKAGES.rglob("*.py")
        if CALLERS.search(path.read_text("utf-8"))
        and "tests" not in path.relative_to(PACKAGES).parts
        and path.relative_to(PACKAGES).parts[0] != "egress"
    }
    guilty -= INNER | SPEAKERS
    assert not guilty, "call the network through ckanext.lrtzc.egress.api: " + ", ".join(sorted(guilty))


def test_every_sentence_of_the_package_has_its_french():
    from ckanext.lrtzc.egress.domain.errors import SENTENCES

    catalogue = (PACKAGES / "egress" / "i18n" / "fr.po").read_text("utf-8")
    missing = [sentence for sentence in SENTENCES.values() if f'msgid "{sentence}"' not in catalogue]
    assert not missing
