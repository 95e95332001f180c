#!/bin/sh
# Redis with the password that stands in KRING_REDIS_URL (redis://:PASSWORD@redis:6379/0); none there, none asked.
# `redis.sh serve` starts it, `redis.sh ask` says whether it answers. On the standard input, as others see a command.
set -eu
password=
case ${KRING_REDIS_URL:-} in
    redis://:*@*) password=${KRING_REDIS_URL#redis://:} password=${password%%@*} ;;
esac
case $1 in
    serve)
        shift
        [ -n "$password" ] || exec redis-server "$@"
        exec redis-server - "$@" <<END
requirepass "$password"
END
        ;;
    ask)
        shift
        [ -z "$password" ] || export REDISCLI_AUTH="$password"
        [ "$(redis-cli "$@" ping)" = PONG ]
        ;;
esac
