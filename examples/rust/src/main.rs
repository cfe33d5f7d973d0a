//! Tells what kind of file it is from the first bytes of it.

/// What files of a kind begin with, in hexadecimal, as their specifications print it.
const SIGNATURES: [(&str, &str); 3] = [
    ("89504e470d0a1a0a", "PNG image"),
    ("1f8b", "gzip archive"),
    ("7f454c46", "ELF program"),
];

/// The kind of a file that begins with these bytes; `None` when it is not known.
fn kind(start: &[u8]) -> Option<&'static str> {
    SIGNATURES
        .iter()
        .find(|(signature, _)| hex::encode(start).starts_with(signature))
        .map(|(_, kind)| *kind)
}

fn main() -> Result<(), hex::FromHexError> {
    for start in ["1f8b0808", "7f454c4602", "68656c6c6f"] {
        let bytes = hex::decode(start)?;
        println!("{start}: {}", kind(&bytes).unwrap_or("unknown"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn knows_a_file_by_its_first_bytes() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0\0"), Some("PNG image"));
        assert_eq!(kind(b"\x1f\x8b\x08"), Some("gzip archive"));
    }

    #[test]
    fn does_not_guess() {
        assert_eq!(kind(b"\x1f"), None);
        assert_eq!(kind(b""), None);
    }
}
