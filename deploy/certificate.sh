#!/bin/sh
# Runs before nginx starts: a server without a certificate yet gets one of its own making, so that it starts at all.
# Browsers warn about it until the real one takes its place (docs/operations.md, "The certificate").
set -eu
cd /etc/nginx/tls
[ -s fullchain.pem ] && [ -s privkey.pem ] && exit 0
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=kring" -keyout privkey.pem -out fullchain.pem 2>/dev/null
chmod 600 privkey.pem
echo "No certificate in deploy/tls: made a temporary one that browsers will warn about."
