use std::fmt::Write as _;
use std::sync::LazyLock;

use reqwest::header::HeaderMap;

use super::*;

mod hearing;
mod sending;

/// With a byte whose escape (`%AC`) Kannel would fill in, and letters that addresses escape.
const SECRET: &str = "drei €&=+/";
const GOOD: &str = "secret=drei+%E2%82%AC%26%3D%2B%2F";

fn settings(sendsms: &str) -> Settings {
    Settings {
        sendsms: sendsms.to_owned(),
        number: "+447700900000".to_owned(),
        username: "school".to_owned(),
        password: "p&ss".into(),
        secret: SECRET.into(),
        smsc: None,
        callback: Some("https://school.example/hooks/sms/status".to_owned()),
    }
}

fn kannel(sendsms: &str) -> Kannel {
    Kannel::new(&settings(sendsms)).unwrap()
}

/// One for all rows: each reads the machine's certificates.
static HEARING: LazyLock<Kannel> = LazyLock::new(|| kannel("http://127.0.0.1:9/cgi-bin/sendsms"));

/// What a call says, in a few words.
fn heard(query: &str, status: bool, body: &[u8], content_type: &str) -> String {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", content_type.parse().unwrap());
    let at = if status { "/status" } else { "" };
    let call = Call {
        url: &format!("https://school.example/hooks/sms{at}?{query}"),
        query,
        status,
        headers: &headers,
        body,
        now: "2026-11-27T09:00:00Z".parse().unwrap(),
    };
    match HEARING.hear(&call) {
        Err(NotHeard::NotThem) => "not them".to_owned(),
        Err(why) => why.to_string(),
        Ok(told) => told.iter().fold(String::new(), |mut said, told| {
            match told {
                Told::Message(m) => write!(
                    said,
                    "{} from {}: {}",
                    m.provider_id,
                    m.from,
                    m.body.escape_ascii()
                ),
                Told::Receipt(r) => write!(
                    said,
                    "{} of {:?}",
                    r.status.word(),
                    r.outbox.map(|id| id.as_u128())
                ),
                Told::Nothing => write!(said, "nothing"),
            }
            .unwrap();
            said
        }),
    }
}
