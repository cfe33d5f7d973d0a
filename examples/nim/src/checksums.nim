## Checksums as zip, gzip and PNG have them, computed by zlib.

import std/strutils

proc crc32(start: culong, bytes: cstring, length: cuint): culong {.importc.}

proc crc*(text: string): string =
  ## The CRC-32 of a text, as eight hexadecimal digits.
  toHex(crc32(0, text.cstring, text.len.cuint).int64, 8).toLowerAscii
