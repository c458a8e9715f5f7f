//! `schoolgate.toml`, the files it names and the environment, read into one [`Config`].
//!
//! Every fault is found in one reading, with its place and a remedy. A secret is never written in the
//! file, never printed and never part of a fault. Paths in the file are relative to the file.
//! Nothing here opens a database or a connection.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::fault::{Fault, Sources};
use crate::phone::Phone;
use crate::school::calendar::SchoolCalendar;
use crate::school::noticeboard::Noticeboard;
use crate::school::people::{People, Role};
use crate::school::promise::Promises;
use crate::school::retention::Retention;
use crate::school::rota::Rota;
use crate::school::service::Own;

mod channel;
mod email;
mod folders;
mod load;
mod read;
mod retention;
mod school;
mod secret;
pub mod setting;
pub mod shown;
mod sign_in;

pub use email::{Email, EmailInbound, Mailbox, MailboxTls, Tls};
pub use folders::Folders;
pub use load::Refused;
pub use secret::{MissingSecret, Secret, SecretPlace};
pub use sign_in::SchoolAccounts;

/// A commented file that passes, for `schoolgate config example`. Its secrets name variables that
/// need not be set to check it.
pub const EXAMPLE: &str = include_str!("../../config/example.toml");

/// Everything that is configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept.
    pub database: Database,
    /// Where the console and the webhooks listen.
    pub listen: SocketAddr,
    /// How the outside world reaches `listen`, without a slash at the end. Links in notices and
    /// signatures of webhooks are made with it.
    pub public_url: Option<String>,
    /// Where metrics listen, apart from everything else.
    pub metrics_listen: Option<SocketAddr>,
    /// Flows that are laid over the ones in the program.
    pub flows_dir: Option<PathBuf>,
    /// Texts and reading files that are laid over the ones in the program.
    pub locales_dir: Option<PathBuf>,
    /// The directory of services, instead of the one in the program.
    pub services_file: Option<PathBuf>,
    /// The mail server of every school that has none of its own; without either it sends no email.
    pub email: Option<Email>,
    /// The accounts staff have at Google or Microsoft, if they may sign in with them.
    pub school_accounts: Option<SchoolAccounts>,
    /// How long to wait for what.
    pub timing: Timing,
    /// The schools of this deployment, at least one.
    pub schools: Vec<School>,
    /// What is worth a look in the files read.
    pub warnings: Vec<Fault>,
    /// The files read, to print warnings with.
    pub sources: Sources,
}

impl Config {
    /// The address under which staff and providers reach this deployment: `public_url`, or else
    /// where it listens.
    pub fn public_address(&self) -> String {
        let local = || format!("http://{}", self.listen);
        let public = self.public_url.as_ref();
        public.map_or_else(local, |url| url.trim_end_matches('/').to_owned())
    }
}

/// Which database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server; the address holds a password, so it is a secret.
    Postgres(Secret),
}

/// How long the machinery waits. All have defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Without a receipt for this long, the provider is asked what became of a message. 60 s.
    pub reconcile_after: Duration,
    /// A provider that has not answered for this long is given up on. 15 s; less than half of `lease`.
    pub send_timeout: Duration,
    /// How long a claimed message belongs to the one who sends it. 40 s.
    pub lease: Duration,
    /// How often a provider is asked for messages that never arrived. 60 s.
    pub catch_up_every: Duration,
    /// A further message this soon joins the open case. 24 h.
    pub join_within: Duration,
    /// For this many school days after staff wrote or rang, a parent's words go to them first. 10.
    pub live_thread_days: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            reconcile_after: Duration::from_secs(60),
            send_timeout: Duration::from_secs(15),
            lease: Duration::from_secs(40),
            catch_up_every: Duration::from_secs(60),
            join_within: Duration::from_secs(24 * 60 * 60),
            live_thread_days: 10,
        }
    }
}

/// One school.
#[derive(Debug, Clone)]
pub struct School {
    /// A short word for it in addresses and files.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name as texts begin, short enough for one.
    pub short_name: String,
    /// The council it belongs to.
    pub authority: String,
    /// The office's phone.
    pub office_phone: Phone,
    /// The line for telling of absence, where it is not the office's.
    pub absence_phone: Option<Phone>,
    /// Where families are sent for more.
    pub links: Links,
    /// The number of the first case: 1042 makes it `C-1042`.
    pub first_case: u32,
    /// The language that texts are in where nobody has said otherwise.
    pub default_language: String,
    /// The languages it offers, the default among them.
    pub languages: Vec<String>,
    /// Hours, terms, holidays, quiet hours.
    pub calendar: SchoolCalendar,
    /// What it will keep to.
    pub promises: Promises,
    /// Who is paged, and whom to ring when nobody is.
    pub safeguarding: Safeguarding,
    /// Its own mail server, in place of the deployment's.
    pub email: Option<Email>,
    /// Roles whose email holds the words of a new concern, not only a link.
    pub email_words: Vec<Role>,
    /// How long what is kept, and what is removed by itself.
    pub retention: Retention,
    /// Where its people stand, if in a file.
    pub people_file: Option<PathBuf>,
    /// Its people; nobody until [`Config::load`] has read `people_file`.
    pub people: People,
    /// Where its noticeboard stands, if in a file.
    pub noticeboard_file: Option<PathBuf>,
    /// Homework and events; nothing until [`Config::load`] has read `noticeboard_file`.
    pub noticeboard: Noticeboard,
    /// The numbers and bots by which people reach it, the first choice first.
    pub channels: Vec<Channel>,
    /// What texts may cost in a month, in what prices are in. When it is spent, reminders wait.
    pub monthly_budget: Option<Decimal>,
    /// What it knows of services besides the directory; nothing until somebody sets it in the console.
    pub services: Own,
    /// Where things stand that can only be judged beside the flows and the directory.
    pub places: Places,
}

/// Places in the configuration.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The file.
    pub file: String,
    /// `authority`.
    pub authority: Option<Range<usize>>,
    /// `languages`.
    pub languages: Option<Range<usize>>,
}

/// Addresses of a school's pages, as they stand in a text: short, and without `https://`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The complaints policy.
    pub complaints: Option<String>,
    /// The SEN information report.
    pub sen_report: Option<String>,
    /// The council's Local Offer.
    pub local_offer: Option<String>,
    /// Where parents tell the inspectorate what they think.
    pub parent_view: Option<String>,
}

/// What happens when a child may be at risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Safeguarding {
    /// Who answers a page when.
    pub rota: Rota,
    /// Whom a parent can ring when nobody at school is there, where the school has said so.
    pub out_of_hours: Option<OutOfHours>,
}

/// A line that is answered when the school is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfHours {
    /// Whose it is: `Camden`.
    pub who: String,
    /// The number, as people dial it.
    pub number: String,
}

/// One number or bot of a school. Its id stands in the webhook's path and selects the secret.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Unique among all schools.
    pub id: String,
    /// Which provider.
    pub kind: ChannelKind,
    /// Messages a minute, where the school knows better than the provider's published figure.
    pub per_minute: Option<NonZeroU32>,
    /// The channel of the school that texts this number each school day, to know that texts arrive.
    pub canary: Option<String>,
    /// What a part costs, by where it goes. Empty where nobody has entered it.
    pub prices: Vec<Price>,
}

/// What one part of a text costs to numbers that begin alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The beginning, `+44`; `+` is every number.
    pub to: String,
    /// In pounds, or whatever the provider bills in.
    pub part: Decimal,
}

/// A provider and what it needs.
#[derive(Debug, Clone)]
pub enum ChannelKind {
    /// Text messages by Twilio.
    Twilio(Twilio),
    /// Text messages by Vonage.
    Vonage(Vonage),
    /// Text messages by GOV.UK Notify.
    Notify(Notify),
    /// Text messages by a Kannel gateway.
    Kannel(Kannel),
    /// Text messages by an Android phone.
    Android(Android),
    /// A Telegram bot.
    Telegram(Telegram),
    /// Email, which every school has by the one mail server of the deployment; no `[[school.channel]]`.
    Email,
    /// The handset page of the demo and `chat`.
    Handset {
        /// The school's number on it.
        number: Phone,
    },
}

/// How messages come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming {
    /// The provider calls us; needs `public_url`.
    Webhook,
    /// We ask the provider: for a school without a public address.
    Poll,
}

/// Who answers STOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOut {
    /// The provider has left it to us.
    Ours,
    /// The provider blocks the number by itself, and refuses what we send.
    Carrier,
}

/// A Twilio number.
#[derive(Debug, Clone)]
pub struct Twilio {
    /// The number people text.
    pub number: Phone,
    /// `AC…`.
    pub account_sid: String,
    /// Signs webhooks and signs us in.
    pub auth_token: Secret,
    /// `MG…`, where messages go out by a messaging service.
    pub messaging_service_sid: Option<String>,
    /// Another address of the API, for tests. `None` is Twilio's own.
    pub api_base: Option<String>,
    /// Default: the carrier's, as Twilio ships it.
    pub opt_out: OptOut,
    /// Default: webhook.
    pub inbound: Incoming,
}

/// A number at Vonage, by its SMS API.
#[derive(Debug, Clone)]
pub struct Vonage {
    /// The number people text.
    pub number: Phone,
    /// The account's key, as Vonage's dashboard shows it.
    pub api_key: String,
    /// Signs us in.
    pub api_secret: Secret,
    /// Signs webhooks; the dashboard has it beside the key.
    pub signature_secret: Secret,
    /// How webhooks are signed, as set in the dashboard.
    pub signature_method: crate::channel::vonage::SignatureMethod,
    /// Another address of the API, for tests. `None` is Vonage's own.
    pub api_base: Option<String>,
}

/// A service at GOV.UK Notify.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The number people text: Notify's "text message sender" with inbound texts on.
    pub number: Phone,
    /// `name-<service id>-<secret>`, as Notify shows it once.
    pub api_key: Secret,
    /// A text message template whose whole body is `((message))`.
    pub template_id: String,
    /// What Notify shows with each callback, for receipts and for texts that come in.
    pub callback_token: Secret,
    /// Another address of the API, for tests. `None` is Notify's own.
    pub api_base: Option<String>,
    /// Default: webhook.
    pub inbound: Incoming,
}

/// A Kannel gateway, usually the council's, and whatever it sends through.
#[derive(Debug, Clone)]
pub struct Kannel {
    /// The number people text.
    pub number: Phone,
    /// Where its smsbox takes texts: `https://sms.example.org/cgi-bin/sendsms`.
    pub sendsms_url: String,
    /// Of its `sendsms-user`.
    pub username: String,
    /// Of its `sendsms-user`.
    pub password: Secret,
    /// Stands in the addresses that Kannel calls, which it does not sign.
    pub secret: Secret,
    /// The connection to send through (`smsc`), where it has several.
    pub smsc: Option<String>,
}

/// An Android phone with a SIM, running SMS Gateway for Android.
#[derive(Debug, Clone)]
pub struct Android {
    /// The number of its SIM.
    pub number: Phone,
    /// The phone's own address, or the relay's.
    pub api_base: String,
    /// As the app shows it.
    pub username: String,
    /// As the app shows it.
    pub password: Secret,
    /// Signs webhooks; the app has it under Webhooks.
    pub signing_key: Secret,
    /// Which SIM to send with, from 1, where the phone has two.
    pub sim: Option<u8>,
}

/// A Telegram bot.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The bot's token.
    pub token: Secret,
    /// What Telegram sends with each webhook; needed for `inbound = "webhook"`.
    pub secret: Option<Secret>,
    /// Another address of the API, for tests. `None` is Telegram's own.
    pub api_base: Option<String>,
    /// Default: webhook.
    pub inbound: Incoming,
}

impl ChannelKind {
    /// The number people text, where there is one.
    pub const fn number(&self) -> Option<&Phone> {
        match self {
            Self::Twilio(Twilio { number, .. })
            | Self::Vonage(Vonage { number, .. })
            | Self::Notify(Notify { number, .. })
            | Self::Kannel(Kannel { number, .. })
            | Self::Android(Android { number, .. })
            | Self::Handset { number } => Some(number),
            Self::Telegram(_) | Self::Email => None,
        }
    }

    /// What is kept secret of it, and what each is for.
    pub fn secrets(&self) -> Vec<(&'static str, &Secret)> {
        match self {
            Self::Twilio(twilio) => vec![("auth token", &twilio.auth_token)],
            Self::Vonage(vonage) => vec![
                ("API secret", &vonage.api_secret),
                ("signature secret", &vonage.signature_secret),
            ],
            Self::Notify(notify) => vec![
                ("API key", &notify.api_key),
                ("callback token", &notify.callback_token),
            ],
            Self::Kannel(kannel) => {
                vec![("password", &kannel.password), ("secret", &kannel.secret)]
            }
            Self::Android(android) => vec![
                ("password", &android.password),
                ("signing key", &android.signing_key),
            ],
            Self::Telegram(telegram) => {
                let secret = telegram.secret.as_ref();
                let secret = secret.map(|secret| ("webhook secret", secret));
                [("token", &telegram.token)]
                    .into_iter()
                    .chain(secret)
                    .collect()
            }
            Self::Email | Self::Handset { .. } => Vec::new(),
        }
    }

    /// How messages come in; `None` where nobody has to call us or be asked.
    pub const fn inbound(&self) -> Option<Incoming> {
        match self {
            Self::Twilio(Twilio { inbound, .. })
            | Self::Notify(Notify { inbound, .. })
            | Self::Telegram(Telegram { inbound, .. }) => Some(*inbound),
            // These can only call.
            Self::Vonage(_) | Self::Kannel(_) | Self::Android(_) => Some(Incoming::Webhook),
            Self::Email | Self::Handset { .. } => None,
        }
    }
}

impl Config {
    /// A school by its id.
    pub fn school(&self, id: &str) -> Option<&School> {
        self.schools.iter().find(|s| s.id == id)
    }

    /// A channel by its id, with its school.
    pub fn channel(&self, id: &str) -> Option<(&School, &Channel)> {
        self.schools
            .iter()
            .find_map(|s| s.channels.iter().find(|c| c.id == id).map(|c| (s, c)))
    }

    /// Every mail server: that of the schools which have none of their own, and each school's own.
    pub fn mail_servers(&self) -> impl Iterator<Item = (Option<&School>, &Email)> {
        email::servers(self.email.as_ref(), &self.schools)
    }

    /// The mail server that a school's email leaves by.
    pub fn mail_server_of<'a>(&'a self, school: &'a School) -> Option<&'a Email> {
        school.email.as_ref().or(self.email.as_ref())
    }

    /// The same schools with a handset in place of their channels and without email: for trying and
    /// testing, where nothing may leave this machine.
    pub fn on_handsets(mut self) -> Self {
        self.email = None;
        for school in &mut self.schools {
            school.email = None;
            let number = school
                .channels
                .iter()
                .find_map(|channel| channel.kind.number().cloned());
            let number = number.unwrap_or_else(|| school.office_phone.clone());
            school.channels = vec![Channel {
                id: format!("{}-handset", school.id),
                kind: ChannelKind::Handset { number },
                per_minute: None,
                canary: None,
                prices: Vec::new(),
            }];
        }
        self
    }

    /// Every secret that is named and has no value: `serve` refuses to start, `check` warns.
    pub fn missing_secrets(&self) -> Vec<MissingSecret> {
        let mut secrets: Vec<(String, &Secret)> = Vec::new();
        if let Database::Postgres(url) = &self.database {
            secrets.push(("the database's address".to_owned(), url));
        }
        for (school, email) in self.mail_servers() {
            let of = school.map_or_else(String::new, |s| format!(" of {}", s.id));
            let secrets_of = email.secrets().into_iter();
            secrets.extend(secrets_of.map(|(what, secret)| (format!("{what}{of}"), secret)));
        }
        if let Some(accounts) = &self.school_accounts {
            let what = format!("the client secret of {}", accounts.label);
            secrets.push((what, &accounts.client_secret));
        }
        for channel in self.schools.iter().flat_map(|s| &s.channels) {
            let of_channel = channel.kind.secrets().into_iter();
            secrets.extend(
                of_channel.map(|(what, secret)| {
                    (format!("the {what} of channel {}", channel.id), secret)
                }),
            );
        }
        secrets
            .into_iter()
            .filter(|(_, secret)| secret.value().is_none())
            .map(|(what, secret)| MissingSecret {
                what,
                place: secret.place.clone(),
            })
            .collect()
    }
}

impl Database {
    /// The address that the store opens; `None` when the environment does not hold it.
    pub fn url(&self) -> Option<SecretString> {
        match self {
            Self::Sqlite(path) => Some(format!("sqlite:{}", path.display()).into()),
            Self::Postgres(url) => url.value().cloned(),
        }
    }
}

#[cfg(test)]
mod tests;
