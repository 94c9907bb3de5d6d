"""What extensions of the suite may implement. Nothing else of the core is theirs to import, but `api.py` of a room."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ckan.plugins.interfaces import Interface

from ckanext.lrtzc.access.domain.decision import Person, Question, Verdict

__all__ = [
    "AccessRule",
    "Block",
    "Chain",
    "Deed",
    "Function",
    "IAccessRule",
    "IFeedHub",
    "IFunctions",
    "IHelp",
    "ILicenceTerms",
    "IModerated",
    "IOrchestrated",
    "IPersonalData",
    "IRewarded",
    "IUndo",
    "IWorkspace",
    "LicenceUse",
    "Moderated",
    "PersonalHolding",
    "Stand",
    "Subject",
    "SubjectPart",
    "Undo",
    "Waiting",
    "Work",
]

AccessRule = Callable[[Question], Verdict]
"""A rule of access: answers a question by `permit(…)`, `part(…)` or `deny(…)` of `ckanext.lrtzc.access.api`."""


class IAccessRule(Interface):
    """Take part in the access decision.

    All rules are asked at each question, in the order of the plug-ins, and the most restrictive wins; see
    docs/access-rules.md.
    """

    def get_access_rules(self) -> Mapping[str, AccessRule]:
        """Give rules by name, for instance `{"licensing_agreement": judge}`.

        A rule is quick (a few tenths of a millisecond: one statement that goes by an index) and has no effect. A rule
        that raises refuses the access, and administrators are told.
        """
        return {}


@dataclass(frozen=True)
class Function:
    """Something that people do on the portal, on which a profile may hold a right.

    `title` gives its name in the language of the request; `auths` are the names of CKAN's auth functions that stand for
    it; `plugin` is the plug-in it belongs to, where that may be switched off.
    """

    title: Callable[[], str]
    auths: tuple[str, ...]
    plugin: str = ""


class IFeedHub(Interface):
    """Say where programs ask to be sent an object's feed as it changes (WebSub), so that the feed declares it."""

    def get_feed_hubs(self, package: Any) -> Collection[str]:
        """Give the addresses of hubs for the feed of an object that everybody sees; `package` is CKAN's row of it."""
        return ()


class IFunctions(Interface):
    """Say which functions an extension has, so that administrators may give rights on them by profiles."""

    def get_functions(self) -> Mapping[str, Function]:
        """Give functions by a code that stays, for instance `{"partners": Function(…)}`."""
        return {}


class IHelp(Interface):
    """Give help on an extension's own pages."""

    def get_help_folder(self) -> Path:
        """Give a folder of topics, made as the core's `help/topics`: `topics.yaml`, and a text a topic and language."""
        raise NotImplementedError


@dataclass(frozen=True)
class Undo:
    """How one kind of operation is undone; what was done is told by a few texts and lists, as `offer` was given them.

    `state` gives what the operation left behind, as text: it is undone only while that is still the same, so once it
    is undone it must differ. `apply` undoes it by actions, which ask the rights again; it takes CKAN's context. `page`
    gives the address where one sees that it is undone.
    """

    state: Callable[[Mapping[str, Any]], str]
    apply: Callable[[Any, Mapping[str, Any]], None]
    page: Callable[[Mapping[str, Any]], str]


class IUndo(Interface):
    """Say how operations are undone, so that the message that confirms one offers it (`undo.api.offer`)."""

    def get_undos(self) -> Mapping[str, Undo]:
        """Give them by the operation's name, `kind.verb`, for instance `{"link.delete": Undo(…)}`."""
        return {}


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person: in their words, and the address of the page where it is done."""

    text: str
    url: str


@dataclass(frozen=True)
class Block:
    """A part of a person's workspace, which they show, hide and put in order.

    `title` gives its name in the language of the request. `read` takes the person (a row of CKAN's table) and gives
    what the template shows as `shown`, by a number of statements that doesn't depend on how much there is; None where
    this block isn't for that person.
    """

    title: Callable[[], str]
    template: str
    read: Callable[[Any], Any]


class IWorkspace(Interface):
    """Take part in a person's workspace and in the top of their home page."""

    def get_waiting(self, user: Any) -> Collection[Waiting]:
        """Say what waits for a person, by a constant number of statements; what is many of a kind is one entry."""
        return ()

    def get_blocks(self) -> Mapping[str, Block]:
        """Give blocks by a name that stays, for instance `{"reuses": Block(…)}`."""
        return {}


class PersonalHolding(ABC):
    """Personal data that an extension holds, and how a person's rights over it are exercised (GDPR, chapter III).

    Each verb takes the identifier of an account, touches that person's data only, and may be repeated.
    """

    columns: Mapping[str, Collection[str]]
    """Where it stands: table (with its schema where it isn't `public`), columns."""

    @abstractmethod
    def find(self, account_id: str) -> int:
        """Count the records held about a person."""

    @abstractmethod
    def export(self, account_id: str) -> dict[str, Any]:
        """Give all of it, ready for JSON (articles 15 and 20); empty where there is none."""

    @abstractmethod
    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Change fields, named as in `export` (article 16).

        :raises ValueError: where a field isn't known or a value can't be kept; nothing is changed then.
        """

    @abstractmethod
    def erase(self, account_id: str) -> int:
        """Erase it for good (article 17); give how many records were erased."""

    @abstractmethod
    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Store without using (article 18), or use again; give whether there was something to mark."""


class IPersonalData(Interface):
    """Declare the personal data an extension holds, so that a right is exercised over the whole platform at once."""

    def get_personal_data(self) -> Mapping[str, PersonalHolding]:
        """Give holdings by name, for instance `{"identity": IdentityHolding()}`."""
        return {}


@dataclass(frozen=True)
class SubjectPart:
    """A part of what moderators judge, as label and text.

    `before`: what is shown of it today, None where it is new; `url`: where the text leads, or nothing.
    """

    label: str
    text: str
    url: str = ""
    before: str | None = None


@dataclass(frozen=True)
class Subject:
    """What moderators judge, in words: its title, its page, its parts, the address of a picture.

    `judged_at`: the page where it is judged, where the console doesn't show enough of it.
    """

    title: str
    url: str
    parts: tuple[SubjectPart, ...] = ()
    picture: str = ""
    judged_at: str = ""


@dataclass(frozen=True)
class Sender:
    """Who sent what is judged, where its page isn't theirs: the end of the page that is, and an address to write to.

    `address` is empty where the sender is an account, which has its own, or nobody who can be written to.
    """

    page: str
    address: str = ""


class Moderated(ABC):
    """A kind of thing on which moderators decide; see `ckanext.lrtzc.moderation.api`."""

    @abstractmethod
    def title(self) -> str:
        """Name the kind, many of them, in the language of the request."""

    @abstractmethod
    def describe(self, subject_ids: Collection[str], context: Any) -> Mapping[str, Subject]:
        """Say what there is to judge, by identifier, in a number of statements that doesn't depend on theirs.

        :param context: CKAN's context of the moderator, whose right to see other objects holds
        """

    @abstractmethod
    def decided(self, subject_id: str, accepted: bool, reasons: str) -> None:
        """Do what the outcome says, in the transaction of the vote that decided; commit nothing.

        :param reasons: of those who rejected; empty where it is accepted
        """

    def settled(self, subject_id: str, accepted: bool) -> None:  # noqa: B027
        """Go on, once the outcome is committed; what must not be lost is done by a later look too."""

    def places(self) -> Any:
        """Select in SQL which objects of the catalogue its things are for: `subject_id`, `package_id`; None: none."""
        return None

    def taken_at(self) -> Mapping[str, str]:
        """Give the addresses that give all that waits for whoever asks in one archive, by the name of its form."""
        return {}

    def concerned(self, subject_id: str) -> Collection[str]:
        """Give the accounts, by identifier, that are told of the outcome besides the author's."""
        return ()

    def sender(self, subject_id: str) -> Sender | None:
        """Say where the author is reached who has no account, or follows it on another page than the subject's."""
        return None

    def outcome(self, subject: Subject, accepted: bool, *, author: bool) -> tuple[str, str] | None:
        """Say what was decided, in a letter: its subject and a sentence; what was rejected is followed by the reasons.

        :param author: whether the author reads it, or another one who is concerned
        :returns: nothing where it is said as of what is proposed: accepted and shown, or not accepted
        """
        return None


class IModerated(Interface):
    """Say which things of an extension moderators decide on."""

    def get_moderated(self) -> Mapping[str, Moderated]:
        """Give kinds by a name that stays, for instance `{"reuse": ReuseKind()}`."""
        return {}


class Stand(StrEnum):
    """Where a piece of the portal's own work stands; `person`: it goes on once somebody decided."""

    PERSON = "person"
    NOW = "now"
    NEXT = "next"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True)
class Work:
    """A piece of work that goes by itself: what it is about, what is said of it, and the address of its page.

    `moment`: when it ran or began, or is to run; aware.
    """

    title: str
    said: str
    stand: Stand
    moment: datetime
    url: str


@dataclass(frozen=True)
class Chain:
    """A kind of work: its title in the language of the request, and what reads it.

    `read` takes how many pieces of each `Stand` are wanted at most: those to come by their time, the others with the
    latest first. It makes a number of statements that doesn't depend on how much there is.
    """

    title: Callable[[], str]
    read: Callable[[int], Collection[Work]]


class IOrchestrated(Interface):
    """Show administrators what an extension does by itself: what ran, what will run, what waits for a person."""

    def get_chains(self) -> Mapping[str, Chain]:
        """Give kinds of work by a name that stays, for instance `{"batches": Chain(…)}`."""
        return {}


@dataclass(frozen=True)
class Deed:
    """Something that people do for others, and that points thank them for.

    `title` names it in the language of the request; `points` and `daily` are what it gives, and what it gives at most
    in a day, until administrators say otherwise. `standing` takes a selection of accounts in SQL (one column), and
    gives a selection of what they did that stands now, each once: `account_id`, `subject_id` (which, among the deeds of
    that account), `package_id` (the object it concerns), `moment` (since when, aware). What is withdrawn, rejected or
    deleted isn't in it any more, and its points go.
    """

    title: Callable[[], str]
    points: int
    daily: int
    standing: Callable[[Any], Any]


class IRewarded(Interface):
    """Say which deeds of people an extension knows of."""

    def get_deeds(self) -> Mapping[str, Deed]:
        """Give deeds by a name that stays, for instance `{"reused": Deed(…)}`."""
        return {}


class LicenceUse(StrEnum):
    """What a person wants to make of an object, and its licence may forbid."""

    DUPLICATE = "duplicate"
    DERIVE = "derive"
    EXPORT = "export"
    CHANGE = "change"


class ILicenceTerms(Interface):
    """Say what the terms on an object let a person make of it.

    Without an implementer, the terms of the portal's list of licences serve: what may be changed may be duplicated and
    derived from, and an object's owner is bound by no licence of theirs.
    """

    def judge_licence(self, person: Person, use: LicenceUse, dataset: Mapping[str, Any]) -> Verdict | None:
        """Judge by `permit()` or `deny(Reason(…))`; None leaves it to the others.

        :param dataset: the object as `package_show` gives it to that person
        """
        return None
