"""Table Schema says what the rules say, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.quality.domain.rules import Failure, Kind, RuleError, rule_of
from ckanext.lrtzc.quality.domain.tableschema import export, listed_in, read

TYPES = {"code": "text", "n": "numeric", "day": "date", "mail": "text"}


def rule(kind, columns, **params):
    return rule_of({"kind": kind, "columns": columns, "params": params})


RULES = [
    rule("required", ["code"]),
    rule("unique", ["code"]),
    rule("pattern", ["code"], pattern="[A-Z]+"),
    rule("length", ["code"], minimum=2, maximum=5),
    rule("values", ["code"], values=["AB", "CD"]),
    rule("range", ["n"], minimum="0", maximum="10.5"),
    rule("range", ["day"], minimum="2024-01-01"),
    rule("format", ["mail"], format="email"),
    rule("unique", ["code", "day"]),
    rule("reference", ["code"], resource="there", column="code"),
]


@given(st.sets(st.sampled_from(range(len(RULES)))))
def test_what_is_exported_comes_back(chosen):
    rules = [RULES[place] for place in chosen]
    found = read(export(rules, TYPES))
    assert not found.left
    asked = [one for one in found.rules if one.kind is not Kind.TYPE]
    assert sorted(map(repr, asked)) == sorted(map(repr, rules))


def test_constraints_are_written_in_the_types_of_the_fields():
    fields = {field["name"]: field for field in export(RULES, TYPES)["fields"]}
    assert fields["n"] == {"name": "n", "type": "number", "constraints": {"minimum": 0, "maximum": 10.5}}
    assert fields["day"]["constraints"] == {"minimum": "2024-01-01"}
    assert fields["mail"]["format"] == "email"


def test_a_value_that_is_no_number_stays_text():
    rule = rule_of({"kind": "values", "columns": ["n"], "params": {"values": ["1", "NC", "nan", "2,5"]}})
    fields = {field["name"]: field for field in export([rule], TYPES)["fields"]}
    assert fields["n"]["constraints"] == {"enum": [1, "NC", "nan", 2.5]}


def test_what_has_no_rule_here_is_named():
    schema = {
        "fields": [
            {"name": "a", "type": "geopoint", "constraints": {"required": True, "pattern": "(?=x)", "jsonSchema": {}}},
            {"name": "b", "type": "integer", "constraints": {"minimum": 1}},
        ],
        "primaryKey": "b",
        "foreignKeys": [{"fields": ["a", "b"], "reference": {"resource": "", "fields": ["a", "b"]}}],
    }
    found = read({"resources": [{"schema": schema}]}, Failure.REFUSE_ROW)
    assert [(one.kind, one.columns) for one in found.rules] == [
        (Kind.REQUIRED, ("a",)),
        (Kind.TYPE, ("b",)),
        (Kind.RANGE, ("b",)),
        (Kind.UNIQUE, ("b",)),
        (Kind.REQUIRED, ("b",)),
    ]
    assert {one.failure for one in found.rules} == {Failure.REFUSE_ROW}
    assert found.left == ["a: type geopoint", "a: pattern", "a: jsonSchema", "foreignKeys"]


@pytest.mark.parametrize("odd", [None, [], "x", {}, {"fields": []}, {"fields": ["a"]}, {"fields": [{"name": 1}]}])
def test_what_is_no_schema_is_refused(odd):
    with pytest.raises(RuleError):
        read(odd)


NAMES = st.sampled_from(["name", "type", "constraints", "enum", "fields", "format", "minimum", "reference"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_any_schema_is_read_or_refused(value):
    keys = {"foreignKeys": value, "uniqueKeys": value, "primaryKey": value}
    for schema in (value, {"fields": [{"name": "a", "constraints": value}]}, {"fields": [{"name": "a"}], **keys}):
        try:
            read(schema)
        except RuleError:
            continue


def test_a_catalogue_is_read_as_far_as_it_makes_sense():
    catalogue = {
        "schemas": [
            {"name": "b/zones", "title": "Zones", "schema_url": "https://x.test/z.json", "schema_type": "tableschema"},
            {"name": "a/arbres", "schema_url": "https://x.test/a.json"},
            {"name": "c/api", "title": "Autre", "schema_url": "https://x.test/c.json", "schema_type": "jsonschema"},
            {"name": "d/sans", "title": "Sans adresse"},
            {"name": "e/fichier", "schema_url": "file:///etc/passwd"},
            {"name": 3},
            "texte",
        ]
    }
    assert [(each["name"], each["title"]) for each in listed_in(catalogue)] == [
        ("a/arbres", "a/arbres"),
        ("b/zones", "Zones"),
    ]
    assert listed_in([]) == listed_in({"schemas": "x"}) == listed_in(None) == []
