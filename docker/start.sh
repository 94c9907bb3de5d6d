#!/bin/sh
# Start a process of the portal: write its configuration from the settings and the secret files, then run it.
# The same config/instance.py and config/ckan.ini serve `make portal`.
set -eu
export CKAN_INI=/run/lrtzc/ckan.ini
python /app/config/instance.py --secrets /run/secrets "$CKAN_INI"
exec "$@"
