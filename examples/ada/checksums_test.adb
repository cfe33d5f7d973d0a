with Ada.Text_IO;
with Checksums; use Checksums;

procedure Checksums_Test is

   procedure Check (Text, Expected : String) is
      Found : constant String := CRC_32 (Text);
   begin
      if Found /= Expected then
         raise Program_Error
           with "CRC-32 of """ & Text & """ is " & Found & ", not " & Expected;
      end if;
   end Check;

begin
   --  The check value of every table of CRCs.
   Check ("123456789", "cbf43926");
   Check ("", "00000000");
   --  With a nought in front.
   Check ("nest51", "0b733ac6");
   Ada.Text_IO.Put_Line ("ok");
end Checksums_Test;
