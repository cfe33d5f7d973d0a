#!/bin/sh

. ./clocks.sh

WINTER=1768478400 # 2026-01-15 12:00 in UTC
SUMMER=1782907200 # 2026-07-01 12:00 in UTC

test_is_behind_or_ahead_of_utc() {
  assertEquals 07:00 "$(local_time America/New_York $WINTER)"
  assertEquals 17:30 "$(local_time Asia/Kolkata $WINTER)"
}

test_knows_daylight_saving_time() {
  assertEquals 13:00 "$(local_time Europe/Paris $WINTER)"
  assertEquals 14:00 "$(local_time Europe/Paris $SUMMER)"
}

test_refuses_a_zone_that_is_not_there() {
  message=$(local_time Moon/Tranquility $WINTER 2>&1)
  assertEquals 1 $?
  assertEquals "there is no time zone Moon/Tranquility" "$message"
}

. ./lib/shunit2
