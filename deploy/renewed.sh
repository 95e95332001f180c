#!/bin/sh
# Called by certbot after each renewal: the front's copy of the certificate, and the front reads it anew.
set -eu
into=${1:-/etc/kring/tls}
for name in fullchain privkey; do
    install -m 0640 -o root -g www-data "$RENEWED_LINEAGE/$name.pem" "$into/$name.pem.new"
    mv "$into/$name.pem.new" "$into/$name.pem"
done
[ ! -d /run/systemd/system ] || systemctl reload kring-front.service
