import std/unittest
import checksums

suite "CRC-32":
  test "the check value of every table of CRCs":
    check crc("123456789") == "cbf43926"

  test "nothing":
    check crc("") == "00000000"
