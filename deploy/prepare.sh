#!/bin/sh
# Runs before nginx starts: writes down by which names Kring is asked, for the map in nginx.conf, and takes away what
# somebody was sending when the last one was killed.
set -eu
names=${1:-/etc/nginx/names} coming_in=${2:-/var/cache/nginx}
for name in $(echo "$KRING_HOSTS" | tr ',' ' '); do
    echo "$name $name;"
done > "$names/names.conf"
find "$coming_in" -type f -delete
