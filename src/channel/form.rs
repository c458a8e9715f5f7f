//! Form bodies (`application/x-www-form-urlencoded`) as bytes: words that are not UTF-8, or hold
//! NUL, arrive as they were sent. It never refuses a body, and never decodes one lossily.

/// The fields of a form in the order they came, values as raw bytes. A broken escape (`%zz`) stays
/// as it is.
pub fn parse_form(body: &[u8]) -> Form {
    let fields = body
        .split(|byte| *byte == b'&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let mut halves = field.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            (String::from_utf8_lossy(&name).into_owned(), value)
        })
        .collect();
    Form(fields)
}

/// A parsed form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form(pub Vec<(String, Vec<u8>)>);

impl Form {
    /// The first value of a field, as bytes.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_slice())
    }

    /// The first value of a field that is there, not empty and UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.bytes(name)
            .and_then(|value| std::str::from_utf8(value).ok())
            .filter(|value| !value.is_empty())
    }
}

impl<K: Into<String>, V: Into<Vec<u8>>> FromIterator<(K, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(fields: I) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        let byte = *bytes.get(at)?;
        char::from(byte).to_digit(16)
    };
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| digit(at + 1).zip(digit(at + 2)))
            .flatten()
            .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        match escaped {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_their_repeats_and_their_bytes() {
        type Fields = &'static [(&'static str, &'static [u8])];
        let table: &[(&str, Fields)] = &[
            ("", &[]),
            ("Body=", &[("Body", b"")]),
            ("Body", &[("Body", b"")]),
            ("Body=a+b%2Bc%26d=e", &[("Body", b"a b+c&d=e")]),
            ("A=2&&B=x&A=1", &[("A", b"2"), ("B", b"x"), ("A", b"1")]),
            ("Body=%00%ff%C2%A35", &[("Body", b"\0\xff\xc2\xa35")]),
            ("Body=50%&C=%zz%4", &[("Body", b"50%"), ("C", b"%zz%4")]),
            ("Fr%6Fm=%2b44", &[("From", b"+44")]),
        ];
        for (body, expected) in table {
            let expected: Form = expected.iter().copied().collect();
            assert_eq!(parse_form(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_text_field_is_there_only_when_it_says_something_readable() {
        let form = parse_form(b"A=x&B=&C=%ff&A=y");
        assert_eq!(form.text("A"), Some("x"));
        assert_eq!(form.text("B"), None);
        assert_eq!(form.text("C"), None);
        assert_eq!(form.bytes("C"), Some(&b"\xff"[..]));
        assert_eq!(form.text("D"), None);
    }
}
