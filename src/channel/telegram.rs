//! A Telegram bot, through teloxide, which nothing outside this room knows of: updates in by
//! webhook or long polling, text with buttons out.
//!
//! It writes to a group only to say that it leaves, and never asks Telegram to fetch a link: a
//! preview would show the school's addresses to Telegram's servers.

pub mod update;

use std::num::NonZeroU32;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use teloxide::payloads::{SendMessageSetters as _, SetWebhookSetters as _};
use teloxide::requests::{JsonRequest, Payload, Requester as _};
use teloxide::types::{
    AllowedUpdate, ButtonRequest, CallbackQueryId, ChatId, FileId, InlineKeyboardButton,
    InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup, LinkPreviewOptions, MessageId,
    ReplyMarkup,
};
use teloxide::{ApiError, Bot, RequestError};

use super::{Abilities, Accepted, FetchError, Outbound, SendError, Status, files, http};
use update::{Heard, Pressed};

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "telegram",
    name: "Telegram",
    known_by: "a secret token, or by asking (polling)",
    receipts: "to `sent`: a bot is told no more",
    files: true,
    catches_up: false,
    polls: true,
    can_be_asked: false,
    buttons: true,
    longest: Some(4096),
    // "Bots are able to broadcast up to 30 messages per second", and one a second to a chat.
    per_minute: NonZeroU32::new(1800),
    page: "telegram.md",
};

/// Telegram's own address; a test has another.
pub const API: &str = "https://api.telegram.org";

/// How long sending may take. teloxide waits 10 seconds by itself after a server's error.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest a poll may hold: teloxide's client gives up after 17 seconds.
const LONGEST_POLL: Duration = Duration::from_secs(10);

/// Telegram takes at most 64 bytes behind a button.
const LONGEST_ANSWER: usize = 64;

/// What we ask Telegram for; everything else stays there.
const WANTED: [AllowedUpdate; 3] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
];

/// `getUpdates` with its answer as it came: see [`update`] for why.
#[derive(Clone, Serialize)]
struct GetUpdates {
    offset: i64,
    timeout: u64,
    allowed_updates: [AllowedUpdate; 3],
}

impl Payload for GetUpdates {
    type Output = Vec<serde_json::Value>;
    const NAME: &'static str = "GetUpdates";
}

/// One bot.
pub struct Telegram {
    bot: Bot,
    files: reqwest::Client,
    secret: Option<SecretString>,
    timeout: Duration,
}

impl std::fmt::Debug for Telegram {
    /// The bot's token is nobody's to print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telegram").finish_non_exhaustive()
    }
}

impl Telegram {
    /// `api` is [`API`] but in tests. `secret` is what Telegram repeats with each webhook request;
    /// without it every webhook request is refused.
    ///
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(
        api: &str,
        token: &SecretString,
        secret: Option<SecretString>,
    ) -> Result<Self, String> {
        let api = Url::parse(api)
            .ok()
            .filter(|url| !url.cannot_be_a_base())
            .ok_or("Telegram's api_base is not an address such as https://example.org")?;
        let well_made = |secret: &SecretString| {
            let secret = secret.expose_secret();
            (1..=256).contains(&secret.len())
                && secret
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        if !secret.as_ref().is_none_or(well_made) {
            return Err(
                "the webhook secret is 1 to 256 letters, digits, `_` and `-` (Telegram's rule)"
                    .to_owned(),
            );
        }
        let client = teloxide::net::default_reqwest_settings()
            .build()
            .map_err(|_| http::NO_AUTHORITIES)?;
        Ok(Self {
            bot: Bot::with_client(token.expose_secret(), client).set_api_url(api),
            files: http::client(files::TIMEOUT).map_err(|_| http::NO_AUTHORITIES)?,
            secret,
            timeout: TIMEOUT,
        })
    }

    /// Whether a webhook request is Telegram's: `header` is its `X-Telegram-Bot-Api-Secret-Token`.
    /// Compared in time that does not depend on how much of it is right.
    pub fn verify_secret(&self, header: Option<&[u8]>) -> bool {
        match (&self.secret, header) {
            (Some(secret), Some(header)) => secret.expose_secret().as_bytes().ct_eq(header).into(),
            _ => false,
        }
    }

    /// Sends one message, with its choices as buttons, or with the button that shares the person's
    /// own number (its label is then the first of [`Outbound::buttons`]).
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let chat = out
            .to
            .parse()
            .map(ChatId)
            .ok()
            .filter(|chat| chat.is_user())
            .ok_or_else(|| refused("the address is not a person's chat"))?;
        let preview = LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        };
        let mut request = self
            .bot
            .send_message(chat, &out.body)
            .link_preview_options(preview);
        if let Some(markup) = markup(out) {
            request = request.reply_markup(markup);
        }
        match tokio::time::timeout(self.timeout, request).await {
            Ok(Ok(message)) => Ok(Accepted {
                provider_id: update::message_id(chat.0, message.id.0.into()),
                status: Status::Sent,
            }),
            Ok(Err(error)) => Err(send_error(&error)),
            Err(_) => Err(unknown("Telegram did not answer in time")),
        }
    }

    /// Waits up to `timeout` (10 seconds at most) for updates from `offset` on, and says where to
    /// go on. Asking with the next offset tells Telegram to forget what came before it, so store
    /// first; Telegram remembers for 24 hours, and 0 is a good start.
    pub async fn poll(
        &self,
        offset: i64,
        timeout: Duration,
    ) -> Result<(Vec<Heard>, i64), FetchError> {
        let wanted = GetUpdates {
            offset,
            timeout: timeout.min(LONGEST_POLL).as_secs(),
            allowed_updates: WANTED,
        };
        let updates = JsonRequest::new(self.bot.clone(), wanted)
            .await
            .map_err(|error| fetch_error(&error))?;
        let next = updates
            .iter()
            .filter_map(update::update_id)
            .max()
            .map_or(offset, |last| last.saturating_add(1));
        Ok((updates.iter().map(update::read).collect(), next))
    }

    /// After a press was stored: stops the button's clock and takes the buttons off, so that an old
    /// question cannot answer a new one. Only for the eye, so a failure is not reported.
    pub async fn settle(&self, pressed: &Pressed) {
        let id = CallbackQueryId(pressed.callback.clone());
        _ = self.bot.answer_callback_query(id).await;
        if let Some((chat, message)) = pressed.message {
            _ = self
                .bot
                .edit_message_reply_markup(ChatId(chat), MessageId(message))
                .await;
        }
    }

    /// The content of a file that came with a message, by Telegram's id of it.
    pub async fn fetch(&self, reference: &str) -> Result<Vec<u8>, FetchError> {
        let refused = |why: &str| FetchError::Refused {
            why: why.to_owned(),
        };
        let file = self
            .bot
            .get_file(FileId(reference.to_owned()))
            .await
            .map_err(|error| fetch_error(&error))?;
        // A path below the bot's own, whatever Telegram's answer was made into on its way.
        let plain = |part: &str| {
            let letter = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
            !part.is_empty() && !part.starts_with('.') && part.bytes().all(letter)
        };
        if !file.path.split('/').all(plain) {
            return Err(refused("Telegram's path of it is none of a file"));
        }
        let below = format!("file/bot{}/{}", self.bot.token(), file.path);
        let url = self
            .bot
            .api_url()
            .join(&below)
            .map_err(|_| refused("Telegram's path of it makes no address"))?;
        let response = self.files.get(url).send().await;
        // The error would hold the address, and the address holds the token.
        let response = response.map_err(|_| FetchError::Unavailable {
            why: "Telegram did not hand over a file".to_owned(),
            retry_after: None,
        })?;
        files::content("Telegram", response).await
    }

    /// Says why in one message and leaves a group: a family's matters are not for everybody there.
    /// A failure is not reported, as the group may be gone.
    pub async fn leave(&self, group: i64, words: &str) {
        _ = self.bot.send_message(ChatId(group), words).await;
        _ = self.bot.leave_chat(ChatId(group)).await;
    }

    /// Tells Telegram to call `url` with our secret.
    pub async fn use_webhook(&self, url: &str) -> Result<(), FetchError> {
        let wrong = |why: &str| FetchError::Refused {
            why: why.to_owned(),
        };
        let url = Url::parse(url).map_err(|_| wrong("the webhook is not an address"))?;
        let secret = self
            .secret
            .as_ref()
            .ok_or_else(|| wrong("a webhook needs a secret"))?;
        self.bot
            .set_webhook(url)
            .secret_token(secret.expose_secret())
            .allowed_updates(WANTED)
            .await
            .map_err(|error| fetch_error(&error))?;
        Ok(())
    }

    /// Tells Telegram to wait for [`Telegram::poll`]; what is waiting stays.
    pub async fn use_polling(&self) -> Result<(), FetchError> {
        self.bot
            .delete_webhook()
            .await
            .map_err(|error| fetch_error(&error))?;
        Ok(())
    }

    /// Whether Telegram knows the token.
    pub async fn probe(&self) -> Result<String, String> {
        match self.bot.get_me().await {
            Ok(me) => Ok(format!("the bot is @{}", me.username())),
            Err(error) => Err(match fetch_error(&error) {
                FetchError::Refused { why } => {
                    format!("{why}: ask @BotFather for the bot's token and set it again")
                }
                FetchError::Unavailable { why, .. } => {
                    format!(
                        "{why}: see whether this machine may reach {}",
                        self.bot.api_url()
                    )
                }
            }),
        }
    }
}

fn markup(out: &Outbound) -> Option<ReplyMarkup> {
    if out.ask_contact {
        // Only a button of the reply keyboard can ask for the number. The sign is for a text that
        // brings no label of its own: it reads the same in every language.
        let label = out.buttons.first().map_or("☎", |button| &button.label);
        let share = KeyboardButton::new(label).request(ButtonRequest::Contact);
        let keyboard = KeyboardMarkup::new([[share]])
            .one_time_keyboard()
            .resize_keyboard();
        return Some(ReplyMarkup::Keyboard(keyboard));
    }
    let fits = |answer: &str| (1..=LONGEST_ANSWER).contains(&answer.len());
    // All or none: the text already holds every choice with its number.
    if out.buttons.is_empty() || !out.buttons.iter().all(|b| fits(&b.answer)) {
        return None;
    }
    let rows = out.buttons.iter().map(|button| {
        [InlineKeyboardButton::callback(
            &button.label,
            &button.answer,
        )]
    });
    Some(ReplyMarkup::InlineKeyboard(InlineKeyboardMarkup::new(rows)))
}

fn refused(why: &str) -> SendError {
    SendError::Refused {
        why: why.to_owned(),
        stopped: false,
    }
}

fn unknown(why: &str) -> SendError {
    SendError::Unknown {
        why: why.to_owned(),
    }
}

/// What an error means, in words of our own: Telegram's may quote what was sent.
enum Meaning {
    NoConnection,
    Silence,
    Broken,
    Busy(Option<Duration>),
    Blocked,
    BadToken,
    BadRequest,
    OtherPoller,
    Trouble,
}

fn meaning(error: &RequestError) -> Meaning {
    let error = match error {
        RequestError::RetryAfter(wait) => return Meaning::Busy(Some(wait.duration())),
        RequestError::Network(error) if error.is_connect() => return Meaning::NoConnection,
        RequestError::Network(error) if error.is_timeout() => return Meaning::Silence,
        RequestError::MigrateToChatId(_) => return Meaning::BadRequest,
        RequestError::Api(error) => error,
        _ => return Meaning::Broken,
    };
    match error {
        ApiError::BotBlocked | ApiError::UserDeactivated | ApiError::CantInitiateConversation => {
            Meaning::Blocked
        }
        ApiError::InvalidToken => Meaning::BadToken,
        ApiError::TerminatedByOtherGetUpdates | ApiError::CantGetUpdates => Meaning::OtherPoller,
        // teloxide keeps the description and drops the code; it begins with the code's name.
        other => match described(other).as_str() {
            text if text.starts_with("Forbidden") => Meaning::Blocked,
            text if text.starts_with("Too Many Requests") => Meaning::Busy(None),
            text if text.starts_with("Service Unavailable") => Meaning::Busy(None),
            text if text.starts_with("Unauthorized") => Meaning::BadToken,
            text if text.starts_with("Conflict") => Meaning::OtherPoller,
            text if text.starts_with("Bad Request") || text.starts_with("Not Found") => {
                Meaning::BadRequest
            }
            _ => Meaning::Trouble,
        },
    }
}

fn described(error: &ApiError) -> String {
    match error {
        ApiError::Unknown(text) => text.clone(),
        known => known.to_string(),
    }
}

fn send_error(error: &RequestError) -> SendError {
    let not_sent = |why: &str, retry_after| SendError::NotSent {
        why: why.to_owned(),
        retry_after,
    };
    match meaning(error) {
        Meaning::NoConnection => not_sent("no connection to Telegram", None),
        Meaning::Busy(wait) => not_sent("Telegram asked us to wait", wait),
        Meaning::Blocked => SendError::Refused {
            why: "the person has blocked the bot, or never wrote to it".to_owned(),
            stopped: true,
        },
        Meaning::BadToken => refused("Telegram does not know the bot's token"),
        Meaning::BadRequest | Meaning::OtherPoller => {
            refused("Telegram refused the message (no such chat, or too long)")
        }
        Meaning::Silence => unknown("Telegram did not answer in time"),
        Meaning::Broken => unknown("the connection to Telegram broke, or its answer made no sense"),
        Meaning::Trouble => unknown("Telegram answered with an error of its own"),
    }
}

fn fetch_error(error: &RequestError) -> FetchError {
    let refused = |why: &str| FetchError::Refused {
        why: why.to_owned(),
    };
    let unavailable = |why: &str, retry_after| FetchError::Unavailable {
        why: why.to_owned(),
        retry_after,
    };
    match meaning(error) {
        Meaning::NoConnection => unavailable("no connection to Telegram", None),
        Meaning::Busy(wait) => unavailable("Telegram asked us to wait", wait),
        Meaning::BadToken => refused("Telegram does not know the bot's token"),
        Meaning::Blocked | Meaning::BadRequest => refused("Telegram refused the request"),
        Meaning::OtherPoller => {
            refused("the bot has a webhook, or another program reads its messages")
        }
        Meaning::Silence => unavailable("Telegram did not answer in time", None),
        Meaning::Broken => unavailable("the connection to Telegram broke", None),
        Meaning::Trouble => unavailable("Telegram answered with an error of its own", None),
    }
}

#[cfg(test)]
mod tests;
