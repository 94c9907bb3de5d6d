"""The second factor: what a person has, adding and taking away, and proving it at sign-in.

A challenge, or a secret that isn't confirmed yet, is handed to the browser signed, for a person and for minutes; one
that was used is noted in Redis, so that nothing is proved twice by the same answer.
"""

import base64
import datetime as dt
import hashlib
import json
import time
from typing import Any
from urllib.parse import urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk
import segno
import sqlalchemy as sa
import webauthn
from ckan.lib.redis import connect_to_redis
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from redis.exceptions import RedisError
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ckanext.lrtzc.accounts.domain import codes
from ckanext.lrtzc.personal.api import Factor, factors

COMPULSORY = "ckanext.lrtzc.accounts.second_factor"
GRACE = "ckanext.lrtzc.accounts.second_factor_grace_days"
MOST_PASSKEYS = 10
_MINUTES = 15


def of(user: model.User) -> list[Factor]:
    """Give what a person can prove themselves by, beside recovery codes."""
    return [each for each in factors.of(user.id) if each.kind != "recovery"]


def recovery_left(user: model.User) -> int:
    """Count the recovery codes that weren't used."""
    return sum(each.kind == "recovery" for each in factors.of(user.id))


def is_compulsory(user: model.User) -> bool:
    """Say whether this portal asks a second factor of a person: by what they may do, after some days."""
    asked = set(tk.aslist(tk.config[COMPULSORY]))
    age = (dt.datetime.now() - user.created).days if user.created else 0
    if age < tk.asint(tk.config[GRACE]):
        return False
    return (user.sysadmin and "administrators" in asked) or ("editors" in asked and _is_editor(user))


def tasks_of(user: model.User, *, poor_password: bool, has_factor: bool) -> list[str]:
    """Give what a person who signs in has to do first, as names of our pages."""
    tasks = ["password"] if poor_password else []
    return [*tasks, "security"] if not has_factor and is_compulsory(user) else tasks


def _is_editor(user: model.User) -> bool:
    found = sa.select(model.Member.id).where(
        model.Member.table_name == "user",
        model.Member.table_id == user.id,
        model.Member.state == "active",
        model.Member.capacity.in_(["admin", "editor"]),
    )
    return model.Session.scalar(found.limit(1)) is not None


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(tk.config["SECRET_KEY"]), salt=f"lrtzc second factor {purpose}")


def _hand_out(purpose: str, user: model.User, value: str) -> str:
    return str(_signer(purpose).dumps([user.id, value]))


def _taken_back(purpose: str, user: model.User, handed: str) -> str:
    """Give what was handed out to this person, once.

    :raises ValueError: where it is over, altered, somebody else's, or was used.
    """
    try:
        owner, value = _signer(purpose).loads(handed, max_age=_MINUTES * 60)
    except BadData as error:
        raise ValueError("over") from error
    if owner != user.id:
        raise ValueError("over")
    name = f"lrtzc:second-factor:{hashlib.sha256(handed.encode()).hexdigest()}"
    try:
        first = connect_to_redis().set(name, 1, nx=True, ex=_MINUTES * 60 + 5)
    except RedisError as error:
        raise ValueError("not noted") from error
    if not first:
        raise ValueError("over")
    return str(value)


# Generators of codes


def offer_generator(user: model.User) -> dict[str, Any]:
    """Give a new secret to scan: `secret` to type, `picture` (SVG), `handed` to send back."""
    secret = codes.new_secret()
    address = codes.address(secret, user.fullname or user.name, str(tk.config.get("ckan.site_title") or ""))
    picture = segno.make(address, error="m").svg_inline(scale=5, border=4, light="#ffffff", dark="#000000")
    # segno makes it of numbers only.
    return {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": Markup(picture),  # noqa: S704
        "handed": _hand_out("generator", user, secret),
    }


def add_generator(user: model.User, handed: str, code: str) -> bool:
    """Take a generator that shows the right code, in the place of an earlier one; say whether it did."""
    try:
        secret = _taken_back("generator", user, handed)
    except ValueError:
        return False
    step = codes.step_of(secret, code, time.time(), after=0)
    if step is None:
        return False
    factors.add(user.id, "codes", [secret], counter=step, only=True)
    return True


# Passkeys


def _site() -> tuple[str, str]:
    parts = urlsplit(str(tk.config["ckan.site_url"]))
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def _known(user: model.User) -> list[tuple[Factor, dict[str, str]]]:
    return [(each, json.loads(secret)) for each, secret in factors.secrets_of(user.id, "passkey")]


def _described(known: list[tuple[Factor, dict[str, str]]]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(kept["id"])) for _, kept in known]


def offer_passkey(user: model.User) -> dict[str, str]:
    """Give what a browser needs to make a passkey: `options` (JSON), `handed` to send back."""
    options = webauthn.generate_registration_options(
        rp_id=_site()[0],
        rp_name=str(tk.config.get("ckan.site_title") or ""),
        user_id=hashlib.sha256(user.id.encode()).digest(),
        user_name=user.name,
        user_display_name=user.fullname or user.name,
        exclude_credentials=_described(_known(user)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return {
        "options": webauthn.options_to_json(options),
        "handed": _hand_out("new passkey", user, _text(options.challenge)),
    }


def add_passkey(user: model.User, handed: str, credential: str, title: str) -> bool:
    """Take a passkey that answers the challenge; say whether it did."""
    host, origin = _site()
    if len(_known(user)) >= MOST_PASSKEYS:
        return False
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_bytes(_taken_back("new passkey", user, handed)),
            expected_rp_id=host,
            expected_origin=origin,
        )
    except (ValueError, KeyError, TypeError, WebAuthnException):
        return False
    kept = {"id": _text(made.credential_id), "key": _text(made.credential_public_key)}
    factors.add(user.id, "passkey", [json.dumps(kept)], title=title[:60], counter=made.sign_count, only=False)
    return True


def challenge(user: model.User) -> dict[str, str] | None:
    """Give what a browser needs to prove a passkey, or None where the person has none."""
    known = _known(user)
    if not known:
        return None
    options = webauthn.generate_authentication_options(rp_id=_site()[0], allow_credentials=_described(known))
    return {
        "options": webauthn.options_to_json(options),
        "handed": _hand_out("passkey", user, _text(options.challenge)),
    }


def proves_by_passkey(user: model.User, handed: str, credential: str) -> bool:
    """Say whether an answer to a challenge proves one of the person's passkeys."""
    host, origin = _site()
    try:
        expected = _bytes(_taken_back("passkey", user, handed))
        given = json.loads(credential)["id"]
        each, kept = next((each, kept) for each, kept in _known(user) if kept["id"].rstrip("=") == given)
        proved = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=_bytes(kept["key"]),
            credential_current_sign_count=each.counter,
        )
    except (ValueError, KeyError, TypeError, StopIteration, WebAuthnException):
        return False
    if proved.new_sign_count:
        return factors.advance(each.id, proved.new_sign_count)
    return True


# Codes at sign-in


def proves_by_code(user: model.User, code: str) -> bool:
    """Say whether a code of the generator, or a recovery code, is right; each is taken once."""
    for each, secret in factors.secrets_of(user.id, "codes"):
        step = codes.step_of(secret, code, time.time(), after=each.counter)
        if step is not None:
            # Of two who send the same code at once, one is let in.
            return factors.advance(each.id, step)
    digest = codes.recovery_digest(code)
    for each, kept in factors.secrets_of(user.id, "recovery"):
        if kept == digest and factors.remove(user.id, each.id, used=True):
            return True
    return False


def new_recovery_codes(user: model.User) -> list[str]:
    """Make recovery codes in the place of earlier ones; they are shown this once."""
    made = codes.new_recovery_codes()
    factors.add(user.id, "recovery", [codes.recovery_digest(code) for code in made], only=True)
    return made


def remove(user: model.User, factor_id: str) -> bool:
    """Take away one of a person's means, and the recovery codes with the last one; say whether there was one."""
    if not factors.remove(user.id, factor_id):
        return False
    if not of(user):
        factors.erase(user.id, "recovery")
    return True


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
