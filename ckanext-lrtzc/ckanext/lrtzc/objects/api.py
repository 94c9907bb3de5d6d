"""The room's door: what other rooms may call.

Checking many datasets at once (harvests, imports): call `validate_dataset` for each. It runs the same scheming schema
as `package_create`, built once a process, without a user and without a query, and gives what CKAN's
`ckan.lib.dictization.model_save.package_dict_save` takes. It treats the data as coming from a trusted program: a
missing licence becomes `notspecified`, an empty description is accepted, automatic fields are kept. What needs the
database is left to the caller: that name and id are free, that the organisation exists.
"""

import json
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.navl.dictization_functions import unflatten
from ckan.logic.schema import default_create_package_schema

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.geometry import bounds, clean_geometry
from ckanext.lrtzc.objects.domain.indexing import index_document
from ckanext.lrtzc.objects.domain.kinds import KINDS, Kind, kind_of
from ckanext.lrtzc.objects.domain.licences import TERMS, Licence, find_licence, licences
from ckanext.lrtzc.objects.domain.publication import Status, status, step_of
from ckanext.lrtzc.objects.domain.slugs import free_slug
from ckanext.lrtzc.objects.domain.text import is_storable, scrub, slug
from ckanext.lrtzc.objects.domain.values import clean_communes, clean_date, clean_url, period_bounds
from ckanext.lrtzc.objects.domain.vocabulary import Term, Vocabulary, vocabularies
from ckanext.lrtzc.objects.forges import REVISION
from ckanext.lrtzc.objects.logic.automatic import AUTOMATIC_DATASET, AUTOMATIC_RESOURCE
from ckanext.lrtzc.objects.logic.shape import check_shape
from ckanext.lrtzc.objects.names import KindWords, choice_words, kind_words
from ckanext.lrtzc.objects.undoing import before_deletion
from ckanext.lrtzc.objects.visibility import seen_by, visible_in_sql

__all__ = [
    "AUTOMATIC_DATASET",
    "AUTOMATIC_RESOURCE",
    "REVISION",
    "TERMS",
    "TYPES",
    "BadValueError",
    "Kind",
    "KindWords",
    "Licence",
    "Status",
    "Term",
    "Vocabulary",
    "before_deletion",
    "bounds",
    "choice_words",
    "clean_communes",
    "clean_date",
    "clean_geometry",
    "clean_url",
    "find_licence",
    "free_slug",
    "index_document",
    "is_storable",
    "kind_of",
    "kind_words",
    "licences",
    "period_bounds",
    "scrub",
    "seen_by",
    "slug",
    "status",
    "step_of",
    "validate_dataset",
    "visible_in_sql",
    "vocabularies",
]

TYPES = tuple(KINDS)
"""The types of object, as CKAN's package types."""

DATABASE_BOUND = ("package_id_does_not_exist", "package_name_validator", "resource_id_does_not_exist")


@lru_cache(maxsize=8)
def _captured_schema(dataset_type: str) -> dict[str, Any]:
    """Build the schema of `package_create` as scheming does, without the validators that ask the database."""
    from ckanext.scheming import plugins as scheming
    from ckanext.scheming import validation

    create_validators: Any = vars(scheming)["_field_create_validators"]
    described = scheming.SchemingDatasetsPlugin.instance._expanded_schemas[dataset_type]
    schema = default_create_package_schema()
    unbound = {tk.get_validator(name) for name in DATABASE_BOUND}
    composite: list[str] = []
    for field in described["dataset_fields"]:
        name = field["field_name"]
        own = name not in schema
        if own and "repeating_subfields" in field:
            composite.append(name)
        schema[name] = create_validators(field, described, own)
    for field in described["resource_fields"]:
        schema["resources"][field["field_name"]] = create_validators(field, described, False)
    schema["owner_org"] = [tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")]
    schema["id"] = [tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")]
    schema["__after"] = [
        *validation.validators_from_string(described["after_validators"], None, described),
        _composites(tuple(composite)),
    ]
    parts: tuple[Any, ...] = (schema, schema["resources"])
    for part in parts:
        for key, validators in part.items():
            if isinstance(validators, list):
                part[key] = [validator for validator in validators if validator not in unbound]
    return schema


def _composites(names: tuple[str, ...]):
    """Give the last validator: sub-fields become one extra each, as JSON."""
    convert: Any = tk.get_converter("convert_to_extras")

    def convert_composites(key: Any, data: dict[Any, Any], errors: dict[Any, Any], context: Any) -> None:
        present = {field[0] for field in data} & set(names)
        if not present:
            return
        whole = unflatten({field: value for field, value in data.items() if field[0] in present})
        for name in present:
            data[(name,)] = json.dumps(whole[name], default=lambda item: None if item is tk.missing else item)
            convert((name,), data, errors, context)
            del data[(name,)]

    return convert_composites


def validate_dataset(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check a dataset that a program gives, once, by the schema of its type; nothing is asked or written.

    :param data: a dataset as `package_create` takes it; `type` is `dataset` unless given
    :returns: the converted dataset, with our fields among `extras`, and the errors by field (empty when it is valid)
    """
    data = {"type": "dataset", **data}
    if errors := check_shape(data):
        return data, errors
    return tk.navl_validate(data, _captured_schema(data["type"]), {"ignore_auth": True, "user": ""})


def reset() -> None:
    """Forget the schemas built so far; tests that load other plug-ins call it."""
    _captured_schema.cache_clear()
