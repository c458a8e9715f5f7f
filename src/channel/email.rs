//! Email through the school's mail server (SMTP with STARTTLS), and what comes back: by IMAP, or
//! posted by a provider.
//!
//! The conversation with the server is held step by step, because what a failure means depends on
//! the step: until the last full stop of the message nothing has left; after it nobody knows. It
//! never falls back to plain text.

pub mod imap;
pub mod inbound;
pub mod mime;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret as _, SecretString};

use self::inbound::ReplyAddress;
use super::{Abilities, Accepted, Outbound, SendError, Status};

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "email",
    name: "Email",
    known_by: "a secret in the address or a header (or by reading a mailbox); a writer by the address they answer to",
    receipts: "to `accepted`: the mail server has it; a bounce says that it failed",
    files: true,
    catches_up: true,
    polls: true,
    can_be_asked: false,
    buttons: false,
    longest: None,
    // The mail server of the school says nothing.
    per_minute: None,
    page: "email.md",
};

/// The endpoint by which email leaves and comes, for every school that has no mail server of its own.
pub const ENDPOINT: &str = "email";

/// What stands before a school's id in the endpoint of its own mail server. No channel has an @ in its id.
const OWN: &str = "email@";

/// The endpoint of a school's own mail server.
pub fn own_endpoint(school: &str) -> String {
    format!("{OWN}{school}")
}

/// The school whose own mail server an endpoint is, whether or not it still has one.
pub fn school_of(endpoint: &str) -> Option<&str> {
    endpoint.strip_prefix(OWN)
}

/// Whether email leaves and comes by an endpoint.
pub fn is_endpoint(endpoint: &str) -> bool {
    endpoint == ENDPOINT || school_of(endpoint).is_some()
}

/// How long everything before the message itself may take, and then the message.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The school's mail server and our account there.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name, which its certificate must hold.
    pub host: String,
    /// 587 for submission (RFC 6409).
    pub port: u16,
    /// No TLS: only for a server on this same machine.
    pub plain: bool,
    /// User name and password, where the server wants them.
    pub login: Option<(String, SecretString)>,
    /// Whom mail comes from: `School <school@example.org>`, or the address alone.
    pub from: String,
    /// A certificate authority (PEM) to trust besides the public ones: the council's own.
    pub extra_root: Option<PathBuf>,
    /// Where answers go, where they are read.
    pub reply: Option<ReplyAddress>,
}

/// A mail server, ready to use. A connection is made for each message.
pub struct Email {
    host: String,
    port: u16,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    from: Mailbox,
    reply: Option<ReplyAddress>,
    hello: ClientId,
    timeout: Duration,
}

impl std::fmt::Debug for Email {
    /// The password is nobody's to print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Email {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| "the sender's address is not one such as school@example.org")?;
        let host = settings.host.as_str();
        if settings.plain && !is_this_machine(host) {
            return Err(
                "mail without TLS is only for a server on this machine: remove `plain`".to_owned(),
            );
        }
        let tls = (!settings.plain).then(|| tls(settings)).transpose()?;
        Ok(Self {
            host: host.to_owned(),
            port: settings.port,
            tls,
            login: settings.login.as_ref().map(|(user, password)| {
                Credentials::new(user.clone(), password.expose_secret().to_owned())
            }),
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
            reply: settings.reply.clone(),
            timeout: TIMEOUT,
        })
    }

    /// Sends one message to one person. [`Accepted::provider_id`] is its `Message-ID`, which holds
    /// our own id.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let message = self.message(out)?;
        let bytes = message.formatted();
        let mut connection = self
            .within(async {
                let mut connection = self.connect().await?;
                if let Err(fault) = envelope(&mut connection, &message, &bytes).await {
                    connection.abort().await;
                    return Err(fault);
                }
                Ok(connection)
            })
            .await
            .map_err(Fault::before_the_message)?;
        let result = tokio::time::timeout(self.timeout, connection.message(&bytes)).await;
        // The answer is there; saying goodbye must not change or delay it.
        let patience = self.timeout;
        tokio::spawn(async move {
            _ = tokio::time::timeout(patience, connection.abort()).await;
        });
        match result {
            Ok(Ok(_)) => Ok(Accepted {
                provider_id: self.message_id(out),
                status: Status::Accepted,
            }),
            Ok(Err(error)) => Err(Fault::Answer(error).at_the_message()),
            Err(_) => Err(Fault::Silence.at_the_message()),
        }
    }

    /// Whether the server is there, speaks TLS and takes our login.
    pub async fn probe(&self) -> Result<String, String> {
        match self.within(self.connect()).await {
            Ok(mut connection) => {
                connection.abort().await;
                let how = match (&self.tls, &self.login) {
                    (Some(_), Some(_)) => "over TLS, and takes our login",
                    (Some(_), None) => "over TLS",
                    (None, _) => "without TLS, on this machine",
                };
                Ok(format!("the mail server answers {how}"))
            }
            Err(fault) => Err(format!("{}: {}", fault.why(), fault.remedy())),
        }
    }

    async fn within<T>(&self, steps: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        tokio::time::timeout(self.timeout, steps)
            .await
            .unwrap_or(Err(Fault::Silence))
    }

    /// Connects, encrypts, logs in.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(super::http::CONNECT_TIMEOUT),
            &self.hello,
            None,
            None,
        )
        .await
        .map_err(Fault::Answer)?;
        if let Some(tls) = &self.tls {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(Fault::NoTls);
            }
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| match error.status() {
                    Some(_) => Fault::Answer(error),
                    None => Fault::Tls,
                })?;
        }
        if let Some(login) = &self.login {
            let answer = connection.auth(DEFAULT_MECHANISMS, login).await;
            if let Err(error) = answer {
                connection.abort().await;
                return Err(Fault::Login(error));
            }
        }
        Ok(connection)
    }

    fn message(&self, out: &Outbound) -> Result<Message, SendError> {
        let refused = |why: &str| SendError::Refused {
            why: why.to_owned(),
            stopped: false,
        };
        let to: Mailbox = match out.to.parse() {
            Ok(to) if out.to.is_ascii() => to,
            _ => {
                return Err(refused(
                    "the address is not an email address in plain letters",
                ));
            }
        };
        // A line break in a subject would begin a header of its own.
        let subject = out.subject.as_deref().unwrap_or_default();
        let subject = subject.replace(|c: char| c.is_control(), " ");
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .message_id(Some(self.message_id(out)));
        let thread = reference(&subject);
        let thread = thread.map(|reference| format!("<{reference}@{}>", self.from.email.domain()));
        let answers = out.correspondence.answers.as_deref().and_then(message_id);
        if let Some(parent) = answers.clone().or_else(|| thread.clone()) {
            let line: Vec<String> = thread.into_iter().chain(answers).collect();
            builder = builder.in_reply_to(parent).references(line.join(" "));
        }
        if let (Some(reply), Some(token)) = (&self.reply, &out.correspondence.token) {
            let reply: Mailbox = reply
                .with(token)
                .parse()
                .map_err(|_| refused("the address for answers cannot be one"))?;
            builder = builder.reply_to(reply);
        }
        // RFC 3834: nobody's holiday notice answers this.
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        builder
            .subject(subject)
            .raw_header(automatic)
            .header(lettre::message::header::ContentType::TEXT_PLAIN)
            .body(out.body.clone())
            .map_err(|_| refused("the message could not be written"))
    }

    fn message_id(&self, out: &Outbound) -> String {
        format!("<{}@{}>", out.id, self.from.email.domain())
    }
}

/// Whether a server is this machine itself.
fn is_this_machine(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Somebody's Message-ID as it stands in a header; `None` where it could be anything else.
fn message_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let sound = |c: char| c.is_ascii_graphic() && c != '<' && c != '>';
    (!id.is_empty() && id.len() < 250 && id.chars().all(sound)).then(|| format!("<{id}>"))
}

fn tls(settings: &Settings) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.extra_root {
        let unusable = || format!("{} holds no certificate (PEM)", path.display());
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        builder =
            builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| unusable())?);
    }
    builder
        .build()
        .map_err(|_| "the mail server's name or the extra root cannot be used".to_owned())
}

/// A reference that people say on the phone (`C-1042`) puts all mail that names it in its subject
/// into one thread of the reader's mail program.
fn reference(subject: &str) -> Option<&str> {
    subject
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find(|word| {
            word.split_once('-').is_some_and(|(letters, digits)| {
                let all = |text: &str, is: fn(&u8) -> bool| {
                    !text.is_empty() && text.as_bytes().iter().all(is)
                };
                all(letters, u8::is_ascii_uppercase) && all(digits, u8::is_ascii_digit)
            })
        })
}

/// Names sender and reader, and asks to hand over the message.
async fn envelope(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    bytes: &[u8],
) -> Result<(), Fault> {
    let mut options = Vec::new();
    if !bytes.is_ascii() {
        if !connection
            .server_info()
            .supports_feature(Extension::EightBitMime)
        {
            return Err(Fault::SevenBits);
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let envelope = message.envelope();
    let sender = Mail::new(envelope.from().cloned(), options);
    connection.command(sender).await.map_err(Fault::Answer)?;
    for reader in envelope.to() {
        let reader = Rcpt::new(reader.clone(), Vec::new());
        connection.command(reader).await.map_err(Fault::Answer)?;
    }
    connection.command(Data).await.map_err(Fault::Answer)?;
    Ok(())
}

/// What went wrong on the way.
enum Fault {
    NoTls,
    Tls,
    Login(lettre::transport::smtp::Error),
    /// A refusal with its code, or no answer that could be read.
    Answer(lettre::transport::smtp::Error),
    SevenBits,
    Silence,
}

impl Fault {
    /// In our words: the server's may quote the address.
    fn why(&self) -> String {
        let coded = |what: &str, error: &lettre::transport::smtp::Error| match error.status() {
            Some(code) => format!("the mail server {what} ({code})"),
            None => "no connection to the mail server, or it broke".to_owned(),
        };
        match self {
            Self::NoTls => "the mail server offers no STARTTLS".to_owned(),
            Self::Tls => "no TLS with the mail server: its certificate was not accepted".to_owned(),
            Self::Login(error) if error.is_client() => {
                "the mail server takes no login of a kind we know".to_owned()
            }
            Self::Login(error) => coded("refused our login", error),
            Self::Answer(error) => coded("refused", error),
            Self::SevenBits => "the mail server takes no 8-bit text".to_owned(),
            Self::Silence => "the mail server did not answer in time".to_owned(),
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::NoTls => "use its submission port, usually 587",
            Self::Tls => "name the server as its certificate does, or set `extra_root`",
            Self::Login(_) => "compare the user name and password with the mail account's",
            Self::Answer(_) | Self::Silence => {
                "see whether this machine may reach its host and port"
            }
            Self::SevenBits => "use another mail server",
        }
    }

    /// Nothing has left yet: final only when the server, or our settings, say so for good.
    fn before_the_message(self) -> SendError {
        let why = self.why();
        let for_good = match &self {
            Self::NoTls | Self::SevenBits => true,
            Self::Tls | Self::Silence => false,
            Self::Login(error) => error.is_permanent() || error.is_client(),
            Self::Answer(error) => error.is_permanent(),
        };
        if for_good {
            SendError::Refused {
                why,
                stopped: false,
            }
        } else {
            SendError::NotSent {
                why,
                retry_after: None,
            }
        }
    }

    /// The message may have left: only a code of the server's says that it did not.
    fn at_the_message(self) -> SendError {
        match &self {
            Self::Answer(error) if error.status().is_some() => self.before_the_message(),
            _ => SendError::Unknown { why: self.why() },
        }
    }
}

#[cfg(test)]
mod tests;
