#!/bin/sh
# Start Solr, on one machine and in its container alike. Told by the environment:
#   LRTZC_SOLR_JARS, _HOME (solr.xml and cores), _DATA (indexes), _LOG   folders
#   LRTZC_SOLR_HOST, _PORT, _HEAP (such as 512m)
#   LRTZC_SOLR_CERTIFICATE_FILE, _KEY_FILE, _STATE    PEM files and a folder of its own in memory: speaks https, and only that
set -eu
here=$(cd "$(dirname "$0")" && pwd)
connector=http
if [ -n "${LRTZC_SOLR_KEY_FILE:-}" ]; then
    connector=https
    # Java reads no PEM. The keystore and its password live as long as the process.
    LRTZC_SOLR_KEYSTORE_PASSWORD=$(openssl rand -hex 24)
    export LRTZC_SOLR_KEYSTORE_PASSWORD
    keystore=$LRTZC_SOLR_STATE/solr.p12
    (umask 077 && openssl pkcs12 -export -name solr -in "$LRTZC_SOLR_CERTIFICATE_FILE" -inkey "$LRTZC_SOLR_KEY_FILE" \
        -passout env:LRTZC_SOLR_KEYSTORE_PASSWORD -out "$keystore")
fi
exec java -Xms128m "-Xmx${LRTZC_SOLR_HEAP:-512m}" -XX:+UseSerialGC -Dsolr.solr.home="$LRTZC_SOLR_HOME" \
    -Dsolr.data.home="$LRTZC_SOLR_DATA" -Dsolr.host="${LRTZC_SOLR_HOST:-127.0.0.1}" -Dsolr.port="${LRTZC_SOLR_PORT:-8983}" \
    -Dsolr.log.dir="$LRTZC_SOLR_LOG" -Dlog4j.configurationFile="$here/log4j2.xml" -Duser.timezone=UTC \
    -Dsolr.keystore="${keystore:-}" -cp "$LRTZC_SOLR_JARS/*" \
    org.eclipse.jetty.xml.XmlConfiguration "$here/jetty.xml" "$here/$connector.xml"
