#!/bin/sh
# Fill in nginx's configuration from the settings and start it.
set -eu
: "${LRTZC_HOST:?the name that visitors type, such as data.example.org}"
export LRTZC_NGINX_STATE=/var/cache/nginx LRTZC_NGINX_CONF=/tmp/portal LRTZC_NGINX_LOG=/dev/stdout
export LRTZC_NGINX_WORKERS="${LRTZC_NGINX_WORKERS:-auto}" LRTZC_EDGE="${LRTZC_EDGE:-/var/lib/lrtzc/edge}"
export LRTZC_UPSTREAM="${LRTZC_UPSTREAM:-web:5000}" LRTZC_HTTP_PORT=8080 LRTZC_HTTPS_PORT=8443
export LRTZC_UPSTREAM_SCHEME="${LRTZC_UPSTREAM_SCHEME:-https}" LRTZC_UPSTREAM_NAME="${LRTZC_UPSTREAM_NAME:-web}"
export LRTZC_AUTHORITY=/run/secrets/tls_authority
export LRTZC_TLS_CERTIFICATE=/run/secrets/tls_certificate LRTZC_TLS_KEY=/run/secrets/tls_key
# nginx's own words begin with $ too: only ours are replaced.
ours=$(env | sed -n 's/^\(LRTZC_[A-Z_]*\)=.*/${\1}/p' | tr '\n' ' ')
mkdir -p "$LRTZC_NGINX_CONF"
for name in nginx.conf portal.conf; do
    envsubst "$ours" <"/etc/nginx/portal/$name.template" >"$LRTZC_NGINX_CONF/$name"
done
exec nginx -c "$LRTZC_NGINX_CONF/nginx.conf" -g 'daemon off;'
