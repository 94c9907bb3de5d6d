#!/bin/sh
# Start a process of the portal: write its configuration from the settings and the secret files, then run it.
# The same config/instance.py and config/ckan.ini serve `make portal`.
# Where things are may be said otherwise, as the tests do.
set -eu
app=${LRTZC_APP:-/app} state=${LRTZC_STATE:-/run/lrtzc}
export CKAN_INI="$state/ckan.ini"
if [ -n "${LRTZC_AUTHORITY:-}" ]; then
    # What speaks https by Python's or `requests`' own means trusts the usual authorities, and the tiers' for the
    # tiers' names: it can't vouch for others.
    [ -s "$LRTZC_AUTHORITY" ] || { echo "The tiers' authority is missing: make $LRTZC_AUTHORITY (docker/make-secrets.sh)" >&2; exit 1; }
    cat "$(python -c 'import certifi; print(certifi.where())')" "$LRTZC_AUTHORITY" >"$state/authorities.pem"
    export SSL_CERT_FILE="$state/authorities.pem" REQUESTS_CA_BUNDLE="$state/authorities.pem"
fi
python "$app/config/instance.py" --secrets "${LRTZC_SECRETS:-/run/secrets}" "$CKAN_INI"
exec "$@"
