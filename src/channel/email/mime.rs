//! An email as it came, read: who wrote, to which of our addresses, the words as text whatever they
//! were written in, what is attached, and whether a machine wrote it.

use jiff::Timestamp;
use mail_parser::{
    Address, HeaderForm, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _,
    PartType,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::channel::{Receipt, Status};

/// The longest text that is read: what is behind it is cut off, and said to be.
const LONGEST: usize = 100_000;

/// Files of one email that are kept, at most.
const MOST_FILES: usize = 20;

/// A picture inside the page that is smaller than this is a mail program's ornament, and no photo.
const ORNAMENT: usize = 16 * 1024;

/// What stands where a text was cut off.
const CUT: &str = "\n[cut off here: the rest is in the mailbox]";

/// An email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What makes a repeat harmless: its Message-ID, or what it holds where it has none.
    pub key: String,
    /// Its Message-ID, for the thread of an answer.
    pub message_id: Option<String>,
    /// Who wrote, in small letters; empty where nobody says.
    pub from: String,
    /// Every address it went to, in small letters.
    pub to: Vec<String>,
    /// What it is about.
    pub subject: String,
    /// The whole text, with what it quotes.
    pub text: String,
    /// What came with it.
    pub files: Vec<Attached>,
    /// When it was written.
    pub sent_at: Option<Timestamp>,
    /// A machine wrote it: it is never answered.
    pub automatic: bool,
    /// It says what became of emails of ours.
    pub reports: Vec<Receipt>,
    /// It is about delivery and nothing else: nobody has to read it.
    pub is_report: bool,
}

/// A file that came with an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// As the mail says.
    pub content_type: String,
    /// Its content.
    pub content: Vec<u8>,
    /// Something a mail program puts into every mail, such as a logo.
    pub ornament: bool,
}

/// Reads an email. Nothing is refused: what cannot be read as one is the text of one.
pub fn read(raw: &[u8], envelope_to: &[String]) -> Mail {
    // Mail comes from anybody: one that the parser stumbles over must not stop those behind it.
    let read = std::panic::catch_unwind(|| {
        let message = MessageParser::default().parse(raw)?;
        Some(of_message(&message, raw, envelope_to))
    });
    read.ok().flatten().unwrap_or_else(|| Mail {
        key: digest(raw),
        message_id: None,
        from: String::new(),
        to: envelope_to.iter().map(|to| to.to_lowercase()).collect(),
        subject: String::new(),
        text: short(&String::from_utf8_lossy(raw)),
        files: Vec::new(),
        sent_at: None,
        automatic: true,
        reports: Vec::new(),
        is_report: false,
    })
}

fn of_message(message: &Message<'_>, raw: &[u8], envelope_to: &[String]) -> Mail {
    let message_id = message.message_id().map(clean);
    let from = message.from().or(message.sender());
    let from = from.and_then(|a| a.first()).and_then(|a| a.address());
    let is_report = is_kind(message, "multipart", "report");
    let sent = message.date().map(|at| at.to_timestamp());
    let key = message_id.as_deref().map_or(raw, str::as_bytes);
    Mail {
        key: digest(key),
        from: clean(from.unwrap_or_default()).to_lowercase(),
        to: recipients(message, envelope_to),
        subject: clean(message.subject().unwrap_or_default()),
        text: text(message),
        files: files(message),
        sent_at: sent.and_then(|at| Timestamp::from_second(at).ok()),
        automatic: is_automatic(message) || is_report,
        reports: reports(message),
        is_report,
        message_id,
    }
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Without what PostgreSQL cannot keep, on one line.
fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
        .trim()
        .chars()
        .take(300)
        .collect()
}

fn short(text: &str) -> String {
    let text = text.replace('\0', "\u{fffd}").replace("\r\n", "\n");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}{CUT}", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// The addresses an email went to: those it names, and those that servers noted on its way.
fn recipients(message: &Message<'_>, envelope: &[String]) -> Vec<String> {
    const NOTED: [&str; 5] = [
        "Delivered-To",
        "X-Original-To",
        "Envelope-To",
        "X-Forwarded-To",
        "X-Envelope-To",
    ];
    let mut to: Vec<String> = envelope.iter().map(|a| a.trim().to_lowercase()).collect();
    let mut add = |address: &Address<'_>| {
        let all = address.iter().filter_map(|a| a.address());
        to.extend(all.map(|a| a.trim().to_lowercase()));
    };
    for named in [message.to(), message.cc(), message.bcc()]
        .into_iter()
        .flatten()
    {
        add(named);
    }
    for header in NOTED {
        for value in message.header_as(header, HeaderForm::Addresses) {
            if let HeaderValue::Address(address) = value {
                add(&address);
            }
        }
    }
    to.dedup();
    to
}

/// All parts that are text to read; HTML as text where there is nothing else.
fn text(message: &Message<'_>) -> String {
    let mut words = String::new();
    for part in message.text_bodies() {
        let part = match &part.body {
            PartType::Text(text) => text.to_string(),
            PartType::Html(html) => of_html(html),
            _ => continue,
        };
        if !words.is_empty() {
            words.push('\n');
        }
        words.push_str(&part);
    }
    short(&words)
}

/// HTML as text: what it quotes begins as Outlook begins it.
fn of_html(html: &str) -> String {
    const QUOTES: [&str; 2] = ["<blockquote", "<div id=\"divRplyFwdMsg\""];
    const RULE: &str = "<p>-----Original Message-----</p>";
    let mut marked = html.to_owned();
    for quote in QUOTES {
        marked = marked.replace(quote, &format!("{RULE}{quote}"));
    }
    mail_parser::decoders::html::html_to_text(&marked)
}

fn files(message: &Message<'_>) -> Vec<Attached> {
    let parts = message.attachments().filter_map(|part| {
        let content = match &part.body {
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
            PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
            PartType::Message(inner) => inner.raw_message().to_vec(),
            PartType::Multipart(_) => return None,
        };
        let kind = kind_of(part);
        let inside = part.content_id().is_some() && kind.starts_with("image/");
        Some(Attached {
            ornament: inside && content.len() < ORNAMENT,
            content_type: kind,
            content,
        })
    });
    parts.take(MOST_FILES).collect()
}

fn kind_of(part: &MessagePart<'_>) -> String {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(sub) => format!("{}/{sub}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    clean(&kind).to_lowercase()
}

fn is_kind(message: &Message<'_>, kind: &str, sub: &str) -> bool {
    message.content_type().is_some_and(|c| {
        let same = c.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub));
        c.ctype().eq_ignore_ascii_case(kind) && same
    })
}

/// Whether a machine wrote it: holiday notices, lists, bounces, other programs (RFC 3834, and what
/// mail programs put there in its place). Two machines would answer each other for ever.
fn is_automatic(message: &Message<'_>) -> bool {
    const ALWAYS: [&str; 6] = [
        "List-Id",
        "List-Unsubscribe",
        "X-Autoreply",
        "X-Autorespond",
        "X-Auto-Response-From",
        "Feedback-ID",
    ];
    let value = |name: &'static str| {
        let raw = message.header_as(name, HeaderForm::Raw);
        let first = raw.into_iter().next();
        first.and_then(|v| v.as_text().map(|t| t.trim().to_lowercase()))
    };
    if value("Auto-Submitted").is_some_and(|v| !v.starts_with("no")) {
        return true;
    }
    let bulk = ["bulk", "junk", "list", "auto_reply", "auto-reply"];
    if value("Precedence").is_some_and(|v| bulk.contains(&v.as_str())) {
        return true;
    }
    if value("Return-Path").is_some_and(|v| v == "<>") {
        return true;
    }
    let from = message
        .from()
        .and_then(|a| a.first())
        .and_then(|a| a.address());
    let from = from.unwrap_or_default().to_lowercase();
    let machines = [
        "mailer-daemon",
        "postmaster",
        "noreply",
        "no-reply",
        "do-not-reply",
        "donotreply",
    ];
    let who = from.split(['@', '+']).next().unwrap_or_default();
    from.is_empty() || machines.contains(&who) || ALWAYS.iter().any(|name| value(name).is_some())
}

/// What a report of delivery says (RFC 3464), of emails of ours that it names: by the address answers
/// would have gone to, and the id.
fn reports(message: &Message<'_>) -> Vec<Receipt> {
    let mut status = None;
    let mut error = None;
    let mut ours = None;
    for part in &message.parts {
        let kind = kind_of(part);
        let body = match &part.body {
            PartType::Message(inner) => {
                ours = ours.or_else(|| our_id(inner));
                continue;
            }
            PartType::Text(text) | PartType::Html(text) => text.to_string(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            PartType::Multipart(_) => continue,
        };
        if kind == "message/delivery-status" {
            let value = |key: &str| {
                body.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.trim()
                        .eq_ignore_ascii_case(key)
                        .then(|| value.trim().to_lowercase())
                })
            };
            status = match value("Action").as_deref() {
                Some("failed") => Some(Status::Failed),
                Some("delivered") => Some(Status::Delivered),
                Some("relayed" | "expanded") => Some(Status::Sent),
                // Delayed: it is still being tried.
                _ => None,
            };
            let code = value("Status").unwrap_or_default();
            let sound = code.chars().all(|c| c.is_ascii_digit() || c == '.');
            error = (sound && !code.is_empty()).then_some(code);
        } else if matches!(
            kind.as_str(),
            "text/rfc822-headers" | "message/rfc822-headers" | "message/rfc822"
        ) {
            ours = ours.or_else(|| {
                MessageParser::default()
                    .parse(body.as_bytes())
                    .and_then(|m| our_id(&m))
            });
        }
    }
    let (Some(status), Some(id)) = (status, ours) else {
        return Vec::new();
    };
    let failed = status == Status::Failed;
    vec![Receipt {
        outbox: Some(id),
        provider_id: None,
        status,
        error: error.filter(|_| failed),
        stopped: false,
        part: None,
    }]
}

/// Our id of an email, from the Message-ID we gave it.
fn our_id(message: &Message<'_>) -> Option<Uuid> {
    let (id, _) = message.message_id()?.split_once('@')?;
    Uuid::parse_str(id).ok()
}

#[cfg(test)]
mod tests;
