"""Wiring of the room `lrtzc_transforming`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchesOnly, IBatchPreparing, Table
from ckanext.lrtzc.interfaces import IUndo

from . import preparing, undoing
from .geocoder import OPTION
from .logic import schema


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class TransformingPlugin(IBatchesOnly, IBatchPreparing, IUndo, p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def update_config_schema(self, known: dict[str, Any]) -> dict[str, Any]:
        """Check the geocoding service that administrators name on the page of settings."""
        return {**known, OPTION: [tk.get_validator("ignore_missing"), schema.service]}

    def get_preparation(self, resource_id: str) -> dict[str, Any] | None:
        """Give the steps of a file, and who declared them."""
        return preparing.declared(resource_id)

    def get_batches_only(self, package_id: str, resource_id: str) -> str:
        """Have rows that steps change come as batches."""
        steps = bool(resource_id) and preparing.declared(resource_id) is not None
        return tk._("Steps transform all that comes into this file.") if steps else ""

    def prepare_table(self, declared: dict[str, Any], table: Table, *, first: bool = False) -> Table:
        """Make a table what steps say."""
        return preparing.prepare(declared, table, first=first)

    def get_undos(self) -> Any:
        """Undo a change of steps."""
        return undoing.UNDOS
