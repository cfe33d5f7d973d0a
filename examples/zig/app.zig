//! Prints the checksum of a message, and of the same one with a letter lost.

const std = @import("std");

/// Of zlib, as zlib.h has it.
extern fn adler32(start: c_ulong, bytes: ?[*]const u8, length: c_uint) c_ulong;
/// Of the C library: Zig's own standard output is another in each version.
extern fn printf(format: [*:0]const u8, ...) c_int;

/// The Adler-32 of a text, which zlib's streams end with.
fn checksum(text: []const u8) c_ulong {
    return adler32(adler32(0, null, 0), text.ptr, @intCast(text.len));
}

pub fn main() void {
    for ([_][:0]const u8{ "The robin is back", "The robin is bac" }) |message| {
        _ = printf("%08lx  %s\n", checksum(message), message.ptr);
    }
}

test "the example of Wikipedia's article" {
    try std.testing.expectEqual(@as(c_ulong, 0x11e60398), checksum("Wikipedia"));
}

test "nothing" {
    try std.testing.expectEqual(@as(c_ulong, 1), checksum(""));
}
