#!/bin/sh
# Make the secrets that are missing, one file each, readable by the containers' users only through compose: passwords,
# keys, and the certificates that the tiers show one another (docker/certificates.sh).
# The certificate that visitors see and its key are the deployment's: put them in as tls_certificate and tls_key.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${LRTZC_SECRETS:-$here/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
for name in secret_key postgres_password ckan_password datastore_write_password datastore_read_password \
    lrtzc_sequencer_password ledger_key lrtzc_personal_password personal_key; do
    if [ ! -s "$folder/$name" ]; then
        openssl rand -base64 36 | tr -d '\n/+=' >"$folder/$name"
        # compose mounts the file as it is; the containers' users are not this one
        chmod 444 "$folder/$name"
        echo "made $name"
    fi
done
LRTZC_SECRETS=$folder "$here/certificates.sh"
LRTZC_SECRETS=$folder "$here/certificates.sh" check | grep -F 'renew it' || true
for name in tls_certificate tls_key; do
    [ -s "$folder/$name" ] || echo "missing: $folder/$name (PEM)"
done
