#!/bin/sh
# Start PostgreSQL with its key. PostgreSQL takes a key only from itself or root, closed to others; a secret has the
# owner and mode of its file on the host, which is neither. So it gets a copy of its own, in memory, at each start.
set -eu
secrets=${LRTZC_SECRETS:-/run/secrets} own=${LRTZC_KEYS:-/run/keys}
install -m 600 "$secrets/postgresql_tls_key" "$own/postgresql_tls_key"
exec docker-entrypoint.sh "$@"
