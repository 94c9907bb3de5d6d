"""Validators of accounts; one of them stands in the place of CKAN's, so that the rule holds by page and by API."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import blocks, functions
from ckanext.lrtzc.accounts.domain import birth, names, passwords
from ckanext.lrtzc.accounts.domain.often import Often
from ckanext.lrtzc.accounts.domain.passwords import Fault
from ckanext.lrtzc.clock import local_now

TITLES = ("", "Mme", "M.", "Mx")
# Parts of the workspace.
GENERIC = "ckanext.lrtzc.accounts.generic_names"


def sentence(fault: Fault) -> str:
    """Say what is wrong with a password, and what to do."""
    return {
        Fault.SHORT: tk._("The password is too short: 8 characters at least."),
        Fault.SHORT_FOR_ADMINISTRATOR: tk._("An administrator's password has 12 characters at least."),
        Fault.LONG: tk._("The password is too long: 200 characters at most."),
        Fault.KINDS: tk._(
            "Mix three of these: small letters, capitals, figures, other signs. Or write a sentence of 20 characters."
        ),
        Fault.WEAK: tk._("The password is too easy to try out: make it longer."),
        Fault.GUESSABLE: tk._(
            "This password would be guessed: avoid names, dates, common words and rows of keys. Make it longer."
        ),
    }[fault]


def words_of(user: Any, *more: str) -> list[str]:
    """Give the words by which a person's password is guessed first."""
    own = [user.name, user.fullname, user.email] if user is not None else []
    return [word for word in (*own, *more, str(tk.config.get("ckan.site_title") or "")) if word]


def check_password(password: str, user: Any, *words: str, administrator: bool | None = None) -> None:
    """Refuse a password that may not be taken.

    :raises ckan.plugins.toolkit.ValidationError: with what is wrong, under `password`.
    """
    is_one = bool(user is not None and user.sysadmin) if administrator is None else administrator
    found = passwords.faults(password, words_of(user, *words), administrator=is_one)
    if found:
        raise tk.ValidationError({"password": [sentence(fault) for fault in found]})


def user_password_validator(key: Any, data: Any, errors: Any, context: Any) -> None:
    """Hold a password to the rule, in the place of CKAN's validator: whatever page or action sets it."""
    value = data.get(key)
    if value is tk.missing or value is None or value == "":
        return
    if not isinstance(value, str):
        errors[("password",)].append(tk._("Passwords must be strings"))
        return
    if context.get("ignore_auth"):
        # The portal's own code and commands: whoever signs in by what they set is held to the rule there.
        return
    # What the account is called now, and what this same call wants to call it.
    given = [data.get((field,)) for field in ("name", "fullname", "email")]
    user = context.get("user_obj")
    administrator = data.get(("sysadmin",)) in (True, "true", "True") or bool(user is not None and user.sysadmin)
    words = words_of(user, *(word for word in given if isinstance(word, str)))
    errors[("password",)].extend(sentence(each) for each in passwords.faults(value, words, administrator=administrator))


def lrtzc_accounts_person_name(value: str) -> str:
    """Take a person's name: any script, without signs that can't be seen."""
    name = names.clean(value)
    if not name or not any(sign.isalpha() for sign in name):
        raise tk.Invalid(tk._("Write a name."))
    if len(name) > names.LONGEST:
        raise tk.Invalid(tk._("A name has 100 characters at most."))
    return name


def lrtzc_accounts_user_name(value: str) -> str:
    """Take a user name: any signs that can be seen, no function's name."""
    name = names.clean(value)
    if not 2 <= len(name) <= names.LONGEST:
        raise tk.Invalid(tk._("A user name has 2 to 100 characters."))
    if names.is_generic(name, tk.aslist(tk.config[GENERIC])):
        raise tk.Invalid(tk._("An account is a person's: this name is a function's. Choose your own."))
    return name


def lrtzc_accounts_title(value: str) -> str:
    """Take one of the forms of address, or none."""
    if value not in TITLES:
        raise tk.Invalid(tk._("Choose one of the forms of address."))
    return value


def lrtzc_accounts_birth_date(value: str) -> str:
    """Take a day of birth of somebody old enough to sign up alone."""
    try:
        return birth.read(value, local_now().date()).isoformat()
    except ValueError as error:
        said = {
            "format": tk._("Write the day as year-month-day, for instance 1990-05-17."),
            "future": tk._("This day is to come."),
            "old": tk._("This day is too long ago."),
            "young": tk._("Under 15, a parent writes to us to create the account."),
        }
        raise tk.Invalid(said[str(error)]) from None


def lrtzc_accounts_address(value: str) -> str:
    """Take a person's e-mail address; one of a function is refused, whoever is known or not."""
    address = value.strip()
    if not names.is_address(address):
        raise tk.Invalid(tk._("This isn't an e-mail address. It reads like name@example.org, without accents."))
    if names.is_generic(address.rpartition("@")[0], tk.aslist(tk.config[GENERIC])):
        raise tk.Invalid(tk._("An account is a person's: give your own e-mail address, not that of a service."))
    return address


def lrtzc_accounts_whom(value: Any) -> str:
    """Take those of whom a second factor is asked, as a setting keeps them."""
    words = tk.aslist(value)
    if not words or (set(words) - {"administrators", "editors"} and words != ["nobody"]):
        raise tk.Invalid(tk._("Write administrators, editors, both, or nobody."))
    return " ".join(words)


def lrtzc_accounts_length(most: int) -> Any:
    """Take a text of at most so many characters."""

    def check(value: str) -> str:
        if len(value) > most:
            raise tk.Invalid(tk._("At most {count} characters.").format(count=most))
        return value

    return check


def lrtzc_accounts_language(value: str) -> str:
    """Take the code of a language of the portal, or nothing."""
    if value and value not in {str(locale) for locale in tk.h.get_available_locales()}:
        raise tk.Invalid(tk._("Choose one of the languages."))
    return value


def lrtzc_accounts_often(value: str) -> str:
    """Take how often a person is told of what they follow."""
    if value not in list(Often):
        raise tk.Invalid(tk._("Choose how often you want to be told."))
    return value


def lrtzc_accounts_parts(value: Any) -> list[str]:
    """Take names of blocks of the workspace, each once, in their order."""
    known = blocks.known()
    if not isinstance(value, list) or any(not isinstance(part, str) or part not in known for part in value):
        raise tk.Invalid(tk._("These parts aren't known."))
    return list(dict.fromkeys(value))


def lrtzc_accounts_choices(value: Any) -> dict[str, str]:
    """Take what becomes of each thing, by its identifier."""
    if not isinstance(value, dict) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        raise tk.Invalid(tk._("Give what becomes of each thing, by its identifier."))
    return value


def lrtzc_accounts_functions(value: Any) -> list[str]:
    """Take codes of functions that there are."""
    if not isinstance(value, list) or any(code not in functions.known() for code in value):
        raise tk.Invalid(tk._("One of these functions isn't known."))
    return sorted(set(value))
