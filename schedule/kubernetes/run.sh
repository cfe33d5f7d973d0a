#!/bin/sh
# What the CronJob runs: sees to it that there is a builder whose builds are pods, and rebuilds what is due.
set -eu
cd "$(dirname "$0")/../.."

# Its Deployment outlives the job, and with it the pods' cache.
docker buildx inspect "$BUILDX_BUILDER" > /dev/null 2>&1 || docker buildx create --name "$BUILDX_BUILDER" \
  --driver kubernetes --driver-opt "$BUILDER_OPTIONS"
docker buildx inspect --bootstrap "$BUILDX_BUILDER"

status=0
node scripts/start.mjs rebuild --engine docker "$@" || status=$?
# 3: another run is in progress, so this one is not needed.
[ "$status" -ne 3 ] || status=0
exit "$status"
