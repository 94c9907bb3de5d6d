"""Wiring of the room `lrtzc_settings`. It is listed last: options that another room checks itself are left to it."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.settings import declared


@tk.blanket.helpers
class SettingsPlugin(p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def update_config_schema(self, known: dict[str, Any]) -> dict[str, Any]:
        """Let administrators change what rooms declare editable."""
        # CKAN asks for this each time it reads settings anew, and takes a configured “no” or 0 for none.
        declared.say_no_in_words(tk.config)
        ignore_missing = tk.get_validator("ignore_missing")
        checks = {each.key: [ignore_missing, declared.check(each.kind)] for each in declared.settings()}
        return {**checks, **known}
