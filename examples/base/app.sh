#!/bin/sh
# When a meeting is, for those who take part in it.
set -eu

. "$(dirname "$0")/clocks.sh"

# 2026-07-01 15:00 in UTC
MEETING=1782918000

for zone in America/New_York Europe/Paris Asia/Kolkata; do
  time=$(local_time "$zone" "$MEETING")
  echo "$time $zone"
done
