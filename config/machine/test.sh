#!/usr/bin/env bash
# Install what is missing and run the checks and all tests; arguments go to pytest.
# Services it starts, it stops; those that were running before are left.
. "$(dirname "$0")/common.sh"

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
fi

say "Services for the tests"
"$ROOT/config/machine/services.sh" start-stores test
say "Tests"
cd "$ROOT"
if [ "${LRTZC_E2E:-yes}" != no ]; then
    "$ROOT/config/machine/live.sh"
    export LRTZC_E2E_URL=$SITE_URL
fi
"$VENV/bin/python" -m pytest --ckan-ini="$RUN/test.ini" "$@"
