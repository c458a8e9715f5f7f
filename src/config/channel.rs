//! The keys of `[[school.channel]]`.

use std::num::NonZeroU32;

use rust_decimal::Decimal;

use super::read::{api_base, is_web_address};
use super::secret::{Outside, Secret};
use super::{
    Android, Channel, ChannelKind, Incoming, Kannel, Notify, OptOut, Price, Telegram, Twilio,
    Vonage,
};
use crate::channel::vonage::SignatureMethod;
use crate::document::Table;
use crate::phone::Phone;

/// The slowest pace of a channel, in messages a minute. A message that waits for its turn is claimed
/// meanwhile, and a claim (`lease`) does not last.
const SLOWEST: u32 = 6;

#[derive(Clone, Copy)]
enum Provider {
    Twilio,
    Vonage,
    Notify,
    Kannel,
    Android,
    Telegram,
    Handset,
}

const PROVIDERS: &[(&str, Provider)] = &[
    ("twilio", Provider::Twilio),
    ("vonage", Provider::Vonage),
    ("notify", Provider::Notify),
    ("kannel", Provider::Kannel),
    ("android", Provider::Android),
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
        Provider::Vonage => vonage(&table, outside).map(ChannelKind::Vonage),
        Provider::Notify => notify(&table, outside).map(ChannelKind::Notify),
        Provider::Kannel => kannel(&table, outside).map(ChannelKind::Kannel),
        Provider::Android => android(&table, outside).map(ChannelKind::Android),
        Provider::Telegram => telegram(&table, outside).map(ChannelKind::Telegram),
        Provider::Handset => number(&table).map(|number| ChannelKind::Handset { number }),
    };
    let per_minute = table.number("per_minute").and_then(|n| {
        let number = NonZeroU32::new(n.value).filter(|n| n.get() >= SLOWEST);
        if number.is_none() {
            let remedy = "write how many, or leave the line out for the provider's own figure";
            let message =
                format!("fewer than {SLOWEST} messages a minute would keep an answer waiting");
            table.document().fault(n.span, message, remedy);
        }
        number
    });
    let prices = table
        .tables("price")
        .into_iter()
        .map(price)
        .collect::<Vec<_>>();
    let mut starts: Vec<&str> = prices.iter().flatten().map(|p| p.to.as_str()).collect();
    starts.sort_unstable();
    if let Some([twice, _]) = starts.array_windows().find(|[a, b]| a == b) {
        table.document().fault(
            table.span_of("price"),
            format!("numbers that begin with {twice} have two prices"),
            "leave one of them",
        );
    }
    let canary = table.text("canary").map(|by| by.value);
    table.no_more();
    Some(Channel {
        id: id?,
        kind: kind?,
        per_minute,
        canary,
        prices: prices.into_iter().collect::<Option<_>>()?,
    })
}

fn price(table: Table<'_>) -> Option<Price> {
    let to = table.need_parsed("to", "the beginning of a number, such as \"+44\"", |text| {
        let digits = text.strip_prefix('+')?;
        let sound = digits.chars().all(|c| c.is_ascii_digit());
        sound.then(|| text.to_owned())
    });
    if !table.has("part") {
        table.missing("part", "\"0.0418\"");
    }
    let part = amount(&table, "part");
    table.no_more();
    Some(Price {
        to: to?,
        part: part?,
    })
}

/// An amount of money, in quotes: a number of TOML would be rounded.
pub(super) fn amount(table: &Table<'_>, key: &'static str) -> Option<Decimal> {
    table.parsed(key, "an amount in quotes, such as \"0.0418\"", |text| {
        let amount = Decimal::from_str_exact(text).ok()?;
        let sound = !amount.is_sign_negative() && amount <= Decimal::from(1_000_000);
        sound.then_some(amount)
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

const PASSWORD: [&str; 3] = ["password", "password_env", "password_file"];

fn vonage(table: &Table<'_>, outside: &Outside<'_>) -> Option<Vonage> {
    const SECRET: [&str; 3] = ["api_secret", "api_secret_env", "api_secret_file"];
    const SIGNATURE: [&str; 3] = [
        "signature_secret",
        "signature_secret_env",
        "signature_secret_file",
    ];
    const METHODS: &[(&str, SignatureMethod)] = &[
        ("sha256", SignatureMethod::Sha256),
        ("sha512", SignatureMethod::Sha512),
        ("sha1", SignatureMethod::Sha1),
        ("md5hash", SignatureMethod::Md5Hash),
    ];
    let number = number(table);
    let api_key = table.need_text("api_key").map(|key| key.value);
    let api_secret = Secret::need(table, SECRET, outside);
    let signature_secret = Secret::need(table, SIGNATURE, outside);
    let method = table.one_of("signature_method", METHODS);
    let api_base = api_base(table);
    Some(Vonage {
        number: number?,
        api_key: api_key?,
        api_secret: api_secret?,
        signature_secret: signature_secret?,
        signature_method: method.unwrap_or(SignatureMethod::Sha256),
        api_base,
    })
}

fn notify(table: &Table<'_>, outside: &Outside<'_>) -> Option<Notify> {
    const KEY: [&str; 3] = ["api_key", "api_key_env", "api_key_file"];
    const TOKEN: [&str; 3] = [
        "callback_token",
        "callback_token_env",
        "callback_token_file",
    ];
    let number = number(table);
    let api_key = Secret::need(table, KEY, outside);
    let template_id = table.need_parsed("template_id", "the template's id, a UUID", |text| {
        uuid::Uuid::parse_str(text).ok().map(|_| text.to_owned())
    });
    let callback_token = Secret::need(table, TOKEN, outside);
    let api_base = api_base(table);
    let inbound = table.one_of("inbound", INCOMING);
    Some(Notify {
        number: number?,
        api_key: api_key?,
        template_id: template_id?,
        callback_token: callback_token?,
        api_base,
        inbound: inbound.unwrap_or(Incoming::Webhook),
    })
}

fn kannel(table: &Table<'_>, outside: &Outside<'_>) -> Option<Kannel> {
    const SECRET: [&str; 3] = ["secret", "secret_env", "secret_file"];
    let number = number(table);
    let sendsms_url = table.need_parsed(
        "sendsms_url",
        "an address such as https://sms.example.org/cgi-bin/sendsms",
        |text| is_web_address(text).then(|| text.to_owned()),
    );
    let username = table.need_text("username").map(|name| name.value);
    let password = Secret::need(table, PASSWORD, outside);
    let secret = Secret::need(table, SECRET, outside);
    let smsc = table.text("smsc").map(|smsc| smsc.value);
    Some(Kannel {
        number: number?,
        sendsms_url: sendsms_url?,
        username: username?,
        password: password?,
        secret: secret?,
        smsc,
    })
}

fn android(table: &Table<'_>, outside: &Outside<'_>) -> Option<Android> {
    const KEY: [&str; 3] = ["signing_key", "signing_key_env", "signing_key_file"];
    let number = number(table);
    let api_base = table.need_parsed(
        "api_base",
        "the phone's or the relay's address, such as https://api.sms-gate.app/3rdparty/v1",
        |text| is_web_address(text).then(|| text.trim_end_matches('/').to_owned()),
    );
    let username = table.need_text("username").map(|name| name.value);
    let password = Secret::need(table, PASSWORD, outside);
    let signing_key = Secret::need(table, KEY, outside);
    let sim = table.number("sim").and_then(|sim| {
        let slot = u8::try_from(sim.value)
            .ok()
            .filter(|sim| (1..=3).contains(sim));
        if slot.is_none() {
            let document = table.document();
            document.fault(
                sim.span,
                "a phone has no such SIM",
                "write 1, or 2 for the second",
            );
        }
        slot
    });
    Some(Android {
        number: number?,
        api_base: api_base?,
        username: username?,
        password: password?,
        signing_key: signing_key?,
        sim,
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
