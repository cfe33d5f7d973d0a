with Ada.Text_IO; use Ada.Text_IO;
with Checksums;   use Checksums;

--  Prints the checksum of a message, and of the same one with a letter lost.
procedure App is

   procedure Show (Message : String) is
   begin
      Put_Line (CRC_32 (Message) & "  " & Message);
   end Show;

begin
   Show ("The robin is back");
   Show ("The robin is bac");
end App;
