#!/usr/bin/env bash
# Install what is missing and run the checks and all tests; arguments go to pytest.
# Services it starts, it stops; those that were running before are left. LRTZC_E2E=no leaves the browser tests out.
. "$(dirname "$0")/common.sh"

if is_root && ! reachable "$ROOT"; then
    # The services' user can't enter this folder: test a copy of what git knows, where it can.
    copy=/var/lib/lrtzc/tests-$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)/project
    say "A folder above $ROOT is closed to other users: testing a copy in $copy"
    mkdir -p "$copy"
    git -C "$ROOT" -c safe.directory='*' ls-files -z | tar -C "$ROOT" --null -T - -c | tar -C "$copy" -x
    [ ! -d "$ROOT/../shared" ] || ln -sfn "$(cd "$ROOT/../shared" && pwd)" "$copy/../shared"
    [ ! -f "$ROOT/local.env" ] || cp "$ROOT/local.env" "$copy/"
    exec "$copy/config/machine/test.sh" "$@"
fi

use_instance test
"$ROOT/config/machine/install.sh" --tests
started=''
supervisor_runs || started=yes
finish() { [ -z "$started" ] || "$ROOT/config/machine/services.sh" stop test; }
trap finish EXIT

if [ $# -eq 0 ]; then
    say "Style"
    "$VENV/bin/ruff" check "$ROOT"
    "$VENV/bin/ruff" format --check -q "$ROOT"
    say "Types"
    (cd "$ROOT" && "$VENV/bin/pyright" | tail -n 20)
    say "Translations"
    "$VENV/bin/python" "$ROOT/config/translations.py" missing
    # Two processes side by side, each with stores of its own (conftest.py shares the tests out). With browsers and a
    # dozen servers on two cores, what failed is tried once more, and named "RERUN" at the end (CONTRIBUTING.md).
    set -- --numprocesses 2 --reruns 1 -rR
fi

say "Services for the tests"
if [ "${LRTZC_E2E:-yes}" = no ]; then
    "$ROOT/config/machine/services.sh" start-stores test
else
    "$ROOT/config/machine/services.sh" start test
    "$ROOT/config/machine/services.sh" sample test
    export LRTZC_E2E_URL=$SITE_URL LRTZC_E2E_INI=$RUN/ckan.ini
fi
export LRTZC_TEST_RUN=$RUN LRTZC_ARTEFACTS=$ROOT/run/artefacts
say "Tests"
cd "$ROOT"
"$VENV/bin/python" -m pytest --ckan-ini="$RUN/test.ini" "$@"
