//! The one page that a parent has: what is theirs of a case, opened by a link and a PIN.
//!
//! Without the PIN it tells nothing, not even whether there is such a page: a link that never was, one
//! that is over and a wrong PIN read alike and take as long.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use jiff::civil::Time;
use serde::Deserialize;

use super::{clean, render};
use crate::channel::Inbound;
use crate::deployment::School;
use crate::desk::share::{language_of, opens, page_entries, provider_id, reads_until};
use crate::desk::young::alone_since;
use crate::flow::value::{Value, Values};
use crate::inbox::accept;
use crate::store::{Entry, Moment, NewEntry, Share, Token, Tx};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::tries::Tried;
use crate::web::{Shared, Web};

/// The cookie of whoever has a page open. It goes back to this page's address and to no other.
const COOKIE: &str = "schoolgate-page";

/// Wrong PINs after which a link is ended.
const MOST_WRONG: i64 = 5;

/// The longest that somebody writes here: what a text may be, many times over.
const LONGEST: usize = 4_000;

/// Asked for the PIN.
#[derive(Template)]
#[template(path = "parent_pin.html", config = "src/web/askama.toml")]
struct PinPage {
    say: Say,
    token: String,
    wrong: bool,
}

/// What is theirs.
#[derive(Template)]
#[template(path = "parent.html", config = "src/web/askama.toml")]
struct Page {
    say: Say,
    token: String,
    heading: String,
    intro: String,
    entries: Vec<Row>,
    thanks: Option<String>,
    /// They have not said yet that it is right.
    asks: bool,
}

struct Row {
    title: String,
    when: String,
    words: String,
}

/// The page's texts, in one language.
struct Say {
    language: String,
    texts: std::sync::Arc<crate::flow::bundle::Bundle>,
}

impl Say {
    fn new(web: &Web, language: String) -> Self {
        Self {
            language,
            texts: web.d.bundle(),
        }
    }

    /// A text without values.
    fn text(&self, id: &str) -> String {
        self.with(id, &Values::new())
    }

    fn with(&self, id: &str, values: &Values) -> String {
        self.texts.languages.html(&self.language, id, values)
    }
}

/// The language that a browser asks for, of those we have.
fn asked_for(web: &Web, headers: &HeaderMap) -> String {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let bundle = web.d.bundle();
    let tags = asked.split(',').filter_map(|t| t.split(';').next());
    tags.filter_map(|tag| bundle.languages.best(tag.trim()))
        .map(str::to_owned)
        .next()
        .unwrap_or_else(|| "en".to_owned())
}

fn ask(web: &Web, headers: &HeaderMap, token: &str, wrong: bool) -> Response {
    let page = PinPage {
        say: Say::new(web, asked_for(web, headers)),
        token: token.to_owned(),
        wrong,
    };
    let status = if wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    (status, render(&page)).into_response()
}

/// The page that somebody has open, by its link and their cookie.
async fn open_page(
    tx: &mut Tx,
    headers: &HeaderMap,
    token: &str,
) -> Result<Option<Share>, PageError> {
    let now = Moment::from(tx.now());
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(COOKIE) else {
        return Ok(None);
    };
    let held = Token::shown(cookie.value());
    let share = tx.share_by_token(&Token::shown(token)).await?;
    Ok(share.filter(|share| {
        opens(share, now)
            && share.is_open_for(&held)
            && share.session_until.is_some_and(|until| now < until)
    }))
}

/// `GET /p/{token}`
pub(crate) async fn show(
    State(web): State<Shared>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    match open_page(&mut tx, &headers, &token).await? {
        Some(share) => view(&web, &mut tx, &share, &token, None).await,
        None => Ok(ask(&web, &headers, &token, false)),
    }
}

/// The PIN.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Pin {
    #[serde(default)]
    pin: String,
}

/// `POST /p/{token}`
pub(crate) async fn open(
    State(web): State<Shared>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(form): Form<Pin>,
) -> Result<Response, PageError> {
    // Whoever tries many links is slowed by where they come from.
    let tried = Tried::Page(token.clone());
    let hurried = web
        .tries
        .begin(&tried, client.address, web.d.clock.now())
        .is_err();
    let mut tx = web.d.store.begin().await?;
    let now = Moment::from(tx.now());
    let found = tx.share_by_token(&Token::shown(&token)).await?;
    let found = found.filter(|share| !hurried && opens(share, now));
    let hash = match &found {
        Some(share) => {
            let tried = tx.pin_tried(share.id).await?;
            let hash = tx.pin(&share.school_id, &share.adult).await?;
            if tried > MOST_WRONG {
                tx.end_share(share.id).await?;
                None
            } else {
                hash
            }
        }
        None => None,
    };
    // The try is counted whatever becomes of this request.
    tx.save().await?;
    let typed: String = form
        .pin
        .chars()
        .filter(char::is_ascii_digit)
        .take(12)
        .collect();
    let right = web.verify(typed, hash).await;
    let (true, Some(share)) = (right, found) else {
        return Ok(ask(&web, &headers, &token, true));
    };
    web.tries.right(&tried, client.address);
    let mut tx = web.d.store.begin().await?;
    let cookie = Token::fresh(tx.clock());
    let until = reads_until(tx.now());
    tx.open_share(share.id, &cookie, until).await?;
    if share.opened_at.is_none() {
        let what = format!("{} opened their page", name_of(&web, &share));
        tx.append(share.case_id, &NewEntry::new("opened", "schoolgate", &what))
            .await?;
    }
    tx.save().await?;
    let cookie = format!(
        "{COOKIE}={}; Path=/p/{token}; Secure; HttpOnly; SameSite=Strict",
        cookie.text()
    );
    let cookie = HeaderValue::try_from(cookie).map_err(|_| PageError::NotFound)?;
    let to = Redirect::to(&format!("/p/{token}"));
    Ok(([(header::SET_COOKIE, cookie)], to).into_response())
}

fn name_of(web: &Web, share: &Share) -> String {
    let school = web.d.school(&share.school_id);
    let adult = school.as_ref().and_then(|s| s.people.adult(&share.adult));
    adult.map_or_else(|| "A parent".to_owned(), |a| a.name.clone())
}

async fn view(
    web: &Web,
    tx: &mut Tx,
    share: &Share,
    token: &str,
    thanks: Option<&str>,
) -> Result<Response, PageError> {
    let school = web.d.school(&share.school_id).ok_or(PageError::NotFound)?;
    let adult = school
        .people
        .adult(&share.adult)
        .ok_or(PageError::NotFound)?;
    let case = tx
        .case(&share.school_id, share.case_id)
        .await?
        // What was sealed since is shared with nobody, whatever was given before.
        .filter(|case| case.tier == "ordinary")
        .ok_or(PageError::NotFound)?;
    let today = school.local(tx.now()).date();
    let restricted = adult
        .children
        .iter()
        .any(|c| Some(&c.pupil) == case.pupil.as_ref() && c.is_restricted(today));
    if restricted {
        return Err(PageError::NotFound);
    }
    let way = (share.endpoint.clone(), share.address.clone());
    let language = language_of(tx, &school, adult, Some(&way)).await?;
    let own = case.adult.as_deref().is_some_and(|key| adult.is(key));
    let kept: Vec<i64> = tx
        .withheld(case.id)
        .await?
        .iter()
        .filter(|w| adult.is(&w.adult))
        .map(|w| w.seq)
        .collect();
    let mut entries = tx.chronology(case.id).await?;
    if let Some(pupil) = &case.pupil
        && let Some(from) = alone_since(tx, &school, pupil).await?
    {
        // The young person decides: what came since is theirs. What was shared before stays.
        let from = Moment::from(school.instant(from.to_datetime(Time::midnight())));
        entries.retain(|e| e.entered_at < from || e.author == "parent");
    }
    let say = Say::new(web, language);
    let school_name = Value::Text(school.config.name.clone());
    let page = Page {
        token: token.to_owned(),
        heading: say.with(
            "page-heading",
            &Values::from([("reference".to_owned(), Value::Text(case.reference()))]),
        ),
        intro: say.with(
            "page-intro",
            &Values::from([("school".to_owned(), school_name)]),
        ),
        entries: page_entries(&entries, &adult.key, own, &kept)
            .into_iter()
            .map(|entry| Row {
                title: title(&say, &school, entry),
                when: say.texts.languages.value(
                    &say.language,
                    &Value::When(school.local(entry.happened_at.timestamp())),
                ),
                words: entry.words().map(|w| clean(&w)).unwrap_or_default(),
            })
            .collect(),
        thanks: thanks.map(|id| say.text(id)),
        asks: share.answered_at.is_none(),
        say,
    };
    Ok(render(&page))
}

fn title(say: &Say, school: &School, entry: &Entry) -> String {
    let from_parent = entry.author == "parent" || entry.audience.starts_with("adult:");
    let id = match entry.kind.as_str() {
        "message-in" => "page-you-wrote",
        "message-out" => "page-we-wrote",
        "agreed" => "page-agreed",
        "nothing-changes" => "page-nothing-changes",
        "review" => "page-review",
        "early-discussion" => "page-early-discussion",
        "stage" => "page-stage",
        "told" => "page-told",
        "formal-notice" => "page-formal-notice",
        "statement" if from_parent => "page-added",
        "statement" | "correction" => "page-correction",
        _ => "page-other",
    };
    let who = match entry.author.as_str() {
        "schoolgate" | "parent" => school.config.name.clone(),
        key => school.name(key),
    };
    say.with(id, &Values::from([("who".to_owned(), Value::Text(who))]))
}

/// What they answer.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    words: String,
    /// Pressed: this is right.
    #[serde(default)]
    right: Option<String>,
}

/// `POST /p/{token}/answer`
pub(crate) async fn answer(
    State(web): State<Shared>,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(form): Form<Answer>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let Some(share) = open_page(&mut tx, &headers, &token).await? else {
        return Ok(ask(&web, &headers, &token, false));
    };
    let words: String = clean(&form.words).trim().chars().take(LONGEST).collect();
    if form.right.is_some() && words.is_empty() {
        if share.answered_at.is_none() {
            let what = format!(
                "{} says that what stands on their page is right",
                name_of(&web, &share)
            );
            tx.append(
                share.case_id,
                &NewEntry::new("confirmed", "schoolgate", &what),
            )
            .await?;
        }
        tx.share_answered(share.id).await?;
        tx.save().await?;
        let mut tx = web.d.store.read().await?;
        return view(&web, &mut tx, &share, &token, Some("page-thanks-right")).await;
    }
    if words.is_empty() {
        return view(&web, &mut tx, &share, &token, None).await;
    }
    tx.share_answered(share.id).await?;
    tx.save().await?;
    let endpoint = web.d.endpoint(&share.endpoint).ok_or(PageError::NotFound)?;
    let inbound = Inbound {
        provider_id: provider_id(share.id, &words),
        from: share.address.clone(),
        body: words.into_bytes(),
        sent_at: Some(web.d.clock.now()),
        ..Inbound::default()
    };
    accept(&web.d, &endpoint, &inbound, false).await?;
    let mut tx = web.d.store.read().await?;
    view(&web, &mut tx, &share, &token, Some("page-thanks-added")).await
}
