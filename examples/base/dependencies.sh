#!/bin/sh
# Puts what the tests are written with into lib/, which is then whose this folder is. Run it in the dev image, as root.
set -eu

apk add --no-cache --quiet shunit2
mkdir -p lib
cp "$(command -v shunit2)" lib/
chown -R "$(stat -c %u:%g .)" lib
