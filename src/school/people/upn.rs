//! The unique pupil number that every pupil of a state school in England has.

use serde::{Deserialize, Serialize};

/// A unique pupil number whose check letter fits: a letter and twelve characters, of which the last
/// is a letter in a temporary number.
///
/// The rule is the Department for Education's ("Unique pupil numbers (UPNs): a guide for schools and
/// local authorities", check letter calculation): each character is multiplied by its place, from 2,
/// and the sum's remainder by 23 names the letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upn(String);

/// Why something is no unique pupil number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUpn {
    /// Not a letter, eleven digits, and a digit or letter.
    #[error("a UPN is a letter, eleven digits, and a last digit or letter")]
    Shape,
    /// The first letter does not fit the rest: somewhere there is a slip.
    #[error("its check letter does not fit: there is a slip in it somewhere")]
    Check,
}

/// Check letters by remainder; I, O and S are left out, as they read like digits.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

impl Upn {
    /// Reads one, in any case, with spaces.
    pub fn parse(written: &str) -> Result<Self, BadUpn> {
        let upn: String = written
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let bytes = upn.as_bytes();
        let [first, digits @ .., last] = bytes else {
            return Err(BadUpn::Shape);
        };
        let value = |c: u8| LETTERS.iter().position(|l| *l == c);
        let last = match last {
            b'0'..=b'9' => usize::from(last - b'0'),
            letter => value(*letter).ok_or(BadUpn::Shape)?,
        };
        if digits.len() != 11 || !digits.iter().all(u8::is_ascii_digit) || value(*first).is_none() {
            return Err(BadUpn::Shape);
        }
        let digits = digits.iter().map(|d| usize::from(d - b'0'));
        let sum: usize = digits
            .chain([last])
            .zip(2..)
            .map(|(digit, place)| digit * place)
            .sum();
        if value(*first) != Some(sum % 23) {
            return Err(BadUpn::Check);
        }
        Ok(Self(upn))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Upn {
    type Error = BadUpn;

    fn try_from(written: String) -> Result<Self, BadUpn> {
        Self::parse(&written)
    }
}

impl From<Upn> for String {
    fn from(upn: Upn) -> Self {
        upn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_letter_finds_a_slip() {
        // Worked by hand: 8×2+0×3+1×4+2×5+0×6+0×7+0×8+0×9+0×10+0×11+0×12+1×13 = 43; 43 mod 23 = 20, X.
        assert_eq!(
            Upn::parse("x 80120 000 0001").unwrap().as_str(),
            "X801200000001"
        );
        assert_eq!(Upn::parse("X801200000011"), Err(BadUpn::Check));
        assert_eq!(Upn::parse("A801200000001"), Err(BadUpn::Check));
        for odd in [
            "",
            "X",
            "X80120000001",
            "X8012000000012",
            "I801200000001",
            "X80120000000é",
            "=cmd()",
        ] {
            assert_eq!(Upn::parse(odd), Err(BadUpn::Shape), "{odd}");
        }
    }

    #[test]
    fn a_temporary_number_ends_in_a_letter() {
        let sum = 43 - 13;
        // The last character counts by its place among the letters: B is 1, as the digit 1 was.
        assert_eq!((sum + 13) % 23, 20);
        assert!(Upn::parse("X80120000000B").is_ok());
        assert_eq!(Upn::parse("X80120000000S"), Err(BadUpn::Shape));
    }
}
