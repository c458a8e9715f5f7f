//! What Vonage sends us: whether it is really Vonage, an incoming text, a delivery receipt.
//!
//! Rules from Vonage's pages "Signing messages", "Inbound SMS" and "Delivery receipts". It calls by
//! GET, by POST with a form, or by POST with JSON, as its dashboard is set; all three are read.

use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use md5::{Digest as _, Md5};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::SignatureMethod;
use crate::channel::form::{Form, parse_form};
use crate::channel::{Call, Inbound, Media, Part, Receipt, Status};
use crate::phone::Phone;

/// Vonage's words for where a text is, all of "Delivery receipts", the SMS API reference and "DLR
/// statuses", and ours. `None`: the word says nothing about whether the text arrived.
pub const STATUSES: &[(&str, Option<Status>)] = &[
    ("accepted", Some(Status::Sent)),
    ("buffered", Some(Status::Sent)),
    ("delivered", Some(Status::Delivered)),
    ("undelivered", Some(Status::Undelivered)),
    ("expired", Some(Status::Undelivered)),
    ("rejected", Some(Status::Failed)),
    ("failed", Some(Status::Failed)),
    ("deleted", None),
    ("unknown", None),
];

/// Vonage's `err-code`s, all of "Delivery receipts", in the words of a task for the office.
pub const ERRORS: &[(&str, &str)] = &[
    ("1", "no reason given"),
    ("2", "the phone is off or out of reach"),
    ("3", "the number is no longer in use"),
    ("4", "the person's network bars texts"),
    ("5", "the number is between two networks"),
    ("6", "a network took it for spam"),
    ("7", "the phone was busy"),
    ("8", "a network error"),
    (STOPPED, "the person wants no texts from this number"),
    ("10", "the text itself was wrong"),
    ("11", "Vonage found no way to the number"),
    ("12", "the number cannot be reached"),
    ("13", "not for a person of this age"),
    ("14", "the network blocks the number"),
    ("15", "the person's prepaid card is empty"),
    ("99", "an error on the way"),
];

/// "The user has specifically requested not to receive messages from a specific service."
const STOPPED: &str = "9";

/// How far `timestamp` may be from our clock. Vonage tries again for 24 hours and does not say that it
/// signs anew, and a text must not be lost to our outage; a replay is harmless, by its `messageId`.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// A signed request without a field that Vonage always sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Vonage's request has no `{0}`")]
pub struct Missing(pub &'static str);

/// The fields of a call that are signed by Vonage, and no others; `None` when it is not Vonage or
/// the signature is old.
///
/// An address of receipts has a query of ours (`?outbox=`), and Vonage does not document whether it
/// signs that with its own fields. So each way it could have is tried, and what is not in the one
/// that fits is not read.
pub(super) fn signed(call: &Call<'_>, secret: &str, method: SignatureMethod) -> Option<Form> {
    let query = parse_form(call.query.as_bytes()).0;
    let body = fields(call.body).0;
    let ours = |(name, _): &&(String, Vec<u8>)| name != "outbox";
    let candidates: [Vec<_>; 4] = [
        body.clone(),
        query.iter().filter(ours).cloned().collect(),
        query.clone(),
        query.into_iter().chain(body).collect(),
    ];
    candidates.into_iter().map(Form).find_map(|form| {
        let signature = form.text("sig")?.to_ascii_lowercase();
        let written = form.text("timestamp")?.parse().ok()?;
        let written = jiff::Timestamp::from_second(written).ok()?;
        let recent = call.now.duration_since(written).abs() <= WINDOW;
        let form = Form(
            form.0
                .into_iter()
                .filter(|(name, _)| name != "sig")
                .collect(),
        );
        let expected = sign(&form, secret, method)?;
        let right = bool::from(expected.as_bytes().ct_eq(signature.as_bytes()));
        (right && recent).then_some(form)
    })
}

/// A body as fields: JSON where it is an object, else a form. `Content-Type` is not asked, because
/// what decides is the signature.
fn fields(body: &[u8]) -> Form {
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return parse_form(body);
    };
    let text = |value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let fields = object.into_iter();
    fields.map(|(name, value)| (name, text(value))).collect()
}

/// The signature of all fields, hexadecimal: `&name=value` for each, sorted by name, with `&` and
/// `=` in values replaced by `_`; then HMAC with the secret as its key, or MD5 over it and the
/// secret. `None` for fields that Vonage does not have: a name with `&` or `=` would let one field
/// pass for two.
pub(super) fn sign(form: &Form, secret: &str, method: SignatureMethod) -> Option<String> {
    let mut fields: Vec<_> = form.0.iter().collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut text = Vec::new();
    for (name, value) in fields {
        if name.contains(['&', '=']) {
            return None;
        }
        text.push(b'&');
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend(value.iter().map(|byte| match byte {
            b'&' | b'=' => b'_',
            other => *other,
        }));
    }
    match method {
        SignatureMethod::Md5Hash => {
            text.extend_from_slice(secret.as_bytes());
            Some(hex(&Md5::digest(&text)))
        }
        SignatureMethod::Sha1 => hmac::<Hmac<Sha1>>(&text, secret),
        SignatureMethod::Sha256 => hmac::<Hmac<Sha256>>(&text, secret),
        SignatureMethod::Sha512 => hmac::<Hmac<Sha512>>(&text, secret),
    }
}

fn hmac<M: Mac + KeyInit>(text: &[u8], secret: &str) -> Option<String> {
    // HMAC takes keys of any length.
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text);
    Some(hex(&mac.finalize().into_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the fields are a receipt's or a text's; `None` where they say neither.
pub(super) fn is_receipt(form: &Form) -> Option<bool> {
    match (
        form.bytes("text").or(form.bytes("data")),
        form.text("status"),
    ) {
        (Some(_), _) => Some(false),
        (None, Some(_)) => Some(true),
        (None, None) => None,
    }
}

/// Whether a text came to a number. The webhook of another number, pointed here by mistake, would put one
/// school's families into another's records. What is no phone number cannot be compared.
pub(super) fn is_to(form: &Form, number: &str) -> bool {
    let to = form.text("to").map(|to| to.trim_start_matches('+'));
    to.is_none_or(|to| to == number || Phone::parse(&format!("+{to}")).is_err())
}

/// An incoming text, or one part of a long one: Vonage does not join them. Check the signature
/// first.
///
/// # Errors
/// [`Missing`] when there is no id to know a repeat by, or no sender to answer.
pub fn inbound(form: &Form) -> Result<Inbound, Missing> {
    let id = form.text("messageId").ok_or(Missing("messageId"))?;
    let from = form.text("msisdn").ok_or(Missing("msisdn"))?;
    // Each part has an id of its own in Vonage's examples, but nothing promises it.
    let provider_id = match form.text("concat-part") {
        Some(part) => format!("{id}-{part}"),
        None => id.to_owned(),
    };
    // A binary text (a business card, a setting) is not words; a person is shown that it came.
    let binary = form.bytes("text").is_none() && form.bytes("data").is_some();
    let media = binary.then(|| Media {
        content_type: "application/octet-stream".to_owned(),
        reference: provider_id.clone(),
    });
    let sent_at = form.text("message-timestamp").and_then(|written| {
        let utc: DateTime = written.parse().ok()?;
        Some(utc.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    Ok(Inbound {
        part: part(form),
        provider_id,
        from: e164(from),
        body: form.bytes("text").unwrap_or_default().to_vec(),
        media: media.into_iter().collect(),
        sent_at,
        proved_phone: None,
    })
}

/// Which part of a long text it is. What makes no sense is read by itself.
fn part(form: &Form) -> Option<Part> {
    let number = |name: &str| form.text(name)?.parse::<u8>().ok();
    let (n, total) = (number("concat-part")?, number("concat-total")?);
    (total > 1 && (1..=total).contains(&n)).then(|| Part {
        reference: form.text("concat-ref").unwrap_or_default().to_owned(),
        n,
        total,
    })
}

/// Vonage writes E.164 without the plus. A short code or a name stays as it is.
fn e164(msisdn: &str) -> String {
    let plain = msisdn.strip_prefix('+').unwrap_or(msisdn);
    Phone::parse(&format!("+{plain}"))
        .map_or_else(|_| msisdn.to_owned(), |phone| phone.e164().to_owned())
}

/// A delivery receipt. `outbox` is our id from the query of the address that was called back; the
/// `client-ref`, which is signed, goes before it. `Ok(None)` when the word says nothing about
/// whether the text arrived, or is new to us.
///
/// # Errors
/// [`Missing`] when there is no status at all, or nothing that says which text is meant.
pub fn receipt(form: &Form, outbox: Option<Uuid>) -> Result<Option<Receipt>, Missing> {
    let word = form.text("status").ok_or(Missing("status"))?;
    let ours = form
        .text("client-ref")
        .and_then(|id| Uuid::parse_str(id).ok());
    let outbox = ours.or(outbox);
    let provider_id = form.text("messageId");
    if provider_id.is_none() && outbox.is_none() {
        return Err(Missing("messageId"));
    }
    let code = form.text("err-code").filter(|code| *code != "0");
    let error = code.map(|code| {
        let known = ERRORS.iter().find(|(known, _)| *known == code);
        match known {
            Some((_, meaning)) => format!("Vonage's err-code {code}, {meaning}"),
            None => "an err-code of Vonage's that is new to us".to_owned(),
        }
    });
    let status = STATUSES.iter().find(|(known, _)| *known == word);
    Ok(status
        .and_then(|(_, status)| *status)
        .map(|status| Receipt {
            outbox,
            provider_id: provider_id.map(str::to_owned),
            status,
            error,
            stopped: code == Some(STOPPED),
            part: provider_id.map(str::to_owned),
        }))
}

#[cfg(test)]
mod tests;
