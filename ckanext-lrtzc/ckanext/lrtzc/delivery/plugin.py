"""Wiring of the room `lrtzc_delivery`."""

from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.delivery import cli, economy, generation, helpers, watch
from ckanext.lrtzc.delivery.app import wrap
from ckanext.lrtzc.delivery.logic import action


@tk.blanket.config_declarations
@tk.blanket.helpers(helpers)
class DeliveryPlugin(p.IMiddleware, p.IConfigurer, p.IConfigurable, p.IActions, p.IClick, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Leave it to `economy` to see whether connections to the database still stand."""
        config["sqlalchemy.pool_pre_ping"] = False

    def configure(self, config: Any) -> None:
        """Begin to see committed writes, and to spare repeated work."""
        watch.start()
        economy.ask_idle_connections_only(model.ensure_engine())
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
