//! The keys of `schoolgate.toml` outside a school.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::email::{email, mailboxes_are_one_servers};
use super::secret::{Outside, Secret, SecretPlace};
use super::{ChannelKind, Config, Database, Incoming, School, Timing, school, sign_in};
use crate::channel::email::ENDPOINT as EMAIL;
use crate::channel::notify::service_of;
use crate::document::{Document, Table, without_user};
use crate::fault::Sources;

/// Reads the whole file. `None` only where faults say why.
pub(super) fn config(root: Table<'_>, outside: &Outside<'_>) -> Option<Config> {
    let document = root.document();
    let database = database(&root, outside);
    let listen = root.need_parsed(
        "listen",
        "an address and port, such as \"127.0.0.1:8080\"",
        |t| t.parse().ok(),
    );
    let public_url = public_url(&root);
    let path = |key| root.text(key).map(|p| outside.path(&p.value));
    let metrics_listen: Option<SocketAddr> = root.parsed(
        "metrics_listen",
        "an address and port, such as \"127.0.0.1:9090\"",
        |t| t.parse().ok(),
    );
    if metrics_listen.is_some() && metrics_listen == listen {
        document.fault(
            root.span_of("metrics_listen"),
            "metrics would stand on the console's own address",
            "give them another port",
        );
    }
    let flows_dir = path("flows_dir");
    let locales_dir = path("locales_dir");
    let services_file = path("services_file");
    let public = root.has("public_url");
    let email = root.table("email").and_then(|t| email(t, public, outside));
    let timing = root.table("timing").map_or_else(Timing::default, timing);
    let school_accounts = root
        .table("sign_in")
        .and_then(|t| sign_in::sign_in(t, outside, public));
    if !root.has("school") {
        document.fault(
            None,
            "no school is configured",
            "add a [[school]]: `schoolgate config example` shows one",
        );
    }
    let tables = root.tables("school");
    let spans: Vec<_> = tables.iter().map(Table::span).collect();
    let schools: Vec<Option<School>> = tables
        .into_iter()
        .map(|table| school::school(table, public, outside))
        .collect();
    for (i, school) in schools.iter().enumerate() {
        let Some(school) = school else { continue };
        let before = schools.iter().take(i).flatten();
        if before.clone().any(|s| s.id == school.id) {
            let span = spans.get(i).cloned().flatten();
            let message = format!("there are two schools `{}`", school.id);
            document.fault(span, message, "give each an id of its own");
        }
    }
    root.no_more();
    let sound = schools.iter().all(Option::is_some);
    let schools: Vec<School> = schools.into_iter().flatten().collect();
    numbers_are_one_schools(document, &schools);
    services_are_one_channels(document, &schools);
    channels_are_reachable(document, &schools, public);
    mailboxes_are_one_servers(document, email.as_ref(), &schools);
    Some(Config {
        database: database?,
        listen: listen?,
        public_url,
        metrics_listen,
        flows_dir,
        locales_dir,
        services_file,
        email,
        school_accounts,
        timing,
        schools: sound.then_some(schools)?,
        warnings: Vec::new(),
        sources: Sources::new(),
    })
}

fn database(root: &Table<'_>, outside: &Outside<'_>) -> Option<Database> {
    let span = root.span_of("database");
    if let Some(written) = root.text("database") {
        let url = written.value;
        if let Some(path) = url.strip_prefix("sqlite:").filter(|p| !p.is_empty()) {
            return Some(Database::Sqlite(outside.path(path)));
        }
        let document = root.document();
        let Some(address) = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
        else {
            // The text is not repeated: it may be a mistyped address with a password in it.
            document.fault(
                span,
                "`database` is neither SQLite nor PostgreSQL",
                "write \"sqlite:schoolgate.db\" or \"postgres://host/name\"",
            );
            return None;
        };
        let signed_in = address.split_once('@').map(|(who, _)| who);
        if signed_in.is_some_and(|who| who.contains(':')) || address.contains("password=") {
            document.fault(
                span,
                "the database's password is a secret, and this file is no place for one",
                "write database_env = \"DATABASE_URL\" instead, and set that variable",
            );
            return None;
        }
        return Some(Database::Postgres(Secret::known(SecretPlace::Inline, url)));
    }
    // The address in the environment may hold a password; a file in SQLite may be named there too.
    const SPELLING: [&str; 3] = ["database_url", "database_env", "database_file"];
    let named = SPELLING.map(|key| root.has(key));
    if !named.contains(&true) {
        root.missing("database", "\"sqlite:schoolgate.db\"");
        return None;
    }
    let secret = Secret::read(root, SPELLING, outside)?;
    let path = secret.value().and_then(|url| {
        use secrecy::ExposeSecret as _;
        let path = url.expose_secret().strip_prefix("sqlite:")?;
        Some(outside.path(path))
    });
    Some(path.map_or(Database::Postgres(secret), Database::Sqlite))
}

fn public_url(root: &Table<'_>) -> Option<String> {
    let written = root.text("public_url")?;
    let url = written.value.trim_end_matches('/').to_owned();
    let host = |scheme| url.strip_prefix(scheme).map(host_of);
    let (remedy, sound) = match (host("https://"), host("http://")) {
        (Some(host), _) => ("write \"https://texts.school.example\"", !host.is_empty()),
        (None, Some(host)) => (
            "use https: words about children must not travel in the open",
            is_loopback(host),
        ),
        (None, None) => ("write \"https://texts.school.example\"", false),
    };
    if !sound || !is_web_address(&url) {
        let message = format!("`public_url` cannot be `{}`", without_user(&written.value));
        root.document().fault(written.span, message, remedy);
        return None;
    }
    Some(url)
}

/// The host of an address without its scheme: `[::1]:80/x` and `127.0.0.1:80` are hosts with ports.
fn host_of(address: &str) -> &str {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a text is a whole address of the web: a host, a port if any, and no name or password.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    let has_host =
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['));
    let url = reqwest::Url::parse(text).ok();
    has_host
        && url.is_some_and(|url| {
            url.username().is_empty() && url.password().is_none() && url.port() != Some(0)
        })
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an address is of this machine itself, without TLS.
pub(super) fn is_loopback_address(url: &str) -> bool {
    let host = url.strip_prefix("http://").map(host_of);
    host.is_some_and(is_loopback)
}

/// An address of a provider's API, for tests: `https`, or plain `http` to this machine only.
pub(super) fn api_base(table: &Table<'_>) -> Option<String> {
    table.parsed("api_base", "an https address", |url| {
        let url = url.trim_end_matches('/');
        (url.starts_with("https://") || is_loopback_address(url)).then(|| url.to_owned())
    })
}

fn timing(table: Table<'_>) -> Timing {
    let default = Timing::default();
    let span = |key: &'static str, default: Duration| {
        let read = |text: &str| {
            let span: SignedDuration = text.parse().ok()?;
            Duration::try_from(span).ok().filter(|d| !d.is_zero())
        };
        table
            .parsed(key, "a length of time such as \"60s\" or \"2 hours\"", read)
            .unwrap_or(default)
    };
    let timing = Timing {
        reconcile_after: span("reconcile_after", default.reconcile_after),
        send_timeout: span("send_timeout", default.send_timeout),
        lease: span("lease", default.lease),
        catch_up_every: span("catch_up_every", default.catch_up_every),
        join_within: span("join_within", default.join_within),
        live_thread_days: table
            .number("live_thread_days")
            .map_or(default.live_thread_days, |n| n.value as usize),
    };
    if timing.send_timeout * 2 >= timing.lease {
        table.document().fault(
            table.span_of("send_timeout"),
            "a message could be sent twice: another would take it while it is being sent",
            "make `send_timeout` less than half of `lease`",
        );
    }
    table.no_more();
    timing
}

/// One number is one school's: whoever texts it would be in the records of either.
fn numbers_are_one_schools(document: &Document<'_>, schools: &[School]) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for school in schools {
        for channel in &school.channels {
            let Some(number) = channel.kind.number() else {
                continue;
            };
            let other = seen
                .iter()
                .find(|(of, n)| *n == number.e164() && *of != school.id);
            if let Some((other, _)) = other {
                let message = format!(
                    "{} is a number of `{other}` and of `{}`",
                    number.national(),
                    school.id
                );
                let remedy = "give each school a number of its own";
                document.fault(None, message, remedy);
            }
            seen.push((&school.id, number.e164()));
        }
    }
}

/// Whatever reaches a service at GOV.UK Notify is told to all who hold its key.
fn services_are_one_channels(document: &Document<'_>, schools: &[School]) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for channel in schools.iter().flat_map(|s| &s.channels) {
        let ChannelKind::Notify(notify) = &channel.kind else {
            continue;
        };
        let key = notify.api_key.value().map(|key| key.expose_secret());
        let Some(service) = key.and_then(service_of) else {
            continue;
        };
        if let Some((other, _)) = seen.iter().find(|(_, s)| *s == service) {
            let message = format!(
                "channels `{other}` and `{}` are one service at GOV.UK Notify",
                channel.id
            );
            let remedy = "its texts would be heard twice: give each a service of its own";
            document.fault(None, message, remedy);
        }
        seen.push((&channel.id, service));
    }
}

fn channels_are_reachable(document: &Document<'_>, schools: &[School], public: bool) {
    let mut seen = Vec::new();
    for channel in schools.iter().flat_map(|s| &s.channels) {
        if seen.contains(&&channel.id) {
            document.fault(
                None,
                format!("there are two channels `{}`", channel.id),
                "give each an id of its own: it stands in the webhook's address",
            );
        }
        seen.push(&channel.id);
        if channel.id == EMAIL {
            document.fault(
                None,
                format!("no channel can be called `{EMAIL}`"),
                "give it another id: this one is the school's mailbox, at /hooks/email",
            );
        }
        if channel.kind.inbound() == Some(Incoming::Webhook) && !public {
            let only_calls = matches!(
                channel.kind,
                ChannelKind::Vonage(_) | ChannelKind::Kannel(_) | ChannelKind::Android(_)
            );
            document.fault(
                None,
                format!("channel `{}` waits for webhooks at no address", channel.id),
                if only_calls {
                    "set `public_url`"
                } else {
                    "set `public_url`, or write inbound = \"poll\""
                },
            );
        }
    }
}
