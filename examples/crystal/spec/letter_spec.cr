require "spec"
require "../src/letter"

describe Letter do
  it "unpacks what it packed" do
    text = "robin " * 100
    letter = Letter.pack(text)
    letter.size.should be < text.size
    Letter.unpack(letter).should eq text
  end

  it "refuses what is not packed" do
    expect_raises(Compress::Gzip::Error) { Letter.unpack(Base64.strict_encode("robin robin robin")) }
  end
end
