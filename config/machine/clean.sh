#!/usr/bin/env bash
# Erase the portal's data, and the tests'. Asks first, unless LRTZC_YES=1.
. "$(dirname "$0")/common.sh"

use_instance portal
if [ "${LRTZC_YES:-}" != 1 ]; then
    [ -t 0 ] || fail "This erases the portal's data in $RUN. Say so by LRTZC_YES=1 make clean."
    read -r -p "Erase all data of the portal in $RUN? [y/N] " answer
    case "$answer" in y | Y | yes | o | oui) ;; *) exit 0 ;; esac
fi
"$ROOT/config/machine/services.sh" clean portal
"$ROOT/config/machine/services.sh" clean test
say "The portal's data is erased; make portal starts anew."
