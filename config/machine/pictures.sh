#!/usr/bin/env bash
# Install what is missing, start the portal that tests use, and keep pictures of all its pages; arguments go to the walk.
# Services it starts, it stops; those that were running before are left.
. "$(dirname "$0")/common.sh"

use_instance test
"$ROOT/config/machine/install.sh" --tests
started=''
supervisor_runs || started=yes
finish() { [ -z "$started" ] || "$ROOT/config/machine/services.sh" stop test; }
trap finish EXIT
"$ROOT/config/machine/services.sh" start test
"$ROOT/config/machine/services.sh" sample test
say "Pictures"
cd "$ROOT"
"$VENV/bin/python" tests/e2e/pictures.py "$SITE_URL" "$RUN/ckan.ini" "$@"
