#!/usr/bin/env bash
# Install what is missing, start the portal, fill it with sample content the first time, and say where it is.
# An administrator is a person: asked for once, or given by LRTZC_ADMIN_NAME, LRTZC_ADMIN_FULLNAME, LRTZC_ADMIN_EMAIL.
# LRTZC_SAMPLE=no leaves the portal empty.
. "$(dirname "$0")/common.sh"

use_instance portal

ask() {
    local variable=$1 question=$2 value
    [ -z "${!variable:-}" ] || return 0
    [ -t 0 ] || fail "The portal's administrator is a person. Without a keyboard to ask at, give LRTZC_ADMIN_NAME (account), LRTZC_ADMIN_FULLNAME and LRTZC_ADMIN_EMAIL."
    until [ -n "${value:-}" ]; do read -r -p "  $question: " value; done
    printf -v "$variable" '%s' "$value"
    export "${variable?}"
}

# Asked before the long work, so that nobody has to wait for the question.
if [ ! -e "$RUN/.administrator" ] && [ -z "${LRTZC_ADMIN_NAME:-}${LRTZC_ADMIN_FULLNAME:-}${LRTZC_ADMIN_EMAIL:-}" ]; then
    say "The portal needs an administrator: a person, whose actions are theirs."
fi
if [ ! -e "$RUN/.administrator" ]; then
    ask LRTZC_ADMIN_FULLNAME "First and last name"
    ask LRTZC_ADMIN_EMAIL "E-mail address"
    ask LRTZC_ADMIN_NAME "Account name (lower-case letters, figures, - and _)"
    case "$LRTZC_ADMIN_NAME" in
    admin | administrator | administrateur | root | ckan | default | test)
        fail "“$LRTZC_ADMIN_NAME” is a generic account: give the account name of a person." ;;
    *[!a-z0-9_-]* | ?) fail "“$LRTZC_ADMIN_NAME” can't be an account name: use two or more of lower-case letters, figures, - and _." ;;
    esac
    case "$LRTZC_ADMIN_EMAIL" in ?*@?*.?*) ;; *) fail "“$LRTZC_ADMIN_EMAIL” isn't an e-mail address." ;; esac
fi

"$ROOT/config/machine/install.sh"
"$ROOT/config/machine/services.sh" start portal

if [ ! -e "$RUN/.administrator" ]; then
    password=$("$VENV/bin/python" -c 'import secrets; print(secrets.token_urlsafe(15))')
    if ! ckan user add "$LRTZC_ADMIN_NAME" email="$LRTZC_ADMIN_EMAIL" fullname="$LRTZC_ADMIN_FULLNAME" \
        password="$password" >"$RUN/log/administrator.log" 2>&1; then
        grep -v "$password" "$RUN/log/administrator.log" | tail -n 5 >&2
        fail "The administrator's account could not be made."
    fi
    rm -f "$RUN/log/administrator.log"
    ckan sysadmin add "$LRTZC_ADMIN_NAME" >/dev/null 2>&1 || fail "The account $LRTZC_ADMIN_NAME could not be made an administrator."
    as_service touch "$RUN/.administrator"
    say "Administrator: $LRTZC_ADMIN_FULLNAME"
    step "account   $LRTZC_ADMIN_NAME"
    step "password  $password"
    step "It is shown this once; change it after signing in."
fi

if [ "${LRTZC_SAMPLE:-yes}" != no ]; then "$ROOT/config/machine/services.sh" sample portal; fi

say "The portal is at $SITE_URL"
step "make stop stops it, make status says how it is, logs are in $RUN/log"
