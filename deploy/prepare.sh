#!/bin/sh
# Runs before nginx starts: writes down by which names Kring is asked, where its pages are made and how many of families
# at once, which bucket has the photos and who knows where a name is, for nginx.conf; and takes away what somebody was
# sending when the last one was killed.
set -eu
names=${1:-/etc/nginx/names} coming_in=${2:-/var/cache/nginx} trusted=${3:-/etc/ssl/certs/ca-certificates.crt}
looked_up=${4:-/etc/resolv.conf}
for name in $(echo "$KRING_HOSTS" | tr ',' ' '); do
    echo "$name $name;"
done > "$names/names.conf"

# One web under a name that may move (Docker's), or several machines by address: "10.0.0.2:8000,10.0.0.3:8000". Without
# a port it is that of web; nginx would take its own.
at() {
    case ${1##*]} in *:*) echo "$1" ;; *) echo "$1:8000" ;; esac
}
machines=1
if [ -n "${KRING_NODES:-}" ]; then
    machines=$(echo "$KRING_NODES" | tr ',' '\n' | grep -c .)
    echo "upstream nodes {"
    for node in $(echo "$KRING_NODES" | tr ',' ' '); do
        echo "    server $(at "$node") max_fails=1 fail_timeout=5s;"
    done
    for node in $(echo "${KRING_SPARE_NODES:-}" | tr ',' ' '); do
        echo "    server $(at "$node") backup;" # asked when none of the others answers
    done
    echo "}"
    echo 'map "" $web { default http://nodes; }'
else
    echo 'map "" $web { default http://web:8000; }'
fi > "$names/nodes.conf"
# Three of the four threads that a core has, so that one is left for who is school.
echo "limit_conn families ${KRING_FAMILIES_AT_ONCE:-$((3 * $(nproc) * machines))};" > "$names/families.conf"

# Only the host: which bucket of it, and what opens it, stands in the address that Django signs.
if [ -n "${KRING_BUCKET:-}" ]; then
    host=${KRING_BUCKET#https://} host=${host%%/*}
    echo "proxy_pass https://$host/\$object?\$args;"
    echo "proxy_set_header Host $host;"
    echo "proxy_ssl_name ${host%%:*};"
    echo "proxy_ssl_trusted_certificate $trusted;"
else
    echo "return 404;"
fi > "$names/bucket.conf"

# nginx asks nobody by itself; in Docker its own name server stands there too. None is this machine, as in resolv.conf(5).
servers=$(awk '$1 == "nameserver" { sub(/%.*/, "", $2); print ($2 ~ /:/ ? "[" $2 "]" : $2) }' "$looked_up" | tr '\n' ' ')
echo "resolver ${servers:-127.0.0.1} valid=5s ipv6=off;" > "$names/resolver.conf"
find "$coming_in" -type f -delete
