#!/bin/sh
# The certificates that the tiers show one another, from an authority of this deployment's own.
#
#   docker/certificates.sh                    make what is missing; what exists is left
#   docker/certificates.sh check              say until when each is good; ends with 1 where one needs renewing
#   docker/certificates.sh renew redis …      new key and certificate for these tiers, or for `all` of them
#   docker/certificates.sh renew authority    a new authority, and with it all tiers (when its key was seen)
#
# LRTZC_SECRETS is the folder (docker/secrets), LRTZC_TLS_NAMES names that the tiers are known by besides those of
# compose, such as hosts where stores are on other machines.
set -eu
folder=${LRTZC_SECRETS:-$(cd "$(dirname "$0")" && pwd)/secrets}
tiers='postgresql redis solr web'
names=${LRTZC_TLS_NAMES:-}
authority_days=3650 tier_days=730 warn_days=60

fail() {
    echo "Stopped: $*" >&2
    exit 2
}
command -v openssl >/dev/null || fail "openssl is missing: install it (apt-get install openssl)."
umask 077
mkdir -p "$folder/authority" || fail "$folder can't be written."
chmod 700 "$folder" "$folder/authority"
work=$(mktemp -d "$folder/.making.XXXXXX") || fail "$folder can't be written."
trap 'rm -rf "$work"' EXIT

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "openssl refused; its words are above, nothing was changed."; }
}

new_key() { quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# Key and certificate are put in their places together, the key first: a start in between finds no pair, not a wrong one.
# Compose mounts a secret with the owner and mode that its file has here, and the containers' users are not this one:
# they read it as others. Others of this machine are kept out by the folder, which is closed.
put() {
    chmod "$3" "$work/key"
    chmod 444 "$work/certificate"
    mv -f "$work/key" "$1"
    mv -f "$work/certificate" "$2"
}

# It may vouch for the tiers' names only, so that processes that also call other sites lose nothing by trusting it.
make_authority() {
    new_key "$work/key"
    {
        printf '[req]\ndistinguished_name = name\nprompt = no\nx509_extensions = may\n[name]\n'
        printf 'CN = LRTZC authority between tiers, %s\n' "$(date -u +%Y-%m-%d)"
        printf '[may]\nbasicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign, cRLSign\n'
        printf 'subjectKeyIdentifier = hash\nnameConstraints = critical, @names\n[names]\n'
        number=0
        for name in $tiers $names; do
            number=$((number + 1))
            printf 'permitted;DNS.%s = %s\n' "$number" "$name"
        done
        printf 'excluded;IP.1 = 0.0.0.0/0.0.0.0\nexcluded;IP.2 = ::/::\n'
    } >"$work/request"
    quietly openssl req -x509 -new -sha256 -days "$authority_days" -key "$work/key" -config "$work/request" \
        -out "$work/certificate"
    put "$folder/authority/key.pem" "$folder/tls_authority" 400
    echo "made tls_authority, good for $authority_days days"
}

make_tier() {
    new_key "$work/key"
    {
        printf 'basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n'
        printf 'extendedKeyUsage = serverAuth\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n'
        printf 'subjectAltName = DNS:%s' "$1"
        for name in $names; do printf ', DNS:%s' "$name"; done
        printf '\n'
    } >"$work/extensions"
    quietly openssl req -new -sha256 -key "$work/key" -subj "/CN=$1" -out "$work/request"
    quietly openssl x509 -req -sha256 -days "$tier_days" -in "$work/request" -extfile "$work/extensions" \
        -CA "$folder/tls_authority" -CAkey "$folder/authority/key.pem" -CAcreateserial -CAserial "$work/serial" \
        -out "$work/certificate"
    # an authority made for fewer names refuses here, before anything is replaced
    openssl verify -CAfile "$folder/tls_authority" "$work/certificate" >/dev/null 2>"$work/log" ||
        fail "tls_authority may not vouch for all of: $1 $names. Make it anew for them: $0 renew authority"
    put "$folder/${1}_tls_key" "$folder/${1}_tls_certificate" 444
    echo "made ${1}_tls_certificate, good for $tier_days days"
}

missing() {
    if [ ! -s "$folder/tls_authority" ]; then
        [ ! -s "$folder/authority/key.pem" ] ||
            fail "authority/key.pem is in $folder but tls_authority isn't: put it back, or: $0 renew authority"
        make_authority
        for tier in $tiers; do make_tier "$tier"; done
        return
    fi
    for tier in $tiers; do
        [ -s "$folder/${tier}_tls_key" ] && [ -s "$folder/${tier}_tls_certificate" ] && continue
        authority_key
        make_tier "$tier"
    done
}

authority_key() {
    [ -s "$folder/authority/key.pem" ] ||
        fail "$folder/authority/key.pem is missing: put it back from where you keep it, or: $0 renew authority"
}

check() {
    bad=0
    for name in tls_authority postgresql_tls_certificate redis_tls_certificate solr_tls_certificate web_tls_certificate; do
        if [ ! -s "$folder/$name" ]; then
            echo "$name is missing: $0"
            bad=1
            continue
        fi
        what=${name%_tls_certificate} said="until $(openssl x509 -noout -enddate -in "$folder/$name" | cut -d= -f2)"
        [ "$name" != tls_authority ] || what=authority
        if ! openssl verify -CAfile "$folder/tls_authority" -no_check_time "$folder/$name" >/dev/null 2>&1; then
            said="isn't from this authority; renew it: $0 renew $what" bad=1
        elif ! openssl x509 -noout -checkend $((warn_days * 86400)) -in "$folder/$name" >/dev/null; then
            said="$said; renew it: $0 renew $what" bad=1
        fi
        echo "$name $said"
    done
    return $bad
}

case "${1:-}" in
'')
    missing
    ;;
check)
    check || exit 1
    ;;
renew)
    shift
    [ $# -gt 0 ] || fail "say what to renew: $tiers, all or authority."
    [ "$*" != all ] || set -- $tiers
    for one in "$@"; do
        case " $tiers authority " in
        *" $one "*) ;;
        *) fail "there is no tier named “$one”: $tiers, all or authority." ;;
        esac
    done
    case " $* " in
    *" authority "*)
        make_authority
        for tier in $tiers; do make_tier "$tier"; done
        echo "Now let every process take them: docker compose -f docker/compose.yaml up -d --force-recreate"
        ;;
    *)
        [ -s "$folder/tls_authority" ] || fail "$folder/tls_authority is missing: $0 makes what is missing."
        authority_key
        for tier in "$@"; do make_tier "$tier"; done
        echo "Now let them take it: docker compose -f docker/compose.yaml restart $*"
        ;;
    esac
    ;;
*) fail "usage: $0 [check | renew TIER… | renew all | renew authority]" ;;
esac
