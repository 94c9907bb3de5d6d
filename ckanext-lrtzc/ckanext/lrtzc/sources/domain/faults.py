"""Why a source gave nothing, or less than it has: stable codes, sentences for a person, and whether to try soon again.

The sentences are message identifiers: the French stands in `sources/i18n/fr.po`. None of them carries a credential.
"""

from enum import StrEnum
from typing import Any

from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.translation import mark


class Code(StrEnum):
    """What went wrong, for programs and tests; faults of the network have the codes of the egress client."""

    ADDRESS = "source_address"
    NEEDED = "needed"
    LOGIN = "login"
    KEY = "private_key"
    HOST_KEY = "host_key"
    NEW_HOST_KEY = "new_host_key"
    FOLDER = "folder"
    WRITE = "write"
    GONE = "gone"
    CHANGED = "changed"
    SIZE = "size"
    SMALL = "small"
    LARGE = "large"
    CHECKSUM = "checksum"
    FORMAT = "format"
    PROTOCOL = "source_protocol"
    TOKEN = "token"  # noqa: S105
    NUMBER = "number"
    JSON = "json"
    PATH = "path"
    LOOP = "loop"
    ELSEWHERE = "elsewhere"
    MANY = "many"
    PAGE = "web_page"
    RIGHT = "right"
    REFUSED = "refused"
    SECRETS = "secrets"
    STOPPED = "stopped"
    INTERNAL = "internal"
    LATER = "later"
    TARGET = "target"
    TABLE = "table"
    COLUMN = "column"
    QUERY = "query"
    SENDERS = "senders"
    OPERATION = "operation"
    OBJECT = "object"
    TOPIC = "topic"


SENTENCES: dict[Code, str] = {
    Code.ADDRESS: mark("The address must look like %(example)s, without a name or a password in it."),
    Code.NEEDED: mark("Fill this in: the server asks for it."),
    Code.LOGIN: mark("%(host)s refused the name and the password, or the key."),
    Code.KEY: mark("The private key can't be read: it is another kind of file, or its passphrase is wrong."),
    Code.HOST_KEY: mark(
        "%(host)s shows another key than the one that was accepted: %(found)s. Ask its administrator whether it was"
        " replaced, then accept the new one in the settings."
    ),
    Code.NEW_HOST_KEY: mark("%(host)s shows the key %(found)s. Compare it with what its administrator says."),
    Code.FOLDER: mark("%(host)s has no folder %(name)s, or doesn't show it to this account."),
    Code.WRITE: mark("%(host)s doesn't let this account write %(name)s there."),
    Code.GONE: mark("%(host)s no longer has %(name)s."),
    Code.CHANGED: mark("%(name)s changed while it was read: it will be taken once it is whole."),
    Code.SIZE: mark("%(name)s was announced with %(told)s bytes and %(found)s came: it is not taken this time."),
    Code.SMALL: mark("%(name)s has %(found)s bytes, fewer than the %(least)s expected."),
    Code.LARGE: mark("%(name)s has more than the %(most)s bytes accepted."),
    Code.CHECKSUM: mark("%(name)s doesn't have the checksum that the source gives: it is not taken this time."),
    Code.FORMAT: mark("%(name)s is %(found)s, and %(expected)s is expected."),
    Code.PROTOCOL: mark("%(host)s does not answer as expected: %(said)s"),
    Code.TOKEN: mark("%(host)s gave no access token: %(said)s"),
    Code.NUMBER: mark("A whole number is expected."),
    Code.JSON: mark("%(host)s sent something that is not JSON (page %(page)s)."),
    Code.PATH: mark("The answer has no list of records at “%(path)s”."),
    Code.LOOP: mark("%(host)s sends the same page again and again: it doesn't understand how pages are asked for."),
    Code.ELSEWHERE: mark("%(host)s leads to its next page on another server, where the portal doesn't follow."),
    Code.MANY: mark("%(host)s has more than %(most)s pages or files: ask for less."),
    Code.PAGE: mark("%(name)s is a web page, not data: the address may ask to sign in."),
    Code.RIGHT: mark(
        "Whoever declared the source may no longer change this dataset. Somebody who may has to save its settings."
    ),
    Code.REFUSED: mark("The portal refused %(name)s: %(said)s"),
    Code.SECRETS: mark("The credentials can't be read any more: type them again in the settings."),
    Code.STOPPED: mark("The run stopped before its end: no sign of life for %(minutes)s minutes."),
    Code.INTERNAL: mark("Something failed on the portal's side (reference %(reference)s)."),
    Code.TARGET: mark("The file that this source feeds was deleted: choose another in the settings."),
    Code.LATER: mark("A run takes %(most)s files at most: %(number)s more wait for the next."),
    Code.TABLE: mark("The database has no table or view %(name)s, or doesn't show it to this account."),
    Code.COLUMN: mark("The table has no column %(name)s."),
    Code.QUERY: mark("The database refused to answer: %(said)s"),
    Code.OPERATION: mark("The service has no operation %(name)s."),
    Code.TOPIC: mark("The topic must be a name without + and #, which doesn't begin with $."),
    Code.OBJECT: mark("An object of JSON is expected: names and values between braces."),
    Code.SENDERS: mark(
        "Say whose files are taken: addresses with commas between, or @example.org for all of a domain."
    ),
}

_SOON = frozenset({Code.LATER, Code.CHANGED, Code.SIZE, Code.STOPPED, Code.INTERNAL, Code.CHECKSUM})
_SOON_OUTSIDE = frozenset(
    {OutCode.UNREACHABLE, OutCode.TIMEOUT, OutCode.TRUNCATED, OutCode.UNKNOWN_HOST, OutCode.PROTOCOL}
)


class Fault(Exception):
    """Something a source failed of.

    `code` is stable; `sentence` has gaps that `params` (texts and numbers) fill; `passing` says whether it may be over
    in minutes, without anybody's help; `field` is the setting that it is about, or nothing.
    """

    def __init__(self, code: Code, *, field: str = "", **params: Any) -> None:
        self.code: str = code.value
        self.field = field
        self.sentence = SENTENCES[code]
        self.passing = code in _SOON
        self.params: dict[str, Any] = {"host": "", "name": "", **params}
        super().__init__(self.sentence % self.params)


class OutFault(Fault):
    """What the way out refused or failed of, said as the egress client says it."""

    def __init__(self, error: EgressError) -> None:
        status = error.params.get("status")
        Exception.__init__(self, str(error))
        self.code = error.code.value
        self.field = "address"
        self.sentence = error.sentence
        self.params = dict(error.params)
        self.passing = error.code in _SOON_OUTSIDE or (isinstance(status, int) and (status >= 500 or status == 429))
