//! How many texts a message makes, as a network counts and bills them.
//!
//! Never shortens and never sends: it counts, so that a school knows before it pays.

use serde::Serialize;

use super::gsm7;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// The 7-bit alphabet: 160 septets in one text, 153 in each of several.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// UTF-16: 70 units in one text, 67 in each of several.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// `GSM-7` or `UCS-2`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// Units in a text that stands alone, and in each of several (the rest is the header that
    /// joins them: 3GPP TS 23.040 §9.2.3.24).
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// What a character takes, in this encoding's units.
    fn cost(self, c: char) -> usize {
        match self {
            Self::Gsm7 => gsm7::septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// What a message comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// How it travels; one character outside the 7-bit alphabet decides it for the whole message.
    pub encoding: Encoding,
    /// Septets or UTF-16 units.
    pub units: usize,
    /// Texts that are billed; an empty message is one.
    pub parts: usize,
}

/// Counts a message. A character of two units never straddles two texts: it moves to the next, and
/// the unit left over is lost, which is why dividing by 153 or 67 counts too few.
pub fn segments(text: &str) -> Segments {
    let encoding = if gsm7::fits(text) {
        Encoding::Gsm7
    } else {
        Encoding::Ucs2
    };
    let (alone, each) = encoding.room();
    let units = text.chars().map(|c| encoding.cost(c)).sum();
    let mut parts = 1;
    if units > alone {
        let mut used = 0;
        for cost in text.chars().map(|c| encoding.cost(c)) {
            if used + cost > each {
                parts += 1;
                used = 0;
            }
            used += cost;
        }
    }
    Segments {
        encoding,
        units,
        parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn data(file: &str) -> Option<Vec<Value>> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data")
            .join(file);
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("passes unread: {file} is not here");
            return None;
        };
        let value: Value = serde_json::from_str(&text).unwrap();
        Some(value["cases"].as_array().unwrap().clone())
    }

    #[test]
    fn a_character_never_straddles_two_texts() {
        use Encoding::{Gsm7, Ucs2};
        let a = |n: usize| "a".repeat(n);
        for (text, encoding, units, parts) in [
            (String::new(), Gsm7, 0, 1),
            (a(160), Gsm7, 160, 1),
            (a(161), Gsm7, 161, 2),
            (a(306), Gsm7, 306, 2),
            (format!("{}€{}", a(152), a(152)), Gsm7, 306, 3),
            (format!("{}€{}", a(151), a(153)), Gsm7, 306, 2),
            ("€".repeat(80), Gsm7, 160, 1),
            ("😀".repeat(35), Ucs2, 70, 1),
            ("😀".repeat(66), Ucs2, 132, 2),
            ("😀".repeat(70), Ucs2, 140, 3),
            ("ż".repeat(71), Ucs2, 71, 2),
        ] {
            let want = Segments {
                encoding,
                units,
                parts,
            };
            assert_eq!(segments(&text), want, "{text}");
        }
    }

    #[test]
    fn agrees_with_twilios_calculator() {
        let Some(cases) = data("twilio_sms_segments.json") else {
            return;
        };
        for case in cases {
            let body = case["body"].as_str().unwrap();
            let got = segments(body);
            assert_eq!(
                got.parts as u64,
                case["segments"].as_u64().unwrap(),
                "{body}"
            );
            if let Some(encoding) = case["encoding"].as_str() {
                let named = serde_json::to_value(got.encoding).unwrap();
                assert_eq!(named, encoding, "{body}");
            }
        }
    }

    #[test]
    fn agrees_with_gov_uk_notify_once_its_downgrading_is_set_aside() {
        let Some(cases) = data("govuk_notify_sms_fragments.json") else {
            return;
        };
        let mut compared = 0;
        for case in cases {
            let content = case["content"].as_str().unwrap();
            // Notify turns what is neither GSM-7 nor Welsh into ? first; we never lose a character.
            let kept = content
                .chars()
                .all(|c| gsm7::septets(c).is_some() || "ÂâÊêÎîÔôÛûŴŵŶŷÁáËëÏïÍíÓóÝýŷ".contains(c));
            if kept {
                compared += 1;
                let want = case["fragments"].as_u64().unwrap();
                assert_eq!(segments(content).parts as u64, want, "{content}");
            }
        }
        assert!(compared >= 10, "only {compared} compared");
    }

    #[test]
    fn units_are_utf16_units() {
        let Some(cases) = data("govuk_notify_utf16_counts.json") else {
            return;
        };
        for case in cases {
            let content = case["content"].as_str().unwrap();
            let got = segments(content);
            if got.encoding == Encoding::Ucs2 {
                assert_eq!(got.units as u64, case["utf16_units"].as_u64().unwrap());
            }
        }
    }
}
