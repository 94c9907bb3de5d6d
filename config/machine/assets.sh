#!/usr/bin/env bash
# Build the style sheets, scripts and libraries that pages load, where their sources are newer.
. "$(dirname "$0")/common.sh"

THEME=$ROOT/ckanext-lrtzc/ckanext/lrtzc/theme
STAMP=$ROOT/node_modules/.stamp-assets
[ -f "$ROOT/config/assets/build.mjs" ] || exit 0
if [ -e "$STAMP" ] && [ -d "$THEME/public/vendor" ] &&
    [ -z "$(find "$THEME/assets" "$ROOT/config/assets" "$ROOT/package-lock.json" "$ROOT"/ckanext-*/ckanext/*/*/assets \
        -newer "$STAMP" -print -quit 2>/dev/null)" ]; then
    exit 0
fi
say "Style sheets and scripts"
(cd "$ROOT" && node config/assets/build.mjs) || fail "The style sheets and scripts could not be built."
touch "$STAMP"
