## Prints the checksum of a message, and of the same one with a letter lost.

import checksums

for message in ["The robin is back", "The robin is bac"]:
  echo crc(message), "  ", message
