"""The functions that profiles hold rights on, and how they widen CKAN's authorisation.

A function is a few auth functions under one name of the trade. What refuses a person is asked again of their
profiles; a profile never takes a right away, and none lets a stranger in.
"""

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from flask import g, has_request_context

from ckanext.lrtzc.accounts.model import functions_of
from ckanext.lrtzc.interfaces import Function, IFunctions

_KEPT = "lrtzc_accounts_functions"


def own() -> dict[str, Function]:
    """Give the functions of the core."""
    return {
        "accounts": Function(lambda: tk._("See the list of accounts"), ("user_list",)),
        "organizations": Function(lambda: tk._("Create organisations"), ("organization_create",)),
        "groups": Function(lambda: tk._("Create groups"), ("group_create",)),
        "traces": Function(lambda: tk._("Read all traces"), ("lrtzc_ledger_search",), "lrtzc_ledger"),
        "access_rules": Function(
            lambda: tk._("Watch over the rules of access"),
            ("lrtzc_access_faults", "lrtzc_access_faults_forget"),
            "lrtzc_access",
        ),
        "partners": Function(
            lambda: tk._("Look after partner portals"),
            tuple(
                f"partner_{verb}"
                for verb in (
                    *("list", "create", "show", "update", "delete"),
                    *("run", "run_list", "preview", "report_show"),
                )
            ),
            "lrtzc_partners",
        ),
    }


def known() -> dict[str, Function]:
    """Give all functions, by code: those of the core and of other extensions, where their plug-in is loaded."""
    found: dict[str, Function] = {}
    for plugin in p.PluginImplementations(IFunctions):
        found |= {
            code: each
            for code, each in plugin.get_functions().items()
            if not each.plugin or p.plugin_loaded(each.plugin)
        }
    return found


def auth_functions() -> Mapping[str, Callable[..., Any]]:
    """Give an auth function for each one that a function names, asked after the one that stands there."""
    by_name: dict[str, set[str]] = {}
    for code, each in known().items():
        for name in each.auths:
            by_name.setdefault(name, set()).add(code)
    return {name: _widened(frozenset(codes)) for name, codes in by_name.items()}


def _widened(codes: frozenset[str]) -> Callable[..., Any]:
    @tk.chained_auth_function
    @tk.auth_allow_anonymous_access
    def allowed(next_auth: Any, context: Any, data_dict: Any = None) -> Any:
        user = context.get("user")
        if not user and not getattr(next_auth, "auth_allow_anonymous_access", False):
            return {"success": False, "msg": tk._("Sign in first.")}
        answer = next_auth(context, data_dict)
        if answer["success"] or not user:
            return answer
        return {"success": True} if codes & _of(user) else answer

    return allowed


def _of(name: str) -> frozenset[str]:
    """Give a person's functions, read once a request."""
    kept: dict[str, frozenset[str]] = g.setdefault(_KEPT, {}) if has_request_context() else {}
    if name not in kept:
        kept[name] = functions_of(name)
    return kept[name]
