require "base64"
require "compress/gzip"

# Text as it is sent by mail: gzip in Base64.
module Letter
  def self.pack(text : String) : String
    packed = IO::Memory.new
    Compress::Gzip::Writer.open(packed, &.print(text))
    Base64.strict_encode(packed)
  end

  # Raises `Compress::Gzip::Error` or `Base64::Error` for what is no such text.
  def self.unpack(letter : String) : String
    Compress::Gzip::Reader.open(IO::Memory.new(Base64.decode(letter)), &.gets_to_end)
  end
end
