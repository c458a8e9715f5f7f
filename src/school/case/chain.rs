//! The chain of hashes through a chronology: a changed, missing or added entry breaks it.
//!
//! The words themselves are hashed with a salt and only their digest is chained, so that words can be
//! erased when the law asks for it (salt and words go, the digest stays) and the chain stays whole.
//! It shows that something was changed; it does not prevent it, and it does not say who did it.

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// What stands before the first entry of a case.
pub const BEFORE_THE_FIRST: Hash = [0; 32];

/// Separates these hashes from any others over the same bytes.
const ENTRY: &[u8] = b"schoolgate entry 1";
const BODY: &[u8] = b"schoolgate body 1";

/// The hash of an entry: over the previous entry's, its place from 1, each field with its length and
/// the digest of its words.
pub fn entry_hash(prev: Hash, seq: u64, fields: &[&[u8]], body_digest: Hash) -> Hash {
    let mut hash = Sha256::new();
    part(&mut hash, ENTRY);
    hash.update(prev);
    hash.update(seq.to_be_bytes());
    hash.update((fields.len() as u64).to_be_bytes());
    for field in fields {
        part(&mut hash, field);
    }
    hash.update(body_digest);
    hash.finalize().into()
}

/// The digest of an entry's words. The salt keeps a short text ("ok") from being guessed once it has
/// been erased.
pub fn body_digest(salt: &[u8], body: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    part(&mut hash, BODY);
    part(&mut hash, salt);
    part(&mut hash, body);
    hash.finalize().into()
}

/// A field with its length before it, so that no two lists of fields are the same bytes.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn entry(prev: Hash, seq: u64, fields: &[&[u8]], body: &str) -> Hash {
        entry_hash(prev, seq, fields, body_digest(b"salt", body.as_bytes()))
    }

    #[test]
    fn every_part_of_an_entry_counts() {
        let fields: &[&[u8]] = &[b"message-in", b"amina"];
        let first = entry(BEFORE_THE_FIRST, 1, fields, "sam not sleep");
        let second = entry(first, 2, fields, "pls help");
        for changed in [
            entry(BEFORE_THE_FIRST, 2, fields, "pls help"),
            entry(first, 3, fields, "pls help"),
            entry(first, 2, &[b"message-in", b"amin", b"a"], "pls help"),
            entry(first, 2, &[b"message-ina", b"mina"], "pls help"),
            entry(first, 2, &[b"message-in", b"amina", b""], "pls help"),
            entry(first, 2, fields, "pls help!"),
        ] {
            assert_ne!(changed, second);
        }
    }

    #[test]
    fn a_salt_and_its_words_are_told_apart() {
        assert_ne!(body_digest(b"ab", b"c"), body_digest(b"a", b"bc"));
        assert_ne!(body_digest(b"", b""), [0; 32]);
    }

    /// Records outlive versions of this program: what was hashed once must hash the same for ever.
    #[test]
    fn the_hash_never_changes() {
        let hash = entry(
            BEFORE_THE_FIRST,
            1,
            &[b"message-in", b"amina"],
            "sam not sleep",
        );
        let hex = hash.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        assert_eq!(
            hex,
            "364996cc555506248702fd5eac33ae40f2338260a206f4f79f55a626ec685080"
        );
    }
}
