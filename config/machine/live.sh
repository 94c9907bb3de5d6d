#!/usr/bin/env bash
# A real portal with sample content for the browser tests, on the test instance's web port.
. "$(dirname "$0")/common.sh"

use_instance test
reachable "$ROOT" || ! is_root || fail "The browser tests start web and workers as the user $SERVICE_USER, who can't enter $ROOT."
supervisorctl start partner web workers:* >/dev/null 2>&1 || true
wait_for "The portal under test" 90 curl -fs -o /dev/null "http://127.0.0.1:$PORT/"
