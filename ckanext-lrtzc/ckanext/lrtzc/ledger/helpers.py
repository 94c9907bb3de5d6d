"""What the templates of the ledger ask for."""

from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from babel.dates import format_datetime
from markupsafe import Markup

from ckanext.lrtzc.clock import zone


def lrtzc_ledger_operation(operation: str) -> str:
    """Give an operation in words; its name where it has none."""
    return _words().get(operation) or operation


def lrtzc_ledger_moment(value: str | datetime) -> Markup:
    """Write a moment, to the minute and in the portal's zone, inside a `<time>`."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    form = "d MMM y 'à' HH:mm" if tk.h.lang().startswith("fr") else "d MMM y, HH:mm"
    text = format_datetime(moment, form, tzinfo=zone(), locale=tk.h.lang())
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text)


def lrtzc_ledger_day(value: str) -> str:
    """Write the day of a moment, in the portal's zone."""
    return format_datetime(datetime.fromisoformat(value), "d MMMM y", tzinfo=zone(), locale=tk.h.lang())


def lrtzc_ledger_part(details: dict[str, Any]) -> str:
    """Give in words which part of a thing an access was to; nothing where it isn't said."""
    match details.get("part"):
        case None | "":
            return ""
        case "whole":
            return tk._("All of it")
        case "part":
            return tk._("The part that is opened to them")
        case [*names]:
            return ", ".join(str(name) for name in names)
        case other:
            return str(other)


def lrtzc_ledger_kind(kind: str) -> str:
    """Give a kind of operations in words."""
    return {
        "dataset": tk._("Datasets created, changed, deleted"),
        "resource": tk._("Files added, changed, deleted"),
        "organization": tk._("Organisations"),
        "group": tk._("Groups"),
        "member": tk._("Rights of people in organisations and groups"),
        "user": tk._("Accounts created, changed, closed"),
        "account": tk._("Sign-ins, sign-outs and keys of programs"),
        "harvest": tk._("Harvests of partner portals"),
        "settings": tk._("Settings of the portal"),
        "download": tk._("Downloads and exports of open data"),
        "reuse": tk._("Other portals and programs that read our catalogue"),
        "query": tk._("Open data read row by row by programs"),
        "access": tk._("Access to what isn't open"),
        "agreement": tk._("Contracts"),
        "consent": tk._("Consents"),
        "right": tk._("Requests of rights on personal data"),
        "form": tk._("Forms made, changed, opened, closed"),
        "vote": tk._("Votes of moderators"),
        "transfer": tk._("Transfers of ownership"),
        "ledger": tk._("Uses of the ledger itself"),
    }.get(kind, kind)


def lrtzc_ledger_keep(months: int) -> str:
    """Give in words how long details are kept."""
    if not months:
        return tk._("Without end")
    if months % 12 == 0:
        return tk.ungettext("{n} year", "{n} years", months // 12).format(n=months // 12)
    return tk.ungettext("{n} month", "{n} months", months).format(n=months)


def _words() -> dict[str, str]:
    return {
        "access.read": tk._("Read it"),
        "access.download": tk._("Took it away"),
        "access.grant": tk._("Opened a part of it to somebody"),
        "access.withdraw": tk._("Took back what was opened"),
        "access.restrict": tk._("Closed it"),
        "access.open": tk._("Opened it again"),
        "dataset.create": tk._("Created a dataset"),
        "dataset.update": tk._("Changed a dataset"),
        "dataset.delete": tk._("Deleted a dataset"),
        "form.create": tk._("Made a form"),
        "form.update": tk._("Changed a form"),
        "form.open": tk._("Opened a form"),
        "form.close": tk._("Closed a form"),
        "form.delete": tk._("Deleted a form"),
        "form.answer_withdraw": tk._("Took an answer to a form back"),
        "resource.create": tk._("Added a file"),
        "resource.update": tk._("Changed a file"),
        "resource.delete": tk._("Deleted a file"),
        "resource.download": tk._("Downloaded a file"),
        "resource.integrate": tk._("Loaded the rows of a file"),
        "resource.dictionary": tk._("Described the columns of a file"),
        "resource.rows_create": tk._("Sent rows to a table"),
        "resource.rows_update": tk._("Changed rows of a table"),
        "resource.rows_delete": tk._("Took rows away from a table"),
        "organization.create": tk._("Created an organisation"),
        "organization.update": tk._("Changed an organisation"),
        "organization.delete": tk._("Deleted an organisation"),
        "group.create": tk._("Created a group"),
        "group.update": tk._("Changed a group"),
        "group.delete": tk._("Deleted a group"),
        "member.create": tk._("Put it in an organisation or a group"),
        "member.update": tk._("Changed a place in an organisation or a group"),
        "member.delete": tk._("Took it out of an organisation or a group"),
        "user.create": tk._("Created an account"),
        "user.update": tk._("Changed an account"),
        "user.delete": tk._("Closed an account"),
        "account.sign_in": tk._("Signed in"),
        "account.sign_out": tk._("Signed out"),
        "account.create": tk._("Made a key for programs"),
        "account.update": tk._("Used a key for programs"),
        "account.delete": tk._("Revoked a key for programs"),
        "account.identity_keep": tk._("Kept who stands behind an account"),
        "account.identity_restrict": tk._("Changed whether an identity may be used"),
        "account.identity_erase": tk._("Erased who stood behind an account"),
        "account.factor_add": tk._("Added a means of signing in"),
        "account.factor_use": tk._("Signed in by a code that serves once"),
        "account.factor_remove": tk._("Took away a means of signing in"),
        "account.factor_erase": tk._("Erased the means of signing in"),
        "settings.create": tk._("Changed a setting of the portal"),
        "settings.update": tk._("Changed a setting of the portal"),
        "settings.delete": tk._("Took a setting of the portal away"),
        "harvest.create": tk._("Declared a partner or asked for a harvest"),
        "harvest.update": tk._("Went on with a harvest"),
        "harvest.delete": tk._("Took a partner away"),
        "harvest.run": tk._("Harvested a partner"),
        "harvest.add": tk._("Harvested new datasets"),
        "harvest.change": tk._("Harvested changed datasets"),
        "harvest.withdraw": tk._("Hid datasets that a partner withdrew"),
        "harvest.purge": tk._("Erased datasets that a partner withdrew"),
        "reuse.catalogue": tk._("A program read the catalogue"),
        "vote.cast": tk._("Voted on what was proposed"),
        "vote.outcome": tk._("The votes decided"),
        "vote.board": tk._("Said who moderates"),
        "search.index": tk._("Had objects indexed again"),
        "search.synonyms": tk._("Changed synonyms of the search"),
        "search.undo": tk._("Undid a change of synonyms"),
        "reuse_page.propose": tk._("Proposed a reuse or a change of it"),
        "reuse_page.publish": tk._("A reuse was accepted"),
        "reuse_page.refuse": tk._("A reuse was not accepted"),
        "reuse_page.withdraw": tk._("Took a reuse away"),
        "subscription.create": tk._("Subscribed a program"),
        "subscription.pause": tk._("Paused a subscribed program"),
        "subscription.resume": tk._("Resumed a subscribed program"),
        "subscription.secret": tk._("Replaced the secret of a subscribed program"),
        "subscription.stop": tk._("Stopped telling a program that can't be reached"),
        "subscription.delete": tk._("Deleted a subscription of a program"),
        "reward.join": tk._("Began to count points"),
        "reward.rename": tk._("Changed a pseudonym"),
        "reward.leave": tk._("Counted points no more"),
        "reward.candidate": tk._("Offered themselves as a moderator, or no more"),
        "reward.challenge": tk._("Began a challenge"),
        "reward.challenge_end": tk._("Took a challenge away"),
        "reward.take_down": tk._("Took a pseudonym down"),
        "reward.allow": tk._("Allowed a pseudonym again"),
        "reward.undo": tk._("Undid the taking down of a pseudonym"),
        "reward.rules": tk._("Said what gives points"),
        "retention.declare": tk._("Declared how long data is kept"),
        "retention.warn": tk._("Warned that data will be destroyed"),
        "retention.hold": tk._("Kept by hand what a rule would destroy"),
        "retention.release": tk._("Released what was kept by hand"),
        "retention.remove": tk._("Removed a rule on how long data is kept"),
        "retention.destroy": tk._("Destroyed data whose time was over"),
        "need.propose": tk._("Proposed a need or a change of it"),
        "need.publish": tk._("A need was accepted"),
        "need.refuse": tk._("A need was not accepted"),
        "need.withdraw": tk._("Took a need away"),
        "need.support": tk._("Supported a need"),
        "need.support_no_more": tk._("Supported a need no more"),
        "need.comment": tk._("Commented on a need"),
        "need.comment_delete": tk._("Took a comment away"),
        "need.comment_report": tk._("Reported a comment"),
        "need.keep_comment": tk._("A reported comment was kept"),
        "need.remove_comment": tk._("A reported comment was taken away"),
        "need.answer": tk._("Answered a need"),
        "ledger.export": tk._("Exported the ledger"),
        "ledger.traces": tk._("Chose what leaves a trace"),
        "ledger.expire": tk._("Erased details whose time was over"),
        "ledger.cosign": tk._("A witness signed the ledger"),
    }
