"""Validators of what people write: texts, their translations, lists, keywords."""

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.text import clean_text
from ckanext.lrtzc.objects.logic.validators.cleaning import Data, Errors, Key, clean, clean_each


def lrtzc_text(limit: int) -> Callable[[Any], str]:
    """Clean a text of at most `limit` characters."""
    return clean(lambda value: clean_text(value, limit))


def lrtzc_texts(limit: int) -> Callable[[Any], list[str]]:
    """Clean several texts of at most `limit` characters each."""
    return clean_each(lambda value: clean_text(value, limit))


def other_languages() -> list[str]:
    """Give the languages of the portal beside its own, as CKAN names them."""
    return [name for name in tk.config["ckan.locales_offered"] if name != tk.config["ckan.locale_default"]]


def lrtzc_translations(limit: int) -> Callable[[Key, Data, Errors, Any], None]:
    """Read translations of a text, by language: an object or its JSON; kept as JSON, empty ones are not kept."""
    cleaned = lrtzc_text(limit)

    def validator(key: Key, data: Data, errors: Errors, context: Any) -> None:
        value = data[key]
        if isinstance(value, str):
            try:
                value = json.loads(value) if value.strip() else {}
            except (ValueError, RecursionError):
                value = None
        if not isinstance(value, dict):
            errors[key].append(tk._("Translations by language are expected here."))
            raise tk.StopOnError
        unknown = [str(name) for name in value if name not in other_languages()]
        if unknown:
            sentence = tk._("The portal isn't offered in this language: {names}")
            errors[key].append(sentence.format(names=", ".join(unknown)[:100]))
            raise tk.StopOnError
        try:
            kept = {name: text for name, given in value.items() if (text := cleaned("" if given is None else given))}
        except tk.Invalid as error:
            errors[key].append(error.error)
            raise tk.StopOnError from None
        if not kept:
            data.pop(key)
            raise tk.StopOnError
        data[key] = json.dumps(kept, ensure_ascii=False, sort_keys=True)

    return validator


def lrtzc_list(limit: int) -> Callable[[Key, Data, Errors, Any], None]:
    """Read a list of texts: a list, its JSON, or one item a line; an empty list is not kept."""

    def validator(key: Key, data: Data, errors: Errors, context: Any) -> None:
        value = data[key]
        if isinstance(value, str):
            text = value.strip()
            try:
                value = json.loads(text) if text.startswith("[") else text.splitlines()
            except (ValueError, RecursionError):
                value = [text]
        if isinstance(value, tuple | set | frozenset):
            value = list(value)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            errors[key].append(tk._("A list of texts is expected here."))
            raise tk.StopOnError
        items = [item.strip() for item in value if item.strip()]
        if len(items) > limit:
            errors[key].append(
                tk._("There are {count} items; at most {limit} are kept.").format(count=len(items), limit=limit)
            )
            raise tk.StopOnError
        if not items:
            data.pop(key)
            raise tk.StopOnError
        data[key] = items

    return validator


_KEYWORD_FORBIDDEN = '"\\<>{}[]|^`*?~'


def tag_name_validator(value: Any, context: Any) -> str:
    """Read a keyword, in place of CKAN's rule, which refuses the apostrophes that French needs (qualité de l'air)."""
    if not isinstance(value, str):
        raise tk.Invalid(tk._("A text is expected here."))
    for character in value:
        if character in _KEYWORD_FORBIDDEN or not character.isprintable():
            raise tk.Invalid(
                tk._("The keyword “{value}” holds a character that can't be searched: {character}").format(
                    value=value[:80], character=character
                )
            )
    return value
