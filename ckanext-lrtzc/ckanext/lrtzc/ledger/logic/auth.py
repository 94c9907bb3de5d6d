"""Who may do what with the ledger: proofs are everybody's, details are the administrators' and those concerned."""

import ckan.plugins.toolkit as tk

__all__ = [
    "lrtzc_ledger_accesses",
    "lrtzc_ledger_cosign",
    "lrtzc_ledger_mine",
    "lrtzc_ledger_proof",
    "lrtzc_ledger_reuses",
    "lrtzc_ledger_search",
    "lrtzc_ledger_traces_update",
]


def lrtzc_ledger_search(context, data_dict):
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators read the whole ledger.")}


def lrtzc_ledger_traces_update(context, data_dict):
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators choose what is traced.")}


def lrtzc_ledger_mine(context, data_dict):
    """Whoever is signed in reads what was done to them and to what is theirs."""
    return {"success": True}


def lrtzc_ledger_accesses(context, data_dict):
    """Whoever is signed in reads who had access to what is theirs."""
    return {"success": True}


def lrtzc_ledger_reuses(context, data_dict):
    """Whoever is signed in reads how what is theirs is used."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_ledger_proof(context, data_dict):
    """Everybody: proofs hold hashes only."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_ledger_cosign(context, data_dict):
    """Everybody: a witness proves who it is by its signature."""
    return {"success": True}
