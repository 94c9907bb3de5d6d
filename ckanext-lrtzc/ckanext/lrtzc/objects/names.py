"""What the kinds of object are called, and what their forms say of them, in the reader's language."""

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.kinds import Type


@dataclass(frozen=True, slots=True)
class KindWords:
    """The words for a kind of object: one of them, several, and the sentences of its pages and form."""

    one: str
    many: str
    icon: str
    publish: str
    new: str
    change: str
    begun: str
    title_help: str
    notes_help: str
    files_caption: str
    send: str
    more: str


def kind_words(type_: str) -> KindWords:
    """Give the words for a type of object; those of datasets for what is none."""
    match type_:
        case Type.ALGORITHM:
            return KindWords(
                one=tk._("Algorithm"),
                many=tk._("Algorithms"),
                icon="code",
                publish=tk._("Publish an algorithm"),
                new=tk._("New algorithm"),
                change=tk._("Change this algorithm"),
                begun=tk._("new algorithm"),
                title_help=tk._(
                    "What it does: “Priority of the streets to be planted”. The address of the page is made of it."
                ),
                notes_help=tk._("What it computes and what one can do with it."),
                files_caption=tk._("Scripts and links of this algorithm"),
                send=tk._("A script or an archive"),
                more=tk._("More about this algorithm"),
            )
        case Type.RESTITUTION:
            return KindWords(
                one=tk._("Restitution"),
                many=tk._("Restitutions"),
                icon="chart",
                publish=tk._("Publish a restitution"),
                new=tk._("New restitution"),
                change=tk._("Change this restitution"),
                begun=tk._("new restitution"),
                title_help=tk._(
                    "What it shows: “Shade in the streets in July”. The address of the page is made of it."
                ),
                notes_help=tk._("What it shows, how to read it, and what it doesn't say."),
                files_caption=tk._("Files and links of this restitution"),
                send=tk._("A file: table, picture, document, archive"),
                more=tk._("More about this restitution"),
            )
        case Type.USE_CASE:
            return KindWords(
                one=tk._("Use case"),
                many=tk._("Use cases"),
                icon="people",
                publish=tk._("Publish a use case"),
                new=tk._("New use case"),
                change=tk._("Change this use case"),
                begun=tk._("new use case"),
                title_help=tk._(
                    "What it is for: “Choose where to plant trees”. The address of the page is made of it."
                ),
                notes_help=tk._("How it works, who takes part, what came of it."),
                files_caption=tk._("Files and links of this use case"),
                send=tk._("A file: report, picture, document"),
                more=tk._("More about this use case"),
            )
        case _:
            return KindWords(
                one=tk._("Dataset"),
                many=tk._("Datasets"),
                icon="database",
                publish=tk._("Publish a dataset"),
                new=tk._("New dataset"),
                change=tk._("Change this dataset"),
                begun=tk._("new dataset"),
                title_help=tk._(
                    "What it is, where, and when if it matters: “Trees along the streets”. The address of the page is "
                    "made of it."
                ),
                notes_help=tk._(
                    "What the rows are, what one can learn from them, what they don't say. Write for somebody who has "
                    "never heard of them."
                ),
                files_caption=tk._("Files and links of this dataset"),
                send="",
                more=tk._("More about these data"),
            )


def choice_words(field: str) -> dict[str, str]:
    """Give the words for the values of a field that is chosen from a short list."""
    if field == "result_kind":
        return {
            "raw": tk._("Raw data"),
            "aggregated": tk._("Aggregated data"),
            "dashboard": tk._("Dashboard"),
            "map": tk._("Map"),
        }
    return {
        "idea": tk._("Idea"),
        "prototype": tk._("Trial"),
        "service": tk._("In service"),
        "ended": tk._("Ended"),
    }


def sheet_words() -> dict[str, str]:
    """Give the names of the fields of the sheet of purpose and transparency."""
    return {
        "purpose": tk._("Purpose"),
        "legal_ground": tk._("Legal ground"),
        "input_data": tk._("Data it works on"),
        "method": tk._("How it computes"),
        "effects": tk._("What its results lead to"),
        "recourse": tk._("Whom to ask, how to appeal"),
        "audience": tk._("For whom"),
        "maturity": tk._("Progress"),
    }
