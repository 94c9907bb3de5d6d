"""The application that the web server runs; `CKAN_INI` names its configuration file."""

import os

from ckan.authz import auth_functions_list
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

application = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())

# CKAN gathers them when one is first asked for, its own before those of plug-ins: a request in another thread would be
# decided without our rules meanwhile, or fail. Actions and validators are gathered by now; nobody asks yet.
auth_functions_list()
