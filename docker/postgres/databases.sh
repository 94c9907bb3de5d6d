#!/bin/sh
# Roles and databases, at the first start of an empty server. `make portal` makes the same ones.
set -eu
for role in ckan datastore_write datastore_read lrtzc_sequencer; do
    password=$(cat "/run/secrets/${role}_password")
    psql --quiet --set ON_ERROR_STOP=1 --set role="$role" --set password="$password" --username postgres <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
psql --quiet --set ON_ERROR_STOP=1 --username postgres <<'SQL'
CREATE DATABASE ckan OWNER ckan TEMPLATE template0;
CREATE DATABASE datastore OWNER datastore_write TEMPLATE template0;
SQL
psql --quiet --set ON_ERROR_STOP=1 --username postgres --dbname datastore <<'SQL'
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
