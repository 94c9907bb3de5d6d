#!/bin/sh
# Bring databases up to date before the portal starts. May be run again at any time.
set -eu
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD PGSSLMODE=verify-full PGSSLROOTCERT="$LRTZC_AUTHORITY"
ckan -c "$CKAN_INI" db upgrade
ckan -c "$CKAN_INI" datastore set-permissions |
    psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname datastore
psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname datastore \
    --file /app/ckanext-lrtzc/ckanext/lrtzc/tabular/words.sql
psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname ckan \
    --set app=ckan --set sequencer=lrtzc_sequencer --file /app/ckanext-lrtzc/ckanext/lrtzc/ledger/schema.sql
# Made here, not with the other databases, so that a portal installed before it existed gets it too.
psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname postgres \
    --set role=lrtzc_personal --set password="$(cat /run/secrets/lrtzc_personal_password)" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SELECT format('CREATE DATABASE personal OWNER %I TEMPLATE template0', :'role')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'personal') \gexec
REVOKE ALL ON DATABASE personal FROM PUBLIC;
SQL
psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname personal \
    --set role=lrtzc_personal --file /app/ckanext-lrtzc/ckanext/lrtzc/personal/schema.sql
# The outboxes of the databases that aren't the ledger's, which the one sequencer drains.
for outbox in "datastore datastore_write" "personal lrtzc_personal"; do
    psql --quiet --set ON_ERROR_STOP=1 --host postgresql --username postgres --dbname "${outbox% *}" \
        --set writer="${outbox#* }" --set sequencer=lrtzc_sequencer \
        --file /app/ckanext-lrtzc/ckanext/lrtzc/ledger/outbox.sql
done
