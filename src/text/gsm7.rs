//! The 7-bit alphabet of text messages: what fits, what each character costs, and which typography
//! is worth giving up so that a text fits.
//!
//! Never changes a letter of a language: a name is written as its owner writes it, and costs what
//! it costs.

/// The basic alphabet (3GPP TS 23.038 §6.2.1), without the escape itself: one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table (3GPP TS 23.038 §6.2.1.1): an escape and a character, so two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many septets a character takes: 1, or 2 from the extension table; `None` when it is not in
/// the alphabet and the whole message becomes UCS-2.
pub fn septets(c: char) -> Option<usize> {
    match c {
        ' '..='Z' | 'a'..='z' | '\n' | '\r' | '_' => Some(1),
        c if BASIC.contains(c) => Some(1),
        c if EXTENSION.contains(c) => Some(2),
        _ => None,
    }
}

/// Whether the whole text can be sent in the 7-bit alphabet.
pub fn fits(text: &str) -> bool {
    text.chars().all(|c| septets(c).is_some())
}

/// The characters that are not in the alphabet, each once, in their order: they make a text dear.
pub fn dear(text: &str) -> Vec<char> {
    let outside = text.chars().filter(|c| septets(*c).is_none());
    let outside: std::collections::BTreeSet<char> = outside.collect();
    outside.into_iter().collect()
}

/// Curly quotes, dashes, dots and odd spaces that keyboards and word processors put in, as plain
/// characters; invisible ones go. Emoji and letters stay as they are.
pub fn downgrade(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '´' | '`' => out.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '…' => out.push_str("..."),
            '•' | '·' => out.push('-'),
            '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
                out.push(' ');
            }
            '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            // A joiner shapes letters of some languages and holds emoji together; between others it
            // is only an invisible character that doubles the price.
            '\u{200c}' | '\u{200d}' if !joins(text, at) => {}
            '\u{2066}'..='\u{2069}' => {}
            c => out.push(c),
        }
    }
    out
}

fn joins(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_some_and(|c| !c.is_ascii() && septets(c).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_alphabet_has_127_characters_and_ten_more_behind_the_escape() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        assert_eq!(septets('e'), Some(1));
        assert_eq!(septets('è'), Some(1));
        assert_eq!(septets('€'), Some(2));
        assert_eq!(septets('ę'), None);
        assert_eq!(septets('ç'), None, "only the capital is in the alphabet");
    }

    #[test]
    fn typography_gives_way_and_letters_do_not() {
        for (from, to) in [
            ("Sam’s “plan” – done…", "Sam's \"plan\" - done..."),
            ("Mrs\u{a0}Cole\u{200b}", "Mrs Cole"),
            ("Mój mąż", "Mój mąż"),
            ("Łódź ŵ Ŷ ç", "Łódź ŵ Ŷ ç"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("a\u{200d}b", "ab"),
            ("", ""),
        ] {
            assert_eq!(downgrade(from), to);
        }
    }

    #[test]
    fn agrees_with_gov_uk_notify_but_for_letters_and_emoji() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/govuk_notify_sanitise.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("passes unread: GOV.UK Notify's characters are not here");
            return;
        };
        let data: Value = serde_json::from_str(&text).unwrap();
        let list = |name: &str| -> Vec<char> {
            let rows = data[name].as_array().unwrap();
            rows.iter()
                .filter_map(|row| row.as_str().unwrap().chars().next())
                .collect()
        };
        for c in list("gsm") {
            // The escape is no character of its own.
            assert!(c == '\u{1b}' || septets(c).is_some(), "{c:?}");
        }
        for c in list("extended_gsm") {
            assert_eq!(septets(c), Some(2), "{c:?}");
        }
        for c in list("welsh_non_gsm") {
            assert_eq!(septets(c), None, "{c:?}");
            assert_eq!(downgrade(&c.to_string()), c.to_string());
        }
        for (from, to) in data["replacements"].as_object().unwrap() {
            // Notify writes Ł as L, where a letter of a language stays here, and drops the two
            // line separators, which would join two words.
            let ours = |c: char| c.is_alphabetic() || matches!(c, '\u{2028}' | '\u{2029}');
            if !from.chars().all(ours) {
                assert_eq!(downgrade(from), to.as_str().unwrap(), "{from:?}");
            }
        }
    }
}
