"""Wiring of the room `lrtzc_delivery`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.delivery import cli, economy, generation, helpers, watch
from ckanext.lrtzc.delivery.app import wrap
from ckanext.lrtzc.delivery.logic import action


@tk.blanket.config_declarations
@tk.blanket.helpers(helpers)
class DeliveryPlugin(p.IMiddleware, p.IConfigurable, p.IActions, p.IClick, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def configure(self, config: Any) -> None:
        """Begin to see committed writes, and to spare repeated work."""
        watch.start()
        economy.keep_solr_connections()

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Put delivery around the application. What an upgrade changed in the pages is shown from now on."""
        generation.renew()
        return wrap(app, config)

    def get_actions(self) -> dict[str, Any]:
        """Give the reading actions that are answered once a request."""
        return action.actions()

    def get_commands(self) -> list[Any]:
        """Give the commands."""
        return [cli.pages]
