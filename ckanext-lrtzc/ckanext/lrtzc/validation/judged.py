"""Batches as moderators judge them, and what is done at the outcome."""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask_babel import format_decimal

from ckanext.lrtzc.batches.api import asked_about, go_on, keep_out, let_in, packages_of_batches, sender_of
from ckanext.lrtzc.interfaces import Moderated, Sender, Subject, SubjectPart


class BatchKind(Moderated):
    """What comes into datasets."""

    def title(self) -> str:
        """Name the kind."""
        return tk._("Data received")

    def describe(self, subject_ids: Collection[str], context: Any) -> Mapping[str, Subject]:
        """Say what came for which dataset; its rows are on the page where it is judged."""
        return {batch_id: subject_of(batch) for batch_id, batch in asked_about(subject_ids).items()}

    def decided(self, subject_id: str, accepted: bool, reasons: str) -> None:
        """Let it in, or keep it out."""
        if accepted:
            let_in(subject_id)
        else:
            keep_out(subject_id, reasons)

    def settled(self, subject_id: str, accepted: bool) -> None:
        """Have what was accepted loaded."""
        if accepted:
            go_on(subject_id)

    def places(self) -> Any:
        """Say which datasets batches are for."""
        return packages_of_batches()

    def taken_at(self) -> dict[str, str]:
        """Give where all that waits is taken away in one archive, by the form of its tables."""
        forms = {"CSV": "csv", "XLSX": "xlsx", "GeoJSON": "geojson"}
        return {name: tk.h.url_for("lrtzc_validation.consolidated", format=code) for name, code in forms.items()}

    def sender(self, subject_id: str) -> Sender | None:
        """Ask its way in, which may take what comes of people without an account."""
        return sender_of(subject_id)

    def outcome(self, subject: Subject, accepted: bool, *, author: bool) -> tuple[str, str]:
        """Say what was decided of a file."""
        if accepted:
            title, said = (
                tk._("Accepted: {title}"),
                tk._("“{title}” was accepted by the moderators and is being published."),
            )
        else:
            title = tk._("Not accepted: {title}")
            said = tk._("“{title}” was not accepted by the moderators, for this reason:")
        return title.format(title=subject.title), said.format(title=subject.title)


def subject_of(batch: Mapping[str, Any]) -> Subject:
    """Say a batch in words."""
    dataset = batch["dataset"]
    parts = [SubjectPart(tk._("For the dataset"), dataset["title"]), SubjectPart(tk._("What came"), size_words(batch))]
    if changes := change_words(batch["difference"]):
        parts.append(SubjectPart(tk._("What would change"), changes))
    page = tk.h.url_for("lrtzc_batches.read", id=dataset["name"], batch_id=batch["id"])
    judged_at = tk.h.url_for("lrtzc_validation.judge", batch_id=batch["id"])
    title = tk._("{file} – {dataset}").format(file=batch["name"], dataset=dataset["title"])
    return Subject(title, page, tuple(parts), judged_at=judged_at)


def figure(count: int) -> str:
    """Write a count by the habits of the language, in letters too, which no request asks for."""
    return format_decimal(count)


def size_words(batch: Mapping[str, Any]) -> str:
    """Say how much came."""
    if batch["files"]:
        return tk.ungettext("{n} file", "{n} files", batch["files"]).format(n=figure(batch["files"]))
    read, refused = batch["rows_read"] or batch["rows"] or 0, batch["rows_refused"] or 0
    said = tk.ungettext("{n} row", "{n} rows", read).format(n=figure(read))
    if not refused:
        return said
    return tk._("{rows}, of which {refused} can't be taken").format(rows=said, refused=figure(refused))


def change_words(difference: Mapping[str, Any] | None) -> str:
    """Say what a batch would change of the rows there are; nothing where that isn't known."""
    if not difference:
        return ""
    parts = []
    added, changed, removed, same = (difference[name] for name in ("added", "changed", "removed", "same"))
    for number, words in (
        (added, tk.ungettext("{n} added", "{n} added", added or 0)),
        (changed, tk.ungettext("{n} changed", "{n} changed", changed or 0)),
        (removed, tk.ungettext("{n} removed", "{n} removed", removed or 0)),
        (same, tk.ungettext("{n} as before", "{n} as before", same or 0)),
    ):
        if number is not None:
            parts.append(words.format(n=figure(number)))
    return ", ".join(parts)
