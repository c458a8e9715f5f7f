//! Mail servers and mailboxes: the deployment's, and those of schools that have their own.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

use super::School;
use super::read::is_loopback;
use super::secret::{Outside, Secret};
use crate::channel::email::inbound::ReplyAddress;
use crate::document::{Document, Table};

/// A mail server, and how answers to what leaves by it come back.
#[derive(Debug, Clone)]
pub struct Email {
    /// Its host name.
    pub host: String,
    /// Its port, usually 587.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// The name to sign in by, where it asks for one.
    pub username: Option<String>,
    /// The password of that name.
    pub password: Option<Secret>,
    /// A certificate authority to trust besides the well-known ones (PEM): a school's own server.
    pub certificate: Option<PathBuf>,
    /// Whom the email is from.
    pub from: String,
    /// How answers are read; without it none are.
    pub inbound: Option<EmailInbound>,
}

/// How email comes in: one of the two ways, or both.
#[derive(Debug, Clone)]
pub struct EmailInbound {
    /// The address that answers go to, which takes `name+anything@` as well.
    pub address: String,
    /// The mailbox, read by IMAP.
    pub imap: Option<Mailbox>,
    /// What a provider shows that posts to `/hooks/email`, or to `/hooks/email/` and the school.
    pub secret: Option<Secret>,
}

/// A mailbox that is read by IMAP.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its server's host name.
    pub host: String,
    /// Its server's port, usually 993.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailboxTls,
    /// The name to sign in by.
    pub username: String,
    /// The password of that name.
    pub password: Secret,
    /// The folder that is read.
    pub folder: String,
    /// Where what was read is moved to, if anywhere.
    pub done_folder: Option<String>,
    /// How often it is looked into.
    pub every: Duration,
    /// A certificate authority to trust besides the well-known ones (PEM).
    pub certificate: Option<PathBuf>,
}

/// How a connection to a mailbox is protected.
pub type MailboxTls = crate::channel::email::imap::Protection;

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, required.
    Starttls,
    /// None: only to this machine itself.
    Plain,
}

impl Email {
    /// Its secrets, and what each is.
    pub(super) fn secrets(&self) -> Vec<(&'static str, &Secret)> {
        let inbound = self.inbound.as_ref();
        let mailbox = inbound.and_then(|i| i.imap.as_ref());
        let named = [
            ("the mail server's password", self.password.as_ref()),
            ("the mailbox's password", mailbox.map(|m| &m.password)),
            (
                "the secret of the email provider that calls us",
                inbound.and_then(|i| i.secret.as_ref()),
            ),
        ];
        named
            .into_iter()
            .filter_map(|(what, secret)| Some((what, secret?)))
            .collect()
    }
}

/// A password, in the environment or in a file of its own.
const PASSWORD: [&str; 3] = ["password", "password_env", "password_file"];

/// `[email.inbound]`: a mailbox that we look into, or a provider that posts what came to it.
fn email_inbound(table: &Table<'_>, public: bool, outside: &Outside<'_>) -> Option<EmailInbound> {
    #[derive(Clone, Copy)]
    enum Kind {
        Imap,
        Webhook,
        Both,
    }
    const KINDS: &[(&str, Kind)] = &[
        ("imap", Kind::Imap),
        ("webhook", Kind::Webhook),
        ("imap and webhook", Kind::Both),
    ];
    const SECRET: [&str; 3] = ["secret", "secret_env", "secret_file"];
    let document = table.document();
    let address = table.need_parsed(
        "address",
        "the plain address of a mailbox, such as \"cases@school.example\"",
        |text| ReplyAddress::parse(text).map(|address| address.to_string()),
    );
    if !table.has("kind") {
        table.missing("kind", "\"imap\"");
        return None;
    }
    let kind = table.one_of("kind", KINDS)?;
    let secret = match kind {
        Kind::Imap => None,
        Kind::Webhook | Kind::Both => {
            if !public {
                document.fault(
                    table.span_of("kind"),
                    "email waits for a provider's calls at no address",
                    "set `public_url`, or write kind = \"imap\"",
                );
            }
            Some(Secret::need(table, SECRET, outside)?)
        }
    };
    let imap = match kind {
        Kind::Webhook => None,
        Kind::Imap | Kind::Both => Some(mailbox(table, outside)?),
    };
    Some(EmailInbound {
        address: address?,
        imap,
        secret,
    })
}

fn port(table: &Table<'_>, usual: u16) -> Option<u16> {
    table.number("port").map_or(Some(usual), |port| {
        let number = u16::try_from(port.value).ok().filter(|p| *p > 0);
        if number.is_none() {
            let remedy = format!("write {usual}");
            table
                .document()
                .fault(port.span, "there is no such port", remedy);
        }
        number
    })
}

fn mailbox(table: &Table<'_>, outside: &Outside<'_>) -> Option<Mailbox> {
    const TLS: &[(&str, MailboxTls)] = &[
        ("tls", MailboxTls::Tls),
        ("starttls", MailboxTls::Starttls),
        ("plain", MailboxTls::Plain),
    ];
    let document = table.document();
    let host = table.need_text("host");
    let tls = table.one_of("tls", TLS).unwrap_or(MailboxTls::Tls);
    let usual = if tls == MailboxTls::Tls { 993 } else { 143 };
    let port = port(table, usual);
    if let Some(host) = &host
        && tls == MailboxTls::Plain
        && !is_loopback(&host.value)
    {
        document.fault(
            table.span_of("tls"),
            "what parents write would come to this machine unprotected",
            "write tls = \"tls\": plain is for a mail server on this machine",
        );
    }
    let username = table.need_text("username");
    let password = Secret::need(table, PASSWORD, outside);
    let folder = table
        .text("folder")
        .map_or_else(|| "INBOX".to_owned(), |f| f.value);
    let done_folder = table.text("done_folder").map(|f| f.value);
    let every = table.parsed("every", "a length of time such as \"30s\"", |text| {
        let span: SignedDuration = text.parse().ok()?;
        Duration::try_from(span).ok().filter(|d| !d.is_zero())
    });
    let certificate = table.text("certificate").map(|c| outside.path(&c.value));
    Some(Mailbox {
        host: host?.value,
        port: port?,
        tls,
        username: username?.value,
        password: password?,
        folder,
        done_folder,
        every: every.unwrap_or(Duration::from_secs(30)),
        certificate,
    })
}

/// `[email]`, or `[school.email]`: a mail server, and how answers come back.
pub(super) fn email(table: Table<'_>, public: bool, outside: &Outside<'_>) -> Option<Email> {
    let document = table.document();
    let host = table.need_text("host");
    let port = port(&table, 587);
    let tls = table
        .one_of("tls", &[("starttls", Tls::Starttls), ("plain", Tls::Plain)])
        .unwrap_or(Tls::Starttls);
    if let Some(host) = &host
        && tls == Tls::Plain
        && !is_loopback(&host.value)
    {
        document.fault(
            table.span_of("tls"),
            "email would leave this machine unprotected",
            "write tls = \"starttls\": plain is for a mail server on this machine",
        );
    }
    let username = table.text("username").map(|u| u.value);
    let password = Secret::read(&table, PASSWORD, outside);
    if username.is_some() != password.is_some() {
        document.fault(
            table.span(),
            "signing in to the mail server takes a username and a password",
            "write both username and password_env, or neither",
        );
    }
    let from = table.need_parsed("from", "an address such as \"texts@school.example\"", |t| {
        let address = t
            .rsplit_once('<')
            .map_or(t, |(_, a)| a.trim_end_matches('>'));
        let (name, host) = address.split_once('@')?;
        (!name.is_empty() && !host.is_empty()).then(|| t.to_owned())
    });
    let certificate = table.text("certificate").map(|c| outside.path(&c.value));
    let inbound = table.table("inbound");
    let reads = inbound.is_some();
    let inbound = inbound.and_then(|t| {
        let read = email_inbound(&t, public, outside);
        // What only the other kind has is a fault as well.
        t.no_more();
        read
    });
    table.no_more();
    Some(Email {
        inbound: if reads { Some(inbound?) } else { None },
        host: host?.value,
        port: port?,
        tls,
        username,
        password,
        certificate,
        from: from?,
    })
}

/// The mail server of the schools that have none of their own, and each school's own.
pub(super) fn servers<'a>(
    shared: Option<&'a Email>,
    schools: &'a [School],
) -> impl Iterator<Item = (Option<&'a School>, &'a Email)> {
    let own = schools
        .iter()
        .filter_map(|s| Some((Some(s), s.email.as_ref()?)));
    shared.into_iter().map(|email| (None, email)).chain(own)
}

/// Answers to one school's email are not another's to read, nor read twice.
pub(super) fn mailboxes_are_one_servers(
    document: &Document<'_>,
    shared: Option<&Email>,
    schools: &[School],
) {
    let mut seen: Vec<&str> = Vec::new();
    for (school, email) in servers(shared, schools) {
        let Some(inbound) = &email.inbound else {
            continue;
        };
        if seen.contains(&inbound.address.as_str()) {
            let whose = school.map_or("[email]", |s| s.id.as_str());
            document.fault(
                None,
                format!(
                    "answers to {} are read twice, last for {whose}",
                    inbound.address
                ),
                "give each mail server a mailbox of its own",
            );
        }
        seen.push(&inbound.address);
    }
}
