//! A provider's call as it may be kept: its shape and its codes, without words, names or numbers.

use serde_json::{Map, Value};

use super::Call;
use super::form::parse_form;

/// Names of fields that hold words or people's numbers, whatever the provider's spelling of them.
const PRIVATE: [&str; 18] = [
    "to",
    "from",
    "msisdn",
    "number",
    "phone",
    "recipient",
    "sender",
    "text",
    "body",
    "message",
    "content",
    "secret",
    "token",
    "sig",
    "signature",
    "key",
    "name",
    "email",
];

/// The most that is kept of one call, in bytes.
const MOST: usize = 2000;

impl Call<'_> {
    /// The call without anything private, as JSON.
    pub fn redacted(&self) -> String {
        let body: Value = serde_json::from_slice(self.body).unwrap_or_else(|_| form(self.body));
        let told = Value::Object(Map::from_iter([
            ("query".to_owned(), form(self.query.as_bytes())),
            ("body".to_owned(), body),
        ]));
        let mut text = redacted(told).to_string();
        if text.len() > MOST {
            let end = text.floor_char_boundary(MOST);
            text.truncate(end);
        }
        text
    }
}

fn form(bytes: &[u8]) -> Value {
    let fields = parse_form(bytes).0.into_iter();
    let text = |value: Vec<u8>| Value::String(String::from_utf8_lossy(&value).into_owned());
    Value::Object(fields.map(|(name, value)| (name, text(value))).collect())
}

fn redacted(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let value = if is_private(&name) {
                        hidden(&value)
                    } else {
                        redacted(value)
                    };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        // Whatever it is called, what looks like somebody's number is one.
        Value::String(text) if looks_like_a_number(&text) => "…".into(),
        other => other,
    }
}

/// What is private, without its content; an object may hold codes beside it.
fn hidden(value: &Value) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) => redacted(value.clone()),
        _ => "…".into(),
    }
}

/// `MessageStatus` is no message: only a whole word of a name counts, at its end.
fn is_private(name: &str) -> bool {
    let mut words: Vec<String> = vec![String::new()];
    for c in name.chars() {
        if c.is_uppercase() || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut() {
            last.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    let last = words.iter().rev().find(|w| !w.is_empty());
    last.is_some_and(|word| PRIVATE.contains(&word.as_str()))
}

fn looks_like_a_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+ -():".contains(c));
    (9..=15).contains(&digits) && plain && (text.starts_with(['+', '0']) || text.starts_with("44"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(query: &str, body: &str) -> String {
        let headers = reqwest::header::HeaderMap::new();
        let call = Call {
            url: "https://school.example/hooks/sms/status",
            query,
            status: true,
            headers: &headers,
            body: body.as_bytes(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        call.redacted()
    }

    #[test]
    fn codes_are_kept_and_words_and_numbers_are_not() {
        let calls = [
            kept(
                "outbox=7",
                "MessageStatus=undelivered&ErrorCode=30003&To=%2B447700900101&From=%2B447700900000&MessageSid=SM1",
            ),
            kept(
                "",
                r#"{"msisdn":"447700900101","to":"447700900000","status":"failed","err-code":"6","text":"im worried"}"#,
            ),
            kept("secret=reeds&type=2&from=07700900101", ""),
            kept(
                "",
                r#"{"event":"sms:failed","payload":{"phoneNumber":"+447700900101","message":"im worried","reason":"RESULT_ERROR_6"}}"#,
            ),
            kept(
                "",
                r#"{"id":"7","to":["+447700900101"],"note":"+44 7700 900101","status":"permanent-failure"}"#,
            ),
        ];
        for (call, holds) in calls.iter().zip([
            "30003",
            "\"6\"",
            "\"2\"",
            "RESULT_ERROR_6",
            "permanent-failure",
        ]) {
            assert!(call.contains(holds), "{call}");
            for private in ["900101", "900000", "worried", "reeds"] {
                assert!(!call.contains(private), "{call}");
            }
        }
        assert!(
            calls[0].contains("SM1") && calls[0].contains("undelivered"),
            "{}",
            calls[0]
        );
    }

    #[test]
    fn what_is_huge_or_no_text_is_kept_in_part() {
        let huge = format!("a={}", "é".repeat(5000));
        assert!(kept("", &huge).len() <= MOST);
        assert!(kept("", "\0\u{1}=%FF&&&").len() < MOST);
    }
}
