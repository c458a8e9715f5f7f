//! The keys of `[[school.channel]]`.

use super::read::api_base;
use super::secret::{Outside, Secret};
use super::{Channel, ChannelKind, Incoming, OptOut, Telegram, Twilio};
use crate::document::Table;
use crate::phone::Phone;

#[derive(Clone, Copy)]
enum Provider {
    Twilio,
    Telegram,
    Handset,
}

const PROVIDERS: &[(&str, Provider)] = &[
    ("twilio", Provider::Twilio),
    ("telegram", Provider::Telegram),
    ("handset", Provider::Handset),
];

const INCOMING: &[(&str, Incoming)] = &[("webhook", Incoming::Webhook), ("poll", Incoming::Poll)];

/// Reads one channel. `None` only where faults say why.
pub(super) fn channel(table: Table<'_>, outside: &Outside<'_>) -> Option<Channel> {
    let id = super::school::slug(&table);
    if !table.has("kind") {
        table.missing("kind", "\"twilio\"");
        return None;
    }
    let kind = match table.one_of("kind", PROVIDERS)? {
        Provider::Twilio => twilio(&table, outside).map(ChannelKind::Twilio),
        Provider::Telegram => telegram(&table, outside).map(ChannelKind::Telegram),
        Provider::Handset => number(&table).map(|number| ChannelKind::Handset { number }),
    };
    table.no_more();
    Some(Channel {
        id: id?,
        kind: kind?,
    })
}

fn number(table: &Table<'_>) -> Option<Phone> {
    table.need_parsed("number", "a number such as \"+447700900000\"", |text| {
        Phone::parse(text).ok()
    })
}

fn twilio(table: &Table<'_>, outside: &Outside<'_>) -> Option<Twilio> {
    const TOKEN: [&str; 3] = ["auth_token", "auth_token_env", "auth_token_file"];
    const OPT_OUT: &[(&str, OptOut)] = &[("ours", OptOut::Ours), ("carrier", OptOut::Carrier)];
    let sid = |letters: &'static str| {
        move |text: &str| {
            let rest = text.strip_prefix(letters)?;
            let sound = rest.len() == 32 && rest.chars().all(|c| c.is_ascii_hexdigit());
            sound.then(|| text.to_owned())
        }
    };
    let number = number(table);
    let account_sid = table.need_parsed("account_sid", "AC and 32 letters or digits", sid("AC"));
    let auth_token = Secret::need(table, TOKEN, outside);
    let messaging_service_sid = table.parsed(
        "messaging_service_sid",
        "MG and 32 letters or digits",
        sid("MG"),
    );
    let api_base = api_base(table);
    let opt_out = table.one_of("opt_out", OPT_OUT).unwrap_or(OptOut::Carrier);
    let inbound = table
        .one_of("inbound", INCOMING)
        .unwrap_or(Incoming::Webhook);
    Some(Twilio {
        number: number?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        messaging_service_sid,
        api_base,
        opt_out,
        inbound,
    })
}

fn telegram(table: &Table<'_>, outside: &Outside<'_>) -> Option<Telegram> {
    const TOKEN: [&str; 3] = ["token", "token_env", "token_file"];
    const SECRET: [&str; 3] = ["secret", "secret_env", "secret_file"];
    let token = Secret::need(table, TOKEN, outside);
    let inbound = table
        .one_of("inbound", INCOMING)
        .unwrap_or(Incoming::Webhook);
    let secret = match inbound {
        Incoming::Webhook => Secret::need(table, SECRET, outside),
        Incoming::Poll => Secret::read(table, SECRET, outside),
    };
    let api_base = api_base(table);
    Some(Telegram {
        token: token?,
        secret,
        api_base,
        inbound,
    })
}
