use serde_json::Value;

use super::*;

mod hearing;
mod sending;

const KEY: &str = "a signing key of nobody's";

fn settings(api: &str) -> Settings {
    Settings {
        api: api.to_owned(),
        username: "ABC123".to_owned(),
        password: "phone-password".into(),
        signing_key: KEY.into(),
        sim: None,
    }
}

fn android(api: &str) -> Android {
    Android::new(&settings(api)).unwrap()
}

fn now() -> Timestamp {
    "2026-11-27T09:00:00Z".parse().unwrap()
}
