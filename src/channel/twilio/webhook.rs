//! What Twilio sends us: whether it is really Twilio, an incoming text, a delivery receipt.
//!
//! Rules from Twilio's "Security" and "Messaging webhooks" pages and from its own SDK's
//! `RequestValidator`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::channel::form::Form;
use crate::channel::{Inbound, Media, Receipt, Status};

/// Twilio's words for where a message is, all 13, and ours. `None`: the word is about a message
/// that came in, and says nothing about one that goes out.
pub const STATUSES: &[(&str, Option<Status>)] = &[
    ("accepted", Some(Status::Accepted)),
    ("scheduled", Some(Status::Accepted)),
    ("queued", Some(Status::Accepted)),
    ("sending", Some(Status::Accepted)),
    ("sent", Some(Status::Sent)),
    ("partially_delivered", Some(Status::Sent)),
    ("delivered", Some(Status::Delivered)),
    ("read", Some(Status::Delivered)),
    ("undelivered", Some(Status::Undelivered)),
    ("failed", Some(Status::Failed)),
    ("canceled", Some(Status::Failed)),
    ("receiving", None),
    ("received", None),
];

/// The person texted STOP and the carrier or Twilio now blocks us.
pub(super) const STOPPED: &str = "21610";

/// More media than Twilio ever sends with one message (10).
const MOST_MEDIA: usize = 20;

/// What one of Twilio's words means for a message of ours; unknown words mean nothing yet.
pub(super) fn status(word: &str) -> Option<Status> {
    let (_, status) = STATUSES.iter().find(|(known, _)| *known == word)?;
    *status
}

/// A signed request without a field that Twilio always sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Twilio's request has no `{0}`")]
pub struct Missing(pub &'static str);

/// Whether `signature` (the header `X-Twilio-Signature`, base64) is Twilio's for this request, in
/// time that does not depend on how much of it is right. `url` is the public address as Twilio
/// knows it, query included.
///
/// Twilio is not consistent about the port in what it signs, so its own SDK tries the address with
/// and without one, and so does this.
pub(super) fn verify(token: &str, url: &str, form: &Form, signature: &str) -> bool {
    let (without, with) = with_and_without_port(url);
    let mut right = subtle::Choice::from(0);
    for url in [url, &without, &with] {
        let expected = sign(token, url, form);
        right |= expected.as_bytes().ct_eq(signature.as_bytes());
    }
    right.into()
}

/// HMAC-SHA1 over the address and every name and value, names sorted, a name's values sorted and
/// each counted once.
fn sign(token: &str, url: &str, form: &Form) -> String {
    let mut fields: Vec<_> = form.0.iter().collect();
    fields.sort();
    fields.dedup();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else {
        return String::new(); // HMAC takes keys of any length; an empty signature matches nothing.
    };
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The address without its port, and with one (its own, or its scheme's).
fn with_and_without_port(url: &str) -> (String, String) {
    let unchanged = || (url.to_owned(), url.to_owned());
    let Some((scheme, rest)) = url.split_once("://") else {
        return unchanged();
    };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let port = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    match port {
        Some((name, _)) => (format!("{scheme}://{name}{path}"), url.to_owned()),
        None => {
            let port = if scheme == "http" { 80 } else { 443 };
            (url.to_owned(), format!("{scheme}://{host}:{port}{path}"))
        }
    }
}

/// An incoming text with everything that came with it. Check the signature first.
///
/// # Errors
/// [`Missing`] when there is no id to know a repeat by, or no sender to answer.
pub fn inbound(form: &Form) -> Result<Inbound, Missing> {
    let provider_id = ["MessageSid", "SmsMessageSid", "SmsSid"]
        .into_iter()
        .find_map(|name| form.text(name))
        .ok_or(Missing("MessageSid"))?;
    let from = form.text("From").ok_or(Missing("From"))?;
    // NumMedia is not asked: every MediaUrlN that is there counts.
    let media = (0..MOST_MEDIA)
        .filter_map(|n| {
            Some(Media {
                reference: form.text(&format!("MediaUrl{n}"))?.to_owned(),
                content_type: form
                    .text(&format!("MediaContentType{n}"))
                    .unwrap_or("application/octet-stream")
                    .to_owned(),
            })
        })
        .collect();
    Ok(Inbound {
        provider_id: provider_id.to_owned(),
        from: from.to_owned(),
        body: form.bytes("Body").unwrap_or_default().to_vec(),
        media,
        sent_at: None, // Twilio's webhook does not say.
        ..Inbound::default()
    })
}

/// A delivery receipt. `outbox` is our id, from the query of the address that was called back.
/// `Ok(None)` when the word says nothing about a message of ours, or is new to us: answer 200, or
/// Twilio reports an error to the school for a word that harms nobody.
///
/// # Errors
/// [`Missing`] when there is no status at all, or nothing that says which message is meant.
pub fn receipt(form: &Form, outbox: Option<Uuid>) -> Result<Option<Receipt>, Missing> {
    let word = ["MessageStatus", "SmsStatus"]
        .into_iter()
        .find_map(|name| form.text(name))
        .ok_or(Missing("MessageStatus"))?;
    let provider_id = ["MessageSid", "SmsSid"]
        .into_iter()
        .find_map(|name| form.text(name));
    if provider_id.is_none() && outbox.is_none() {
        return Err(Missing("MessageSid"));
    }
    let error = form.text("ErrorCode").filter(|code| *code != "0");
    Ok(status(word).map(|status| Receipt {
        outbox,
        provider_id: provider_id.map(str::to_owned),
        status,
        error: error.map(str::to_owned),
        stopped: error == Some(STOPPED),
        part: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::form::parse_form;

    #[test]
    fn every_signature_that_twilios_own_tests_know_is_accepted() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/twilio_signature_vectors.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!(
                "passed without Twilio's vectors: {} is not here",
                path.display()
            );
            return;
        };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let token = vectors["auth_token"].as_str().unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        let form_of = |params: &serde_json::Value| -> Form {
            let pairs: Vec<(String, String)> = serde_json::from_value(params.clone()).unwrap();
            pairs.into_iter().collect()
        };
        let first = form_of(&cases[0]["params"]);
        for case in cases {
            let form = match &case["params"] {
                serde_json::Value::Array(_) => form_of(&case["params"]),
                _ => first.clone(),
            };
            let url = case["url"].as_str().unwrap();
            let signature = case["signature"].as_str().unwrap();
            assert!(verify(token, url, &form, signature), "{url}");
            let portless = url.replace(":443", "").replace(":80", "");
            assert!(verify(token, &portless, &form, signature), "{portless}");
            assert!(!verify("12346", url, &form, signature), "another token");
            let other = url.replace("foo=1", "foo=2");
            assert!(!verify(token, &other, &form, signature), "another address");
        }
    }

    /// Made by `tests/peers/twilio_signatures.py` with Twilio's own SDK.
    #[test]
    fn a_request_signed_by_twilios_sdk_is_accepted_and_an_altered_one_is_not() {
        let url = "https://school.example/hooks/twilio/main?outbox=1&b=2";
        let body = "MessageSid=SM02&From=%2B447700900101&Body=tea+%26+toast+%C2%A35+%F0%9F%98%80&Tag=b&Tag=a&Tag=b&Empty=";
        let signature = "1N0WTxDVwsv5f9MqGwXSBhgOUn4=";
        assert!(verify(
            "twilio-test-token",
            url,
            &parse_form(body.as_bytes()),
            signature
        ));
        let altered = [
            (url, body.replace("tea", "Tea")),
            (url, body.replace("Tag=a", "Tag=c")),
            (url, format!("{body}&More=1")),
            (
                "https://school.example/hooks/twilio/other?outbox=1&b=2",
                body.to_owned(),
            ),
        ];
        for (url, body) in altered {
            assert!(
                !verify(
                    "twilio-test-token",
                    url,
                    &parse_form(body.as_bytes()),
                    signature
                ),
                "{body}"
            );
        }
        for wrong in ["", "x", &signature.to_lowercase(), &format!("{signature}=")] {
            assert!(!verify(
                "twilio-test-token",
                url,
                &parse_form(body.as_bytes()),
                wrong
            ));
        }
    }

    #[test]
    fn forms_become_messages() {
        let whole = |id: &str, from: &str, body: &[u8], media: &[(&str, &str)]| {
            Ok(Inbound {
                provider_id: id.to_owned(),
                from: from.to_owned(),
                body: body.to_vec(),
                media: media
                    .iter()
                    .map(|(content_type, reference)| Media {
                        content_type: (*content_type).to_owned(),
                        reference: (*reference).to_owned(),
                    })
                    .collect(),
                ..Inbound::default()
            })
        };
        let table = [
            (
                "ToCountry=GB&MessageSid=SM1&From=%2B447700900101&To=%2B447700900000&Body=im+worried+about+sam&NumMedia=0",
                whole("SM1", "+447700900101", b"im worried about sam", &[]),
            ),
            // Not UTF-8, and a NUL: kept as they came.
            (
                "MessageSid=SM2&From=%2B447700900101&Body=%ff%00x",
                whole("SM2", "+447700900101", b"\xff\0x", &[]),
            ),
            // A photo without words; then three, of which only the first used to be kept elsewhere.
            (
                "MessageSid=MM3&From=%2B447700900101&Body=&NumMedia=1&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&MediaContentType0=image%2Fjpeg",
                whole(
                    "MM3",
                    "+447700900101",
                    b"",
                    &[("image/jpeg", "https://api.twilio.com/a")],
                ),
            ),
            (
                "SmsSid=SM4&From=%2B447700900101&NumMedia=3&MediaUrl0=a&MediaUrl1=b&MediaContentType1=audio%2Fogg&MediaUrl2=c&MediaContentType2=image%2Fpng",
                whole(
                    "SM4",
                    "+447700900101",
                    b"",
                    &[
                        ("application/octet-stream", "a"),
                        ("audio/ogg", "b"),
                        ("image/png", "c"),
                    ],
                ),
            ),
            (
                "MessageSid=SM5&From=NHS&Body=x",
                whole("SM5", "NHS", b"x", &[]),
            ),
            ("From=%2B447700900101&Body=x", Err(Missing("MessageSid"))),
            (
                "MessageSid=&From=%2B447700900101",
                Err(Missing("MessageSid")),
            ),
            ("MessageSid=SM6&Body=x", Err(Missing("From"))),
        ];
        for (form, expected) in table {
            assert_eq!(inbound(&parse_form(form.as_bytes())), expected, "{form}");
        }
    }

    #[test]
    fn each_of_twilios_words_is_a_step_of_the_ladder_or_is_ignored() {
        let outbox = Some(Uuid::from_u128(7));
        let words: Vec<_> = STATUSES.iter().map(|(word, _)| *word).collect();
        assert_eq!(words.len(), 13);
        let heard: Vec<String> = words
            .iter()
            .copied()
            .chain(["teleported"])
            .map(|word| {
                let form = parse_form(format!("MessageSid=SM1&MessageStatus={word}").as_bytes());
                match receipt(&form, outbox).unwrap() {
                    Some(receipt) => {
                        assert_eq!(receipt.outbox, outbox);
                        assert_eq!(receipt.provider_id.as_deref(), Some("SM1"));
                        format!("{word}: {}", receipt.status.word())
                    }
                    None => format!("{word}: -"),
                }
            })
            .collect();
        assert_eq!(
            heard,
            [
                "accepted: accepted",
                "scheduled: accepted",
                "queued: accepted",
                "sending: accepted",
                "sent: sent",
                "partially_delivered: sent",
                "delivered: delivered",
                "read: delivered",
                "undelivered: undelivered",
                "failed: failed",
                "canceled: failed",
                "receiving: -",
                "received: -",
                "teleported: -",
            ]
        );
    }

    #[test]
    fn a_receipt_says_why_a_message_failed_and_whether_the_person_stopped_us() {
        let read = |form: &str| receipt(&parse_form(form.as_bytes()), None);
        let stopped = read("MessageSid=SM1&MessageStatus=failed&ErrorCode=21610")
            .unwrap()
            .unwrap();
        assert_eq!(stopped.error.as_deref(), Some("21610"));
        assert!(stopped.stopped);
        let off = read("SmsSid=SM1&SmsStatus=undelivered&ErrorCode=30003")
            .unwrap()
            .unwrap();
        assert_eq!((off.error.as_deref(), off.stopped), (Some("30003"), false));
        let fine = read("MessageSid=SM1&MessageStatus=sent&ErrorCode=0")
            .unwrap()
            .unwrap();
        assert_eq!(fine.error, None);
        assert_eq!(read("MessageSid=SM1"), Err(Missing("MessageStatus")));
        assert_eq!(read("MessageStatus=sent"), Err(Missing("MessageSid")));
    }
}
