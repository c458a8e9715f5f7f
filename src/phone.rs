//! A phone number: E.164 inside, national format outside.
//!
//! Reads what people type and what files hold ("7700900101" that lost its 0 in a spreadsheet,
//! "+44 (0)7700 900101"). Never says that a number is in use, only that it has a number's shape:
//! Ofcom's drama numbers are nobody's, and still pass.

use std::fmt;
use std::str::FromStr;

use phonenumber::country;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A phone number that can be written in E.164.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Why something is not a phone number. Never holds the digits: errors are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPhone {
    /// Nothing there, or only spaces.
    #[error("the phone number is empty")]
    Empty,
    /// Something that phone numbers do not hold.
    #[error("a phone number has digits only, not `{0}`")]
    Character(char),
    /// Too few digits.
    #[error("the phone number is too short: it has {got} digits and needs {needs}")]
    TooShort {
        /// Digits found, without the 0 or the country code in front.
        got: usize,
        /// Digits needed.
        needs: usize,
    },
    /// Too many digits.
    #[error("the phone number is too long: it has {got} digits and may have {most}")]
    TooLong {
        /// Digits found, without the 0 or the country code in front.
        got: usize,
        /// Digits allowed.
        most: usize,
    },
    /// No such range in the United Kingdom (04, 06), or one that parents are never on (09).
    #[error("no UK phone number that can be used here begins with 0{0}")]
    Range(char),
    /// The digits after `+` or `00` are no country's.
    #[error("the country code of the phone number is not known")]
    Country,
}

impl Phone {
    /// Reads a number as people write it; without `+` or `00` it is taken for a UK number.
    ///
    /// Digits of a UK number after its 0: ten, or nine for the last short 01 ranges
    /// (Ofcom, National Telephone Numbering Plan).
    pub fn parse(written: &str) -> Result<Self, BadPhone> {
        let (plus, digits) = digits_of(written)?;
        let international = if plus {
            Some(digits.trim_start_matches('0'))
        } else {
            digits
                .strip_prefix("00")
                .map(|rest| rest.trim_start_matches('0'))
        };
        match international {
            Some(rest) => match rest.strip_prefix("44") {
                Some(national) => uk(national),
                // "+07700 900101": a UK number under a plus that does not belong to it.
                None if digits.starts_with('0') && rest.len() == 10 => uk(rest),
                None => abroad(rest),
            },
            None => match digits.strip_prefix("44").filter(|rest| rest.len() >= 9) {
                Some(national) => uk(national),
                None => uk(&digits),
            },
        }
    }

    /// The number as providers take it: `+447700900101`.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The number as people in this country write it: `07700 900101`, `020 7946 0123`; a number
    /// from elsewhere keeps its country code: `+48 22 123 45 67`.
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+44") {
            Some(digits) => grouped(digits),
            None => phonenumber::parse(None, &self.0).map_or_else(
                |_| self.0.clone(),
                |number| {
                    let mode = phonenumber::Mode::International;
                    number.format().mode(mode).to_string()
                },
            ),
        }
    }
}

/// The digits alone, and whether a plus stood first. Separators that people and spreadsheets use
/// are dropped; anything else is named in the error.
fn digits_of(written: &str) -> Result<(bool, String), BadPhone> {
    let mut plus = false;
    let mut digits = String::with_capacity(written.len().min(32));
    // "+44 (0)7700": the 0 in brackets is only dialled from inside the country.
    for c in written.split("(0)").flat_map(str::chars) {
        match c {
            '0'..='9' => digits.push(c),
            '+' if !plus && digits.chars().all(|d| d == '0') => plus = true,
            '(' | ')' | '.' | '/' | '-' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() => {}
            c => return Err(BadPhone::Character(c)),
        }
    }
    if digits.is_empty() {
        return Err(BadPhone::Empty);
    }
    Ok((plus, digits))
}

fn uk(national: &str) -> Result<Phone, BadPhone> {
    let digits = national.trim_start_matches('0');
    let got = digits.len();
    let first = digits.chars().next().unwrap_or('0');
    let shortest = if first == '1' { 9 } else { 10 };
    if got < shortest {
        return Err(BadPhone::TooShort { got, needs: 10 });
    }
    if got > 10 {
        return Err(BadPhone::TooLong { got, most: 10 });
    }
    if matches!(first, '4' | '6' | '9') {
        return Err(BadPhone::Range(first));
    }
    Ok(Phone(format!("+44{digits}")))
}

/// E.164 allows fifteen digits with the country code; the shortest numbers in use have seven.
fn abroad(digits: &str) -> Result<Phone, BadPhone> {
    let got = digits.len();
    if got < 7 {
        return Err(BadPhone::TooShort { got, needs: 7 });
    }
    if got > 15 {
        return Err(BadPhone::TooLong { got, most: 15 });
    }
    let e164 = format!("+{digits}");
    match phonenumber::parse(None::<country::Id>, &e164) {
        // Rewritten by its parts, because people add a national 0 after the country code.
        Ok(number) => Ok(Phone(
            number.format().mode(phonenumber::Mode::E164).to_string(),
        )),
        Err(_) => Err(BadPhone::Country),
    }
}

/// Groups as Ofcom prints them: 07700 900101, 020 7946 0123, 0117 496 0860, 01606 41234.
fn grouped(digits: &str) -> String {
    let cuts: &[usize] = match digits.as_bytes() {
        [b'2', ..] => &[2, 6],
        [b'3' | b'5' | b'8', ..] | [b'1', b'1', ..] | [b'1', _, b'1', ..] => &[3, 6],
        _ => &[4],
    };
    let mut out = String::from("0");
    for (at, digit) in digits.chars().enumerate() {
        if cuts.contains(&at) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.national())
    }
}

impl FromStr for Phone {
    type Err = BadPhone;
    fn from_str(written: &str) -> Result<Self, BadPhone> {
        Self::parse(written)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        Self::parse(&written).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn notify() -> Option<Value> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/govuk_notify_phone_numbers.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("passes unread: GOV.UK Notify's list of numbers is not here");
            return None;
        };
        Some(serde_json::from_str(&text).unwrap())
    }

    fn rows<'a>(data: &'a Value, pointer: &str) -> Vec<&'a str> {
        let rows = data.pointer(pointer).unwrap().as_array().unwrap();
        assert!(!rows.is_empty());
        rows.iter().map(|row| row.as_str().unwrap()).collect()
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (written, e164, national) in [
            ("07700 900101", "+447700900101", "07700 900101"),
            ("7700900101", "+447700900101", "07700 900101"),
            ("+44 (0)7700-900.101", "+447700900101", "07700 900101"),
            ("0044 7700 900101", "+447700900101", "07700 900101"),
            ("447700900101", "+447700900101", "07700 900101"),
            (" 020 7946 0123\n", "+442079460123", "020 7946 0123"),
            ("0117 496 0860", "+441174960860", "0117 496 0860"),
            ("01606 41234", "+44160641234", "01606 41234"),
            ("+48 (0)22 123 45 67", "+48221234567", "+48 22 123 45 67"),
        ] {
            let phone = Phone::parse(written).unwrap();
            assert_eq!(phone.e164(), e164, "{written}");
            assert_eq!(phone.to_string(), national, "{written}");
        }
    }

    #[test]
    fn an_error_names_what_is_wrong_and_not_the_number() {
        for (written, says) in [
            ("", "the phone number is empty"),
            (
                "0770090010",
                "the phone number is too short: it has 9 digits and needs 10",
            ),
            (
                "077009001011",
                "the phone number is too long: it has 11 digits and may have 10",
            ),
            ("07700 9OO101", "a phone number has digits only, not `O`"),
            (
                "0400 123 4567",
                "no UK phone number that can be used here begins with 04",
            ),
            (
                "+999 1234567",
                "the country code of the phone number is not known",
            ),
            (
                "+48 12345678901234",
                "the phone number is too long: it has 16 digits and may have 15",
            ),
        ] {
            assert_eq!(Phone::parse(written).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn in_json_it_is_e164() {
        let phone: Phone = serde_json::from_str("\"07700 900101\"").unwrap();
        assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+447700900101\"");
    }

    #[test]
    fn what_notify_takes_and_refuses_in_the_uk() {
        let Some(data) = notify() else { return };
        for list in [
            "/valid_uk_mobile_phone_numbers",
            "/valid_channel_island_numbers",
            "/valid_uk_landlines",
        ] {
            for row in rows(&data, list) {
                assert!(Phone::parse(row).is_ok(), "{row}: {:?}", Phone::parse(row));
            }
        }
        for (list, wrong) in [
            ("TOO_LONG", "too long"),
            ("INVALID_NUMBER", "too short"),
            ("UNKNOWN_CHARACTER", "digits only"),
        ] {
            for row in rows(&data, &format!("/invalid_uk_mobile_by_code/{list}")) {
                // Dots separate groups in some spreadsheets, so we take what Notify refuses.
                if row == "07723 456789..." {
                    continue;
                }
                let says = Phone::parse(row).unwrap_err().to_string();
                assert!(says.contains(wrong), "{row}: {says}");
            }
        }
        for row in rows(&data, "/invalid_uk_landlines") {
            assert!(Phone::parse(row).is_err(), "{row}");
        }
    }

    #[test]
    fn what_notify_takes_from_abroad() {
        let Some(data) = notify() else { return };
        for row in rows(&data, "/valid_international_phone_numbers") {
            // Without + or 00 a number is a UK number here: guessing a country would text a stranger.
            if row.starts_with('+') || row.starts_with("00") {
                assert!(Phone::parse(row).is_ok(), "{row}: {:?}", Phone::parse(row));
            }
        }
        let table = "/tables/test_validate_normalised_succeeds/rows";
        for row in data.pointer(table).unwrap().as_array().unwrap() {
            let (written, normal) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
            if written.starts_with('+') || written.starts_with("00447") {
                let phone = Phone::parse(written).unwrap();
                assert_eq!(phone.e164(), format!("+{normal}"), "{written}");
            }
        }
    }
}
