with Interfaces.C; use Interfaces.C;

package body Checksums is

   --  uLong crc32 (uLong crc, const Bytef *buf, uInt len), from zlib.h
   function zlib_crc32
     (Start : unsigned_long; Bytes : char_array; Length : unsigned)
      return unsigned_long
   with Import, Convention => C, External_Name => "crc32";

   Digit : constant array (unsigned_long range 0 .. 15) of Character :=
     "0123456789abcdef";

   function CRC_32 (Text : String) return String is
      Rest   : unsigned_long :=
        zlib_crc32 (0, To_C (Text), unsigned (Text'Length));
      Result : String (1 .. 8);
   begin
      for Each of reverse Result loop
         Each := Digit (Rest mod 16);
         Rest := Rest / 16;
      end loop;
      return Result;
   end CRC_32;

end Checksums;
