--  Checksums as zip, gzip and PNG have them, computed by zlib.
package Checksums is

   --  The CRC-32 of a text, as eight hexadecimal digits.
   function CRC_32 (Text : String) return String;

end Checksums;
