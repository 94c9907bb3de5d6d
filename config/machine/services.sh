#!/usr/bin/env bash
# Start, stop and look at the services of one instance: PostgreSQL, Redis, Solr, and for the portal web and workers.
# Usage: services.sh start|start-stores|sample|stop|status|clean portal|test
. "$(dirname "$0")/common.sh"

folders() {
    local parent=$RUN
    while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
    if is_root; then
        install -d -m 755 "$(dirname "$RUN")"
        install -d -o "$SERVICE_USER" -g "$SERVICE_USER" -m 750 "$RUN"
        reachable "$RUN" || fail "The user $SERVICE_USER can't enter $RUN: a folder above it is closed (chmod o+x it, or set LRTZC_RUN to another folder)."
    else
        mkdir -p "$RUN" || fail "You have no right to write in $parent."
    fi
    as_service mkdir -p "$RUN/log" "$RUN/files/storage" "$RUN/files/webassets" "$RUN/partner" "$RUN/redis" "$RUN/solr/data"
    as_service mkdir -p -m 700 "$RUN/secrets" "$RUN/postgres" "$SOCKETS"
}

# A port that is taken is said before anything starts.
free_ports() {
    local port taken=''
    for port in "$PORT" "$POSTGRES_PORT" "$REDIS_PORT" "$SOLR_PORT" "$PARTNER_PORT"; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then taken="$taken $port"; fi
    done
    [ -z "$taken" ] || fail "Another program listens on port$taken. Stop it, or choose other ports: LRTZC_PORT=8000 make portal uses 8000 to 8004 (LRTZC_TEST_PORT for the tests)."
}

# A supervisor killed by force leaves its children behind: end them before starting anew.
orphans() {
    if [ -f "$RUN/postgres/postmaster.pid" ]; then
        step "PostgreSQL was left running or was cut off: stopping it first"
        as_service "$POSTGRES_BIN/pg_ctl" -D "$RUN/postgres" -m fast -w stop >/dev/null 2>&1 ||
            as_service rm -f "$RUN/postgres/postmaster.pid"
    fi
    pkill -u "$SERVICE_USER" -f "$RUN/" || return 0
    local end=$((SECONDS + 15))
    while pgrep -u "$SERVICE_USER" -f "$RUN/" >/dev/null && [ $SECONDS -lt $end ]; do sleep 0.2; done
}

# a sixteenth of the machine, in MB: changes by key touch every index, and write pages out where those don't fit
database_memory() {
    awk '/^MemTotal/ { mb = int($2 / 16384); print (mb < 128 ? 128 : mb > 1024 ? 1024 : mb) }' /proc/meminfo
}

# helpers that one question may call: others get the rest of the cores, and on a small machine each has one
database_helpers() {
    local quarter=$(($(nproc) / 4))
    echo $((quarter > 4 ? 4 : quarter))
}

# wal_level: no second database follows the journal of a portal of one machine, so tables made anew needn't be in it
postgres_cluster() {
    if [ ! -f "$RUN/postgres/PG_VERSION" ]; then
        say "Database cluster in $RUN/postgres"
        as_service "$POSTGRES_BIN/initdb" -D "$RUN/postgres" -U postgres -E UTF8 --locale=C.UTF-8 \
            --locale-provider=icu --icu-locale=fr-FR --auth-local=peer --auth-host=scram-sha-256 \
            --no-instructions --data-checksums >"$RUN/log/initdb.log" 2>&1 ||
            fail "The database cluster could not be made; see $RUN/log/initdb.log."
    fi
    as_service tee "$RUN/postgres/portal.conf" >/dev/null <<CONF
port = $POSTGRES_PORT
listen_addresses = '127.0.0.1'
unix_socket_directories = '$SOCKETS'
shared_buffers = $(database_memory)MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_parallel_workers_per_gather = $(database_helpers)
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = lz4
max_connections = 200
random_page_cost = 1.1
log_line_prefix = '%m [%p] %d '
CONF
    as_service grep -q "^include 'portal.conf'" "$RUN/postgres/postgresql.conf" ||
        echo "include 'portal.conf'" | as_service tee -a "$RUN/postgres/postgresql.conf" >/dev/null
    as_service tee "$RUN/postgres/pg_ident.conf" >/dev/null <<CONF
local_admin $SERVICE_USER postgres
local_admin root postgres
CONF
    as_service tee "$RUN/postgres/pg_hba.conf" >/dev/null <<CONF
local all postgres peer map=local_admin
host all all 127.0.0.1/32 scram-sha-256
CONF
}

solr_home() {
    local home=$RUN/solr/home core
    as_service mkdir -p "$home/configsets/ckan/conf"
    as_service cp "$ROOT/config/solr/solr.xml" "$home/solr.xml"
    as_service cp "$ROOT"/config/solr/conf/* "$home/configsets/ckan/conf/"
    as_service "$VENV/bin/python" "$ROOT/config/solr/schema.py" "$home/configsets/ckan/conf/schema.xml"
    for core in $SOLR_CORES; do
        as_service mkdir -p "$home/$core"
        printf 'name=%s\nconfigSet=ckan\n' "$core" | as_service tee "$home/$core/core.properties" >/dev/null
    done
}

supervisor_file() {
    PROGRAMS=$(cat "$ROOT/config/machine/supervisord.conf")
    PROGRAMS=${PROGRAMS//@RUN@/$RUN}
    PROGRAMS=${PROGRAMS//@ROOT@/$ROOT}
    PROGRAMS=${PROGRAMS//@VENV@/$VENV}
    PROGRAMS=${PROGRAMS//@TOOLS@/$TOOLS}
    PROGRAMS=${PROGRAMS//@SOCKETS@/$SOCKETS}
    PROGRAMS=${PROGRAMS//@PORT@/$PORT}
    PROGRAMS=${PROGRAMS//@REDIS_PORT@/$REDIS_PORT}
    PROGRAMS=${PROGRAMS//@SOLR_PORT@/$SOLR_PORT}
    PROGRAMS=${PROGRAMS//@PARTNER_PORT@/$PARTNER_PORT}
    PROGRAMS=${PROGRAMS//@POSTGRES_BIN@/$POSTGRES_BIN}
    printf '%s\n' "$PROGRAMS" | as_service tee "$RUN/supervisord.conf" >/dev/null
}

# Write one instance file; the arguments go to config/instance.py.
instance_file() {
    local target=$1
    shift
    as_service env LRTZC_SITE_URL="$SITE_URL" LRTZC_SITE_ID="lrtzc_$INSTANCE" LRTZC_POSTGRES="127.0.0.1:$POSTGRES_PORT" \
        LRTZC_REDIS_URL="redis://127.0.0.1:$REDIS_PORT/${REDIS_DB:-0}" LRTZC_SOLR_URL="http://127.0.0.1:$SOLR_PORT/solr/ckan" \
        LRTZC_FILES="${FILES:-$RUN/files}" LRTZC_TERRITORY="${LRTZC_TERRITORY:-}" LRTZC_SMTP="${LRTZC_SMTP:-}" \
        LRTZC_MAIL_FROM="${LRTZC_MAIL_FROM:-}" \
        LRTZC_PARTNER_URL="http://localhost:$PARTNER_PORT" LRTZC_PARTNER_FOLDER="$RUN/partner" \
        LRTZC_ALLOWED_HOSTS="${LRTZC_ALLOWED_HOSTS:-localhost:$PARTNER_PORT 127.0.0.1:$PARTNER_PORT}" \
        "$VENV/bin/python" "$ROOT/config/instance.py" --secrets "$RUN/secrets" --make-secrets "$@" "$target"
}

psql_admin() { as_service "$POSTGRES_BIN/psql" -h "$SOCKETS" -p "$POSTGRES_PORT" -U postgres -X -q -v ON_ERROR_STOP=1 "$@"; }

# Roles and databases; all of it may be run again.
databases() {
    local suffix=$1
    {
        local role secret
        for role in ckan datastore_write datastore_read lrtzc_sequencer lrtzc_personal; do
            secret=${role}_password
            printf "SELECT 'CREATE ROLE %s LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s')\\\\gexec\n" $role $role
            printf "ALTER ROLE %s PASSWORD '%s';\n" $role "$(as_service cat "$RUN/secrets/$secret")"
        done
        printf "SELECT 'CREATE DATABASE ckan%s OWNER ckan TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ckan%s')\\\\gexec\n" "$suffix" "$suffix"
        printf "SELECT 'CREATE DATABASE datastore%s OWNER datastore_write TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'datastore%s')\\\\gexec\n" "$suffix" "$suffix"
        printf "SELECT 'CREATE DATABASE personal%s OWNER lrtzc_personal TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'personal%s')\\\\gexec\n" "$suffix" "$suffix"
        printf "REVOKE ALL ON DATABASE personal%s FROM PUBLIC;\n" "$suffix"
    } | psql_admin -d postgres >/dev/null
    psql_admin -d "ckan$suffix" -v app=ckan -v sequencer=lrtzc_sequencer \
        -f "$ROOT/ckanext-lrtzc/ckanext/lrtzc/ledger/schema.sql" >/dev/null 2>"$RUN/log/ledger$suffix.log" ||
        fail "The ledger's tables could not be made; see $RUN/log/ledger$suffix.log."
    psql_admin -d "personal$suffix" -v role=lrtzc_personal \
        -f "$ROOT/ckanext-lrtzc/ckanext/lrtzc/personal/schema.sql" >/dev/null 2>"$RUN/log/personal$suffix.log" ||
        fail "The personal store's tables could not be made; see $RUN/log/personal$suffix.log."
    local outbox
    for outbox in "datastore datastore_write" "personal lrtzc_personal"; do
        psql_admin -d "${outbox% *}$suffix" -v "writer=${outbox#* }" -v sequencer=lrtzc_sequencer \
            -f "$ROOT/ckanext-lrtzc/ckanext/lrtzc/ledger/outbox.sql" >/dev/null 2>"$RUN/log/outbox$suffix.log" ||
            fail "The ledger's outbox in the database ${outbox% *}$suffix could not be made; see $RUN/log/outbox$suffix.log."
    done
    psql_admin -d "datastore$suffix" -c 'CREATE EXTENSION IF NOT EXISTS postgis' -c 'CREATE EXTENSION IF NOT EXISTS pg_trgm' 2>/dev/null
    psql_admin -d "datastore$suffix" -f "$ROOT/ckanext-lrtzc/ckanext/lrtzc/tabular/words.sql" >/dev/null 2>"$RUN/log/words$suffix.log" ||
        fail "The language in which rows are searched could not be made; see $RUN/log/words$suffix.log."
}

# The second portal of the tests, which harvests the first; the test that plays it empties it before.
partner_database() {
    printf "SELECT 'CREATE DATABASE ckan_partner OWNER ckan TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ckan_partner')\\\\gexec\n" |
        psql_admin -d postgres >/dev/null
}

# Tables and rights, again only when code or configuration changed.
migrations() {
    local ini=$1 suffix=$2 stamp
    stamp=$RUN/.migrated$suffix
    if [ -e "$stamp" ] && [ -z "$(find "$ROOT"/ckanext-*/ckanext/*/migration "$ROOT/uv.lock" "$ROOT/config/ckan.ini" -newer "$stamp" -print -quit)" ]; then
        return
    fi
    say "Tables of the database ckan$suffix"
    CKAN_INI=$ini ckan db upgrade >"$RUN/log/migrations$suffix.log" 2>&1 ||
        { tail -n 15 "$RUN/log/migrations$suffix.log" >&2; fail "The database could not be brought up to date; see $RUN/log/migrations$suffix.log."; }
    CKAN_INI=$ini ckan datastore set-permissions 2>/dev/null | psql_admin -d "datastore$suffix" >/dev/null 2>"$RUN/log/datastore-rights$suffix.log" ||
        { tail -n 5 "$RUN/log/datastore-rights$suffix.log" >&2; fail "The rights on the DataStore could not be set; see $RUN/log/datastore-rights$suffix.log."; }
    as_service touch "$stamp"
}

# Ready means that every core answers.
solr_ready() {
    local core
    for core in $SOLR_CORES; do
        curl -fs -o /dev/null "http://127.0.0.1:$SOLR_PORT/solr/$core/select?q=*:*&rows=0" || return 1
    done
}

# What was indexed by an older schema lacks what the new one reads: it is indexed again, once.
search_index() {
    local form known
    form=$(cat "$RUN"/solr/home/configsets/ckan/conf/* | cksum)
    known=$(cat "$RUN/.indexed" 2>/dev/null || true)
    if [ "$form" != "$known" ] && { [ -n "$known" ] || [ -e "$RUN/.sample" ] || [ -e "$RUN/.administrator" ]; }; then
        say "Search index, for its new form"
        ckan search-index rebuild -i >"$RUN/log/search-index.log" 2>&1 ||
            { tail -n 5 "$RUN/log/search-index.log" >&2; fail "The search index could not be made again; see $RUN/log/search-index.log."; }
    fi
    printf '%s\n' "$form" | as_service tee "$RUN/.indexed" >/dev/null
}

start_supervisor() {
    as_service "$VENV/bin/supervisord" -c "$RUN/supervisord.conf" || fail "The supervisor didn't start; see $RUN/log/supervisord.log."
    wait_for "The supervisor" 10 supervisor_runs
}

start_stores() {
    SOLR_CORES=ckan
    [ "$INSTANCE" = portal ] || SOLR_CORES="ckan ckan_test ckan_test2 ckan_partner"
    folders
    if ! supervisor_runs; then
        orphans
        free_ports
        postgres_cluster
        solr_home
        supervisor_file
        start_supervisor
    fi
    supervisorctl start stores:* >/dev/null 2>&1 || true
    wait_for "PostgreSQL" 30 as_service "$POSTGRES_BIN/pg_isready" -q -h "$SOCKETS" -p "$POSTGRES_PORT"
    instance_file "$RUN/ckan.ini"
    databases ""
    wait_for "Redis" 15 redis-cli -p "$REDIS_PORT" ping
    wait_for "Solr" 90 solr_ready
    migrations "$RUN/ckan.ini" ""
    search_index
    if [ "$INSTANCE" = test ]; then
        partner_database
        test_stores "" 1
        test_stores 2 2
    fi
}

# The stores of one of the processes that run the tests side by side: databases, Solr core, Redis database, files.
test_stores() {
    local number=$1 redis=$2
    local files=$RUN/files_test$number ini=$RUN/test$number.ini
    databases "_test$number"
    FILES=$files REDIS_DB=$redis instance_file "$ini" --suffix "_test$number" --testing
    # Tests run as whoever calls them.
    if is_root; then install -d -m 777 "$files"; else mkdir -p "$files"; fi
    migrations "$ini" "_test$number"
}

start_programs() {
    is_root && ! reachable "$VENV/bin/python" &&
        fail "The user $SERVICE_USER can't enter $ROOT: a folder above it is closed. Move the project to a folder that others may enter, or chmod o+x the closed one."
    # The supervisor's answer comes when each has run for a while; the portal answers sooner.
    [ "${LRTZC_SAMPLE:-yes}" = no ] || supervisorctl start partner >/dev/null 2>&1 &
    supervisorctl start web >/dev/null 2>&1 &
    wait_for "The portal" 120 curl -fs -o /dev/null "http://127.0.0.1:$PORT/"
    # Only now, so that visitors don't wait while seven workers start too.
    supervisorctl start workers:* >/dev/null 2>&1 &
}

# Sample content, the first time; the rest of a load that was cut off, after that.
sample_content() {
    [ ! -e "$RUN/.sample" ] || return 0
    say "Sample content"
    ckan lrtzc-sample load 2>"$RUN/log/sample.log" ||
        { tail -n 5 "$RUN/log/sample.log" >&2; fail "The sample content could not be loaded (see $RUN/log/sample.log); the portal runs all the same at $SITE_URL. Run this again to go on."; }
    as_service touch "$RUN/.sample"
}

stop() {
    if supervisor_runs; then
        supervisorctl shutdown >/dev/null
        local end=$((SECONDS + 40))
        while [ -S "$SOCKETS/supervisor.sock" ] && [ $SECONDS -lt $end ]; do sleep 0.2; done
    fi
    [ ! -d "$RUN" ] || orphans
}

case "${1:-}" in
start-stores)
    use_instance "$2"
    start_stores
    ;;
start)
    use_instance "$2"
    start_stores
    start_programs
    ;;
sample)
    use_instance "$2"
    sample_content
    ;;
stop)
    use_instance "$2"
    stop
    ;;
status)
    use_instance "$2"
    if supervisor_runs; then
        supervisorctl status || true
        echo "Address: $SITE_URL — logs: $RUN/log"
    else
        echo "The $INSTANCE instance isn't running (make portal starts it)."
    fi
    ;;
clean)
    use_instance "$2"
    stop
    as_service true 2>/dev/null || true
    rm -rf "$RUN"
    ;;
*) fail "Usage: services.sh start|start-stores|sample|stop|status|clean portal|test" ;;
esac
