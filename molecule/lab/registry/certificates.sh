#!/bin/sh
# Makes a throw-away certificate authority and a certificate of a server that has two names:
# certificates.sh FOLDER NAME OTHER_NAME
set -eu
umask 077
cd "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -keyout ca.key -out ca.crt -subj "/CN=Dockwright lab throw-away CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout server.key -out server.csr -subj "/CN=$2"
printf '%s\n' "subjectAltName=DNS:$2,DNS:$3" "basicConstraints=critical,CA:FALSE" \
    "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" > server.extensions
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" \
    -days 3650 -extfile server.extensions -out server.crt
# The authority signs once: without its key nobody can use it for anything else.
rm ca.key server.csr server.extensions
chmod 644 ca.crt server.crt
