//! Texts through Twilio: signed webhooks in, its REST API out, its list of messages to catch up
//! from and to settle what is unknown.
//!
//! It never repeats a request, and never follows what Twilio says beyond its own API's address.

mod api;
pub mod webhook;

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::LOCATION;
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::form::{Form, parse_form};
use super::{
    Abilities, Accepted, Call, FetchError, Found, Inbound, Media, NotHeard, Outbound, SendError,
    Told, WHATSAPP, files, http,
};
use api::{Account, Fault, Listed, MediaPage, Page};

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "twilio",
    name: "Twilio",
    known_by: "HMAC-SHA1 over the address and the form, of the auth token",
    receipts: "to `delivered`, each step",
    files: true,
    catches_up: true,
    polls: true,
    can_be_asked: true,
    buttons: false,
    longest: Some(1600),
    // "International long codes: 10 message segments per second."
    per_minute: NonZeroU32::new(600),
    page: "twilio.md",
};

/// Twilio's own address; a test has another.
pub const API: &str = "https://api.twilio.com";

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Pages read of one list, at most: 20,000 texts to catch up with, or 2,000 texts to one person.
const MOST_PAGES: usize = 20;

/// Where Twilio keeps the files that it redirects to.
const FILE_HOSTS: [&str; 2] = ["twiliocdn.com", "amazonaws.com"];

/// What Twilio puts before every text of a trial account.
const TRIAL: &str = "Sent from your Twilio trial account - ";

/// How far the provider's clock may differ from ours, and how much earlier than `sent_since` a
/// message may therefore seem to be.
const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// Whom texts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// One number of the account, E.164.
    Number(String),
    /// A messaging service, which picks one of its numbers (`MG…`).
    Service(String),
}

/// One account and number at Twilio.
#[derive(Debug)]
pub struct Twilio {
    http: reqwest::Client,
    /// For files, where Twilio redirects to.
    elsewhere: reqwest::Client,
    api: Url,
    account: String,
    token: SecretString,
    sender: Sender,
    callback: Option<Url>,
}

impl Twilio {
    /// `api` is [`API`] but in tests; `account` is the account SID (`AC…`). `callback` is the public
    /// address that takes delivery receipts; the message's id is added as `?outbox=`. Without it
    /// Twilio sends no receipts, and messages stay `accepted`.
    ///
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(
        api: &str,
        account: &str,
        token: SecretString,
        sender: Sender,
        callback: Option<&str>,
    ) -> Result<Self, String> {
        let url = |what: &str, text: &str| {
            Url::parse(text)
                .ok()
                .filter(|url| !url.cannot_be_a_base())
                .ok_or_else(|| format!("{what} is not an address such as https://example.org"))
        };
        if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(
                "the Twilio account SID is letters and digits, beginning with AC".to_owned(),
            );
        }
        Ok(Self {
            http: http::client(TIMEOUT).map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            elsewhere: files::elsewhere().map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            api: url("Twilio's api_base", api)?,
            account: account.to_owned(),
            token,
            sender,
            callback: callback
                .map(|text| url("the status callback", text))
                .transpose()?,
        })
    }

    /// What a signed webhook says: see [`webhook`].
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        let form = parse_form(call.body);
        let signature = call.header("x-twilio-signature");
        let token = self.token.expose_secret();
        if !signature.is_some_and(|signature| webhook::verify(token, call.url, &form, signature)) {
            return Err(NotHeard::NotThem);
        }
        let unreadable = |missing: webhook::Missing| NotHeard::Unreadable(missing.to_string());
        if call.status {
            let receipt = webhook::receipt(&form, call.outbox()).map_err(unreadable)?;
            return Ok(receipt.map(Told::Receipt).into_iter().collect());
        }
        self.is_for_us(&form)?;
        let message = webhook::inbound(&form).map_err(unreadable)?;
        Ok(vec![Told::Message(message)])
    }

    /// Whether a text came to this number of this account. The webhook of another number, pointed here
    /// by mistake, would put one school's families into another's records.
    fn is_for_us(&self, form: &Form) -> Result<(), NotHeard> {
        let other = |what: &str| {
            NotHeard::Unreadable(format!(
                "a text for another {what} came here: at Twilio, point each number's webhook at its own channel"
            ))
        };
        if form.text("AccountSid").is_some_and(|of| of != self.account) {
            return Err(other("account"));
        }
        let Sender::Number(number) = &self.sender else {
            return Ok(());
        };
        let to = form.text("To").map(|to| to.trim_start_matches(WHATSAPP));
        if to.is_some_and(|to| to != number) {
            return Err(other("number"));
        }
        Ok(())
    }

    /// Asks Twilio to send one text.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let mut fields = vec![("To", out.to.clone()), ("Body", out.body.clone())];
        fields.push(match &self.sender {
            Sender::Number(number) => ("From", alike(number, &out.to)),
            Sender::Service(sid) => ("MessagingServiceSid", sid.clone()),
        });
        if let Some(callback) = &self.callback {
            let mut callback = callback.clone();
            callback
                .query_pairs_mut()
                .append_pair("outbox", &out.id.to_string());
            fields.push(("StatusCallback", callback.into()));
        }
        let request = self.http.post(self.at("Messages.json")).form(&fields);
        let response = match self.signed(request).send().await {
            Ok(response) => response,
            Err(error) => return Err(http::not_answered("Twilio", &error)),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return match serde_json::from_slice::<Listed>(&body) {
                Ok(message) => Ok(message.accepted()),
                Err(_) => Err(SendError::Unknown {
                    why: format!("Twilio answered HTTP {status} without a message id"),
                }),
            };
        }
        let fault: Fault = serde_json::from_slice(&body).unwrap_or_default();
        let why = fault.why(status);
        if fault.code.to_string() == webhook::STOPPED {
            return Err(SendError::Refused { why, stopped: true });
        }
        Err(http::not_sent(status, why, retry_after))
    }

    /// The content of a file that came with a message, by the address that Twilio gave for it. Twilio
    /// redirects to where it keeps files; one redirect is followed, without the credentials.
    pub async fn fetch(&self, reference: &str) -> Result<Vec<u8>, FetchError> {
        let ours = format!("/2010-04-01/Accounts/{}/Messages/", self.account);
        let url = Url::parse(reference).ok().filter(|url| {
            url.origin() == self.api.origin()
                && url.username().is_empty()
                && url.path().starts_with(&ours)
        });
        let refused = |why: &str| FetchError::Refused {
            why: why.to_owned(),
        };
        let url =
            url.ok_or_else(|| refused("its address is not one of this account's at Twilio"))?;
        let broke = |_| FetchError::Unavailable {
            why: "Twilio did not hand over a file".to_owned(),
            retry_after: None,
        };
        let request = self.http.get(url.clone()).timeout(files::TIMEOUT);
        let response = self.signed(request).send().await.map_err(broke)?;
        if !response.status().is_redirection() {
            return files::content("Twilio", response).await;
        }
        let to = response.headers().get(LOCATION);
        let to = to.and_then(|to| url.join(to.to_str().ok()?).ok());
        let to = to
            .filter(|to| files::may_follow(to, &FILE_HOSTS))
            .ok_or_else(|| refused("Twilio redirects to an address that is none of its own"))?;
        let response = self.elsewhere.get(to).send().await.map_err(broke)?;
        files::content("Twilio", response).await
    }

    /// Texts that came in since `since`, in the order they came.
    pub async fn recent(&self, since: Timestamp) -> Result<Vec<Inbound>, FetchError> {
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        // Twilio lists what came to one address: the number by text is one, on WhatsApp another.
        let to = match &self.sender {
            Sender::Number(number) => {
                vec![Some(number.clone()), Some(format!("{WHATSAPP}{number}"))]
            }
            Sender::Service(_) => vec![None],
        };
        let mut texts = Vec::new();
        for to in to {
            texts.extend(self.received_at(to.as_deref(), &since).await?);
        }
        texts.sort_by_key(|text: &Inbound| text.sent_at);
        Ok(texts)
    }

    /// One list of texts that came in, in the order they came.
    async fn received_at(&self, to: Option<&str>, since: &str) -> Result<Vec<Inbound>, FetchError> {
        let mut query = vec![("DateSent>", since), ("PageSize", "1000")];
        if let Some(to) = to {
            query.push(("To", to));
        }
        let mut texts = Vec::new();
        let mut next = Some(self.listing(&query));
        for _ in 0..MOST_PAGES {
            let Some(url) = next else { break };
            let page: Page = self.get(url).await?;
            for listed in page
                .messages
                .into_iter()
                .filter(|m| m.came_in(&self.sender))
            {
                let media = match listed.media_count() {
                    0 => Vec::new(),
                    count => self.media_of(&listed.sid, count).await,
                };
                texts.push(listed.inbound(media));
            }
            next = self.following(page.next_page_uri)?;
        }
        texts.reverse(); // Twilio lists the newest first.
        Ok(texts)
    }

    /// Reads the list of texts to this person back to `sent_since`, without asking Twilio to filter
    /// by date: a text that is still queued has no date of sending, and would be missed.
    pub async fn find_sent(
        &self,
        out: &Outbound,
        sent_since: Timestamp,
        owned: &HashSet<String>,
    ) -> Result<Found, FetchError> {
        let oldest = sent_since - SKEW;
        let mut query = vec![("To", out.to.as_str()), ("PageSize", "100")];
        let from = match &self.sender {
            Sender::Number(number) => Some(alike(number, &out.to)),
            Sender::Service(_) => None,
        };
        if let Some(from) = &from {
            query.push(("From", from));
        }
        let words = out.body.trim();
        let mut next = Some(self.listing(&query));
        for _ in 0..MOST_PAGES {
            let Some(url) = next else {
                return Ok(Found::Absent);
            };
            let page: Page = self.get(url).await?;
            let ours = page.messages.iter().find(|message| {
                let body = message.body.as_deref().unwrap_or_default();
                message.went_out(&self.sender)
                    && !owned.contains(&message.sid)
                    && body.strip_prefix(TRIAL).unwrap_or(body).trim() == words
                    && message.created().is_none_or(|at| at >= oldest)
            });
            if let Some(message) = ours {
                return Ok(Found::Sent(message.accepted()));
            }
            // A whole page from a day before and earlier: what follows is earlier still.
            let long_ago = oldest - jiff::SignedDuration::from_hours(24);
            let is_old = |message: &Listed| message.created().is_some_and(|at| at < long_ago);
            if !page.messages.is_empty() && page.messages.iter().all(is_old) {
                return Ok(Found::Absent);
            }
            next = self.following(page.next_page_uri)?;
        }
        Ok(if next.is_none() {
            Found::Absent
        } else {
            Found::CannotAsk
        })
    }

    /// Whether the credentials work and the account may send.
    pub async fn probe(&self) -> Result<String, String> {
        let path = format!("2010-04-01/Accounts/{}.json", self.account);
        let account: Account = match self.get(self.under(&path)).await {
            Ok(account) => account,
            Err(FetchError::Refused { why }) => {
                return Err(format!(
                    "{why}: compare the account SID and the auth token with those in Twilio's console"
                ));
            }
            Err(FetchError::Unavailable { why, .. }) => {
                return Err(format!(
                    "{why}: see whether this machine may reach {} and status.twilio.com",
                    self.api
                ));
            }
        };
        match (account.status.as_str(), account.kind.as_deref()) {
            ("active", Some("Trial")) => Err(
                "the Twilio account is a trial: it texts only numbers that were verified by hand. \
                 Upgrade it in Twilio's console"
                    .to_owned(),
            ),
            ("active", _) => Ok("the Twilio account is active".to_owned()),
            (status, _) => Err(format!(
                "the Twilio account is {status}: see Twilio's console for why"
            )),
        }
    }

    /// What came with a message. A list that cannot be read must not hold the message back, so
    /// there is then a mark for each thing that came.
    async fn media_of(&self, sid: &str, count: usize) -> Vec<Media> {
        let listing = self.at(&format!("Messages/{sid}/Media.json"));
        match self.get::<MediaPage>(listing.clone()).await {
            Ok(page) if !page.media_list.is_empty() => page
                .media_list
                .into_iter()
                .map(|media| Media {
                    reference: self.under(media.uri.trim_end_matches(".json")).into(),
                    content_type: media.content_type,
                })
                .collect(),
            _ => vec![
                Media {
                    content_type: "application/octet-stream".to_owned(),
                    reference: listing.into(),
                };
                count
            ],
        }
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, FetchError> {
        let unavailable = |why: String| FetchError::Unavailable {
            why,
            retry_after: None,
        };
        let response = match self.signed(self.http.get(url)).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Err(unavailable("no connection to Twilio".to_owned()));
            }
            Err(_) => return Err(unavailable("Twilio did not answer in time".to_owned())),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| unavailable("Twilio's answer could not be read".to_owned()));
        }
        let why = serde_json::from_slice::<Fault>(&body)
            .unwrap_or_default()
            .why(status);
        Err(http::not_fetched(status, why, retry_after))
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.account, Some(self.token.expose_secret()))
    }

    fn listing(&self, query: &[(&str, &str)]) -> Url {
        let mut url = self.at("Messages.json");
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    /// An address below our account.
    fn at(&self, path: &str) -> Url {
        self.under(&format!("2010-04-01/Accounts/{}/{path}", self.account))
    }

    fn under(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
        url
    }

    /// The next page, which must be at the address we already trust with the token.
    fn following(&self, next: Option<String>) -> Result<Option<Url>, FetchError> {
        let Some(next) = next.filter(|next| !next.is_empty()) else {
            return Ok(None);
        };
        match self.api.join(&next) {
            Ok(url) if url.origin() == self.api.origin() => Ok(Some(url)),
            _ => Err(FetchError::Refused {
                why: "Twilio's next page is at another address".to_owned(),
            }),
        }
    }
}

/// Our number as an address of the same kind as theirs: WhatsApp is answered on WhatsApp.
fn alike(number: &str, to: &str) -> String {
    if to.starts_with(WHATSAPP) {
        format!("{WHATSAPP}{number}")
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests;
