"""Words of reuses, in the language of the request."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.reuses.domain.kinds import Kind


def kind_words(kind: Kind) -> str:
    """Name a kind of reuse."""
    match kind:
        case Kind.APPLICATION:
            return tk._("Application")
        case Kind.SITE:
            return tk._("Website")
        case Kind.VISUALISATION:
            return tk._("Visualisation")
        case Kind.ARTICLE:
            return tk._("Article")
        case Kind.STUDY:
            return tk._("Study or publication")
        case Kind.SERVICE:
            return tk._("Service for programs")
        case Kind.TEACHING:
            return tk._("Teaching")
        case Kind.OBJECT:
            return tk._("Connected object")
        case Kind.OTHER:
            return tk._("Other reuse")
