#!/bin/sh
# Bring databases up to date before the portal starts. May be run again at any time.
set -eu
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD
ckan -c "$CKAN_INI" db upgrade
ckan -c "$CKAN_INI" datastore set-permissions |
    psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname datastore
psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname ckan \
    --set app=ckan --set sequencer=lrtzc_sequencer --file /app/ckanext-lrtzc/ckanext/lrtzc/ledger/schema.sql
