//! The second step of signing in: codes that an app on a phone makes (TOTP, RFC 6238), and recovery
//! codes on paper for the day the phone is lost.

use jiff::Timestamp;
use qrcode::QrCode;
use totp_rs::{Builder, Secret, Totp};

use crate::store::Token;

/// Recovery codes somebody gets at a time.
const RECOVERY_CODES: usize = 10;

/// Letters and digits that nobody mixes up on paper (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// White around a QR code, in its own squares: scanners want four.
const MARGIN: usize = 4;

/// A fresh secret for somebody's app: 160 bits, as RFC 4226 wants.
pub(crate) fn fresh_secret(random: [u8; 32]) -> Vec<u8> {
    random[..20].to_vec()
}

fn app(secret: &[u8]) -> Builder {
    Builder::new().with_secret(Secret::new(secret.into()))
}

/// The step of the code that somebody typed, if it is of now, or of half a minute before or after:
/// phones' clocks are not exact, nor are fingers fast.
pub(crate) fn step_of(secret: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let typed: String = typed.split_whitespace().collect();
    let seconds = u64::try_from(now.as_second()).ok()?;
    let step = app(secret).build_noncompliant().check(&typed, seconds)?;
    i64::try_from(step).ok()
}

/// What somebody's app is shown: a picture to scan, and the same in letters.
pub(crate) struct Offer {
    /// Squares of the picture a side.
    pub squares: usize,
    /// The dark ones, as an SVG path.
    pub path: String,
    /// The secret in letters, four at a time.
    pub letters: String,
}

impl Offer {
    /// The offer of a secret, as the account `email` at `school` in the app's list.
    pub fn of(secret: &[u8], school: &str, email: &str) -> Self {
        let name = |text: &str| text.replace(':', " ");
        let totp: Totp = app(secret)
            .with_issuer(Some(name(school)))
            .with_account_name(name(email))
            .build_noncompliant();
        let picture = totp.to_url().ok().and_then(|url| QrCode::new(url).ok());
        let letters = totp.secret().to_base32();
        let groups: Vec<&str> = (0..letters.len())
            .step_by(4)
            .filter_map(|at| letters.get(at..letters.len().min(at + 4)))
            .collect();
        let (squares, path) = picture.map_or((0, String::new()), |code| draw(&code));
        Self {
            squares,
            path,
            letters: groups.join(" "),
        }
    }
}

/// Each dark square of a QR code, as one path: an inline picture, as the pages' policy loads none.
fn draw(code: &QrCode) -> (usize, String) {
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate();
    let path = dark
        .filter(|(_, colour)| *colour == qrcode::Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN))
        .collect();
    (width + 2 * MARGIN, path)
}

/// Fresh recovery codes, as they are shown: `k3f8-…`, 80 bits each.
pub(crate) fn recovery_codes(random: impl Fn() -> [u8; 32]) -> Vec<String> {
    let code = || {
        let letters = random().into_iter().take(16).enumerate();
        letters.fold(String::new(), |mut code, (at, byte)| {
            if at > 0 && at % 4 == 0 {
                code.push('-');
            }
            code.push(char::from(LETTERS[usize::from(byte % 32)]));
            code
        })
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// A recovery code as the database knows it, however somebody typed it.
pub(crate) fn recovery_token(typed: &str) -> Token {
    let plain = typed.chars().filter(|c| c.is_ascii_alphanumeric());
    let read: String = plain
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        })
        .collect();
    Token::shown(&read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    /// The secret and moments of RFC 6238's own table (SHA-1), whose codes end in these six digits.
    #[test]
    fn codes_are_those_of_the_standard_and_hold_for_half_a_minute_either_way() {
        let secret = b"12345678901234567890";
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(step_of(secret, "287082", at(59)), Some(1));
        assert_eq!(step_of(secret, "287 082 ", at(59)), Some(1));
        assert_eq!(
            step_of(secret, "081804", at(1_111_111_109)),
            Some(37_037_036)
        );
        assert_eq!(step_of(secret, "287082", at(89)), Some(1), "a slow finger");
        assert_eq!(step_of(secret, "287082", at(29)), Some(1), "a slow clock");
        assert_eq!(step_of(secret, "287082", at(90)), None);
        for typed in ["", "28708", "2870820", "287083", "é87082", "-87082"] {
            assert_eq!(step_of(secret, typed, at(59)), None, "{typed}");
        }
    }

    #[test]
    fn recovery_codes_are_read_as_people_write_them() {
        let codes = recovery_codes(|| Clock::real().secret());
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert_eq!(code.len(), 19, "{code}");
            let shown = recovery_token(code);
            for typed in [
                code.to_uppercase(),
                code.replace('-', " "),
                code.replace('0', "O").replace('1', "l"),
                format!(" {code} "),
            ] {
                assert_eq!(recovery_token(&typed).text(), shown.text(), "{typed}");
            }
        }
    }

    #[test]
    fn a_picture_holds_what_the_letters_say() {
        let offer = Offer::of(&[7; 20], "Kingfisher: Primary", "cole@kingfisher.example");
        assert_eq!(offer.letters.replace(' ', "").len(), 32);
        assert!(offer.squares > 29 && offer.path.starts_with("M4 4h1v1h-1z"));
    }
}
