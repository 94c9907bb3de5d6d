# Settings, paths and words that the scripts of this folder share. Sourced, never run.
# Each setting may be given in the environment or in local.env at the root of the project.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LANG=C.UTF-8 LC_ALL=C.UTF-8

if [ -f "$ROOT/local.env" ]; then
    # What the environment says wins over the file.
    while IFS='=' read -r name value; do
        case "$name" in '' | \#*) continue ;; esac
        [ -n "${!name:-}" ] || export "$name=$value"
    done <"$ROOT/local.env"
fi

LRTZC_PORT=${LRTZC_PORT:-5000}
LRTZC_TEST_PORT=${LRTZC_TEST_PORT:-5050}
PYTHON=/usr/bin/python3.11
TOOLS=$ROOT/.tools
VENV=$ROOT/.venv
UV_VERSION=0.13.9
POSTGRES_BIN=/usr/lib/postgresql/15/bin

say() { printf '\033[1m%s\033[0m\n' "$*"; }
step() { printf '  %s\n' "$*"; }
fail() {
    printf '\n\033[1mStopped:\033[0m %s\n' "$*" >&2
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

as_root() {
    if is_root; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "“$*” needs administrator's rights: run as root, or install sudo."
    fi
}

# Databases and web never run as root: as root, they run as the system user `lrtzc`; otherwise as you.
if is_root; then SERVICE_USER=lrtzc; else SERVICE_USER=$(id -un); fi

as_service() {
    if is_root; then
        setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --init-groups --no-new-privs \
            env HOME="$RUN" PYTHONDONTWRITEBYTECODE=1 "$@"
    else
        "$@"
    fi
}

# Choose the instance (portal or test): its folder, ports and address.
use_instance() {
    INSTANCE=$1
    case "$INSTANCE" in
    portal) PORT=$LRTZC_PORT ;;
    test) PORT=$LRTZC_TEST_PORT ;;
    *) fail "There is no instance named “$INSTANCE”." ;;
    esac
    case "$PORT" in
    '' | *[!0-9]*) fail "LRTZC_PORT and LRTZC_TEST_PORT must be numbers, “$PORT” isn't one." ;;
    esac
    POSTGRES_PORT=$((PORT + 1)) REDIS_PORT=$((PORT + 2)) SOLR_PORT=$((PORT + 3)) PARTNER_PORT=$((PORT + 4))
    RUN=${LRTZC_RUN:-$ROOT/run}/$INSTANCE
    if is_root && ! reachable "$ROOT"; then
        # Data still needs a place that the service user can enter.
        RUN=/var/lib/lrtzc/$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)/$INSTANCE
    fi
    SOCKETS=$RUN/sockets
    # A socket's path holds 107 bytes at most.
    if [ ${#SOCKETS} -gt 80 ]; then SOCKETS=/tmp/lrtzc-$(printf '%s' "$RUN" | cksum | cut -d' ' -f1); fi
    SITE_URL=${LRTZC_SITE_URL:-http://localhost:$PORT}
    if [ "$INSTANCE" = test ]; then
        SITE_URL=http://localhost:$PORT
        # Where the browser tests listen for letters.
        LRTZC_SMTP=127.0.0.1:$((PORT + 5)) LRTZC_MAIL_FROM=portail@example.org
        # The neighbour who delivers files, in the browser tests.
        LRTZC_ALLOWED_HOSTS="localhost:$PARTNER_PORT 127.0.0.1:$PARTNER_PORT 127.0.0.1:$((PORT + 6))"
    fi
    export RUN
}

# True where the service user (or, before it exists, any other user) can enter a folder.
reachable() {
    local who=$SERVICE_USER
    id "$who" >/dev/null 2>&1 || who=nobody
    setpriv --reuid="$who" --regid="$(id -g "$who")" --clear-groups test -x "$1" -a -r "$1" 2>/dev/null
}

supervisorctl() { as_service "$VENV/bin/supervisorctl" -c "$RUN/supervisord.conf" "$@"; }

supervisor_runs() { [ -S "$SOCKETS/supervisor.sock" ] && supervisorctl pid >/dev/null 2>&1; }

wait_for() {
    local what=$1 seconds=$2
    shift 2
    local end=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "$what didn't answer within $seconds s. Its log is in $RUN/log."
        sleep 0.2
    done
}

ckan() { as_service "$VENV/bin/ckan" -c "${CKAN_INI:-$RUN/ckan.ini}" "$@"; }
