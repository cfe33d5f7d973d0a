# What clocks show around the world. Time zones are those of tzdata, which the image has.

# local_time ZONE SECONDS: the time of day in a zone, SECONDS after 1970 began in UTC.
local_time() {
  if ! [ -f "/usr/share/zoneinfo/$1" ]; then
    echo "there is no time zone $1" >&2
    return 1
  fi
  TZ=$1 date -d "@$2" +%H:%M
}
