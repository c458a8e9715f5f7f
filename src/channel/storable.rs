//! What a provider says, as every database takes it: PostgreSQL keeps no NUL in a text and indexes no
//! long one. A message or a receipt is never refused for that: the provider would send it again for ever.

use sha2::{Digest as _, Sha256};

use super::{Inbound, Media, Part, Receipt};

/// The longest id or address that is kept whole, in bytes; those of providers have some tens.
const LONGEST_ID: usize = 255;

impl Inbound {
    /// The same message with nothing in it that a database does not take. Its words are bytes, and stay.
    pub fn storable(self) -> Self {
        Self {
            provider_id: id(&self.provider_id),
            from: id(&self.from),
            media: self.media.into_iter().map(Media::storable).collect(),
            proved_phone: self.proved_phone.as_deref().map(id),
            part: self.part.map(|part| Part {
                reference: id(&part.reference),
                ..part
            }),
            ..self
        }
    }
}

impl Media {
    fn storable(self) -> Self {
        Self {
            content_type: without_nul(&self.content_type),
            reference: without_nul(&self.reference),
        }
    }
}

impl Receipt {
    /// The same receipt with nothing in it that a database does not take.
    pub fn storable(self) -> Self {
        Self {
            provider_id: self.provider_id.as_deref().map(id),
            error: self.error.as_deref().map(without_nul),
            part: self.part.as_deref().map(id),
            ..self
        }
    }
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// An id or an address. Of one without end the beginning is kept, and a digest of the whole that tells
/// it from others.
fn id(text: &str) -> String {
    let text = without_nul(text);
    if text.len() <= LONGEST_ID {
        return text;
    }
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let beginning = text.floor_char_boundary(LONGEST_ID - digest.len() - 1);
    format!("{}-{digest}", &text[..beginning])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_holds_nul_or_is_without_end_and_two_stay_two() {
        assert_eq!(id("SM1"), "SM1");
        assert_eq!(id("SM\u{0}1"), "SM\u{fffd}1");
        let long = |end: &str| id(&format!("{}{end}", "ż".repeat(5_000)));
        assert!(long("a").len() <= LONGEST_ID);
        assert_ne!(long("a"), long("b"));
        assert_eq!(long("a"), long("a"), "a repeat is a repeat");
    }
}
