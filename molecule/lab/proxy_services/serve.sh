#!/bin/sh
# The lab's proxies, each line of their log beginning with which of them says it: serve.sh FOLDER
# NAME and PASSWORD of the two that ask for them come with the environment.
set -eu
tell() {
    sed --unbuffered "s/^/$1: /"
}
{
    sed 's/3128/3129/' "$1/open.conf"
    printf 'BasicAuth %s %s\n' "$NAME" "$PASSWORD"
} > /tmp/locked.conf
tinyproxy -d -c "$1/open.conf" 2>&1 | tell open &
tinyproxy -d -c /tmp/locked.conf 2>&1 | tell locked &
microsocks -p 1080 -u "$NAME" -P "$PASSWORD" 2>&1 | tell socks &
wait
