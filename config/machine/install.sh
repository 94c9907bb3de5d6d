#!/usr/bin/env bash
# Install what the portal and its tests need, and nothing that is there already.
# Usage: install.sh [--tests]   (with the browser and the linters that only the tests use)
. "$(dirname "$0")/common.sh"

TESTS=${1:-}

packages() {
    local wanted=(postgresql-15 postgresql-15-postgis-3 redis-server openjdk-17-jre-headless maven nodejs npm
        gcc libc6-dev libpq-dev python3.11-dev python3.11-venv libmagic1 curl procps util-linux)
    [ -z "$TESTS" ] || wanted+=(chromium nginx-light wrk fonts-dejavu-core mariadb-server mosquitto)
    # Node, Java and Maven may have been installed otherwise than by Debian.
    local missing=() name
    for name in "${wanted[@]}"; do
        case "$name" in
        nodejs) command -v node >/dev/null && continue ;;
        npm | maven) command -v "${name/maven/mvn}" >/dev/null && continue ;;
        openjdk-17-jre-headless) command -v java >/dev/null && continue ;;
        esac
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || fail "This needs Debian 12; on another system install: ${missing[*]}"
    say "System packages: ${missing[*]}"
    # The packages' own servers are not wanted: ours run in their own folders and ports.
    if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
        as_root install -d /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    local policy=''
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=made
        printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
        as_root chmod 755 /usr/sbin/policy-rc.d
    fi
    local log
    log=$(mktemp)
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        [ -z "$policy" ] || as_root rm -f /usr/sbin/policy-rc.d
        fail "The system packages could not be installed (${missing[*]}); apt's last words are above."
    fi
    [ -z "$policy" ] || as_root rm -f /usr/sbin/policy-rc.d
    rm -f "$log"
    # The policy keeps MariaDB's own server from starting now; this, at the next start of the machine.
    case " ${missing[*]} " in
    *" mariadb-server "*) as_root update-rc.d mariadb disable >/dev/null 2>&1 || fail "MariaDB's service stays enabled." ;;
    esac
}

service_user() {
    is_root || return 0
    id "$SERVICE_USER" >/dev/null 2>&1 && return
    say "System user $SERVICE_USER, who owns the services"
    useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$SERVICE_USER"
}

# Run a command; on failure show its last lines and say what it was for.
quietly() {
    local what=$1 log
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "$what failed; its last words are above."
    fi
    rm -f "$log"
}

# True where a stamp is older than one of the files it depends on, or missing.
stale() {
    local stamp=$1 file
    shift
    [ -e "$stamp" ] || return 0
    for file in "$@"; do [ "$file" -nt "$stamp" ] && return 0; done
    return 1
}

python_environment() {
    if [ "$("$TOOLS/uv/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
        say "Package manager uv $UV_VERSION"
        quietly "Making the folder for uv" "$PYTHON" -m venv "$TOOLS/uv"
        quietly "Installing uv" "$TOOLS/uv/bin/pip" install -q "uv==$UV_VERSION"
    fi
    local options=(--frozen -q -p "$PYTHON") kind=run
    if [ -n "$TESTS" ]; then kind=tests; else options+=(--no-dev --inexact); fi
    if stale "$VENV/.stamp-$kind" "$ROOT/uv.lock" "$ROOT/pyproject.toml" "$ROOT"/ckanext-*/pyproject.toml; then
        say "Python environment, from the lock"
        (cd "$ROOT" && quietly "Installing the Python packages" "$TOOLS/uv/bin/uv" sync "${options[@]}")
        touch "$VENV/.stamp-$kind"
    fi
}

solr_jars() {
    stale "$TOOLS/solr/.stamp" "$ROOT/config/solr/pom.xml" || return 0
    say "Solr, from Maven Central"
    rm -rf "$TOOLS/solr"
    mkdir -p "$TOOLS/solr"
    quietly "Fetching Solr" mvn -q -B -f "$ROOT/config/solr/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$TOOLS/solr/lib" -DincludeScope=runtime
    touch "$TOOLS/solr/.stamp"
}

front_end() {
    [ -f "$ROOT/package-lock.json" ] || return 0
    local options=(--no-audit --no-fund --ignore-scripts)
    if stale "$ROOT/node_modules/.stamp" "$ROOT/package-lock.json"; then
        say "Front-end libraries, from the lock"
        (cd "$ROOT" && quietly "Installing the front-end libraries" npm ci "${options[@]}")
        touch "$ROOT/node_modules/.stamp"
    fi
    "$ROOT/config/machine/assets.sh"
}

translations() {
    "$VENV/bin/python" "$ROOT/config/translations.py" compile
}

mkdir -p "$TOOLS"
packages
service_user
python_environment
solr_jars
front_end
translations
