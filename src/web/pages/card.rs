//! What somebody needs to know of a case first: who wrote what, what they wish for, what we promised.

use super::Stamp;
use super::case::shown;
use super::support::{in_full, stages_line};
use super::wording::{
    adult, adult_line, kind_words, mode_words, prefers_words, promise_words, pupil_line,
    state_words, tier_words, wish_words,
};
use crate::deployment::School;
use crate::desk::life::unread;
use crate::desk::young::alone_since;
use crate::inbox::phone_of;
use crate::phone::Phone;
use crate::school::people::Prefers;
use crate::store::{Case, Entry, Moment, Promise, Result, Tx};
use crate::web::Web;

/// What somebody needs to know first.
pub(super) struct Card {
    pub kind: String,
    pub state: String,
    /// When they look at it again.
    pub review: Option<String>,
    /// Who may read it, when it is sealed.
    pub sealed: Option<&'static str>,
    pub pupil: String,
    /// Their stages of support, with days.
    pub stages: Option<String>,
    /// The young person decides and wants only themselves told, from this day.
    pub alone: Option<String>,
    /// Where the pupil's own page is.
    pub pupil_page: Option<String>,
    pub adult: String,
    pub phone: Option<String>,
    pub prefers: Option<&'static str>,
    /// Nobody rings this phone.
    pub text_only: bool,
    pub language: Option<String>,
    pub note: Option<String>,
    /// How they want to be reached, as they said it last, with its date.
    pub passport: Option<String>,
    /// They asked for a copy that is not ticked off yet.
    pub copy_owed: bool,
    /// How the parent of a complaint wants to go on can be asked.
    pub can_ask: bool,
    /// A part of it can be given to the head.
    pub can_release: bool,
    /// What to do because a restriction keeps the child from whoever wrote.
    pub kept: Option<String>,
    /// They have stopped our texts.
    pub stopped: bool,
    /// Nothing about a child has been said to them: the office has to look first.
    pub unchecked: bool,
    pub first: Option<Words>,
    pub latest: Option<Words>,
    pub wish: Option<String>,
    pub promises: Vec<PromiseRow>,
    pub meetings: Vec<String>,
    pub owner: String,
    pub copied: String,
    /// Who is written about in it and never told.
    pub about: String,
    pub acknowledged: Option<String>,
    /// They have written since anybody at school did something.
    pub unread: bool,
}

/// What somebody wrote.
pub(super) struct Words {
    pub words: String,
    pub when: Stamp,
    /// Where the whole of it is, when only its beginning is shown.
    pub whole: Option<String>,
}

/// What the parent was told would happen.
pub(super) struct PromiseRow {
    pub promise: String,
    pub due: Stamp,
    /// `kept`, `kept late`, `overdue`, or nothing.
    pub state: &'static str,
}

/// What to do where contact is restricted. Why is for the office and the leads alone.
fn kept(school: &School, case: &Case, now: Moment) -> Option<String> {
    let today = school.local(now.timestamp()).date();
    let tie = school.kept_from_writer(case, today)?;
    let say = tie.restriction.as_ref().and_then(|r| r.say.as_deref());
    let say = say.map_or_else(
        || "Ask a safeguarding lead before anybody speaks to them.".to_owned(),
        |say| format!("If they make contact, say: \u{201c}{say}\u{201d}"),
    );
    Some(format!(
        "Contact is restricted: nothing about the child goes to them, and no reply leaves from here. {say}"
    ))
}

/// Gathers it.
pub(super) async fn card(
    web: &Web,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    entries: &[Entry],
    now: Moment,
) -> Result<Card> {
    let adult = adult(school, case);
    let lane = tx.lane(&case.endpoint, &case.address).await?;
    let phone = phone_of(lane.as_ref(), &case.address).and_then(|p| Phone::parse(p).ok());
    let chosen = lane.as_ref().and_then(|l| l.language.clone());
    let language = chosen.or_else(|| adult.and_then(|a| a.language.clone()));
    let promises = tx.promises_of(case.id).await?;
    let promises = promises
        .iter()
        .map(|p| promise_row(school, p, now))
        .collect::<Result<_>>()?;
    let mut meetings = Vec::new();
    for meeting in tx.meetings_of(case.id).await? {
        let names: Vec<String> = meeting
            .staff()?
            .iter()
            .map(|key| school.name(key))
            .collect();
        let gone = if meeting.state == "booked" {
            ""
        } else {
            " (cancelled)"
        };
        let when = Stamp::new(school, meeting.starts_at, now);
        meetings.push(format!(
            "{when} with {}, {}{gone}",
            names.join(" and "),
            mode_words(&meeting.mode)
        ));
    }
    let passport = match adult {
        Some(adult) => tx.passport(&school.config.id, &adult.key).await?,
        None => None,
    };
    let may_ring = passport.as_ref().and_then(|(.., p)| p.may_ring());
    let banner = passport.as_ref().map(|(version, at, passport)| {
        let lines = passport.lines(|tag| web.d.language_name(tag)).join("; ");
        format!(
            "{lines} (version {version}, {})",
            Stamp::new(school, *at, now)
        )
    });
    let (stages, alone) = match case.pupil.as_deref() {
        Some(pupil) => (
            stages_line(tx, school, pupil).await?,
            alone_since(tx, school, pupil).await?.map(in_full),
        ),
        None => (None, None),
    };
    let copy_owed = tx.open_task_of("copy", case.id).await?.is_some();
    let mut theirs = entries.iter().filter(|e| e.kind == "message-in");
    let first = theirs.next().map(|e| words_of(school, case, e, now));
    let latest = theirs.next_back().map(|e| words_of(school, case, e, now));
    let acknowledged = case.acknowledged_at.map(|at| {
        let by = case
            .acknowledged_by
            .as_deref()
            .map_or_else(|| "somebody".to_owned(), |k| school.name(k));
        format!("{by}, {}", Stamp::new(school, at, now))
    });
    let names = |keys: Vec<String>| {
        keys.iter()
            .map(|k| school.name(k))
            .collect::<Vec<_>>()
            .join(", ")
    };
    Ok(Card {
        kind: case.about.as_deref().map_or_else(
            || kind_words(&case.kind),
            |about| format!("{} ({})", kind_words(&case.kind), about.replace('-', " ")),
        ),
        state: state_words(&case.state),
        review: case.review_at.map(|at| {
            let day = school.local(at.timestamp()).date();
            day.strftime("%-d %B %Y").to_string()
        }),
        sealed: tier_words(&case.tier),
        pupil: pupil_line(school, case),
        stages,
        alone,
        pupil_page: None,
        adult: adult_line(school, case),
        phone: phone.map(|p| p.national()),
        prefers: adult.and_then(|a| a.prefers).map(prefers_words),
        text_only: may_ring.map_or_else(
            || adult.is_some_and(|a| a.prefers == Some(Prefers::TextOnly)),
            |may| !may,
        ),
        language: language.map(|tag| web.d.language_name(&tag)),
        passport: banner,
        copy_owed,
        can_ask: case.kind == "complaint" && case.tier == "ordinary",
        can_release: case.tier == "safeguarding",
        note: adult.and_then(|a| a.note.clone()),
        kept: kept(school, case, now),
        stopped: lane.is_some_and(|l| l.stopped_at.is_some()),
        unchecked: adult.is_none() && !case.address.is_empty(),
        first,
        latest,
        wish: case.wish.as_deref().map(wish_words),
        promises,
        meetings,
        owner: case
            .owner
            .as_ref()
            .map_or_else(|| "nobody yet".to_owned(), |key| school.name(key)),
        copied: names(case.copied()?),
        about: names(case.barred()?),
        acknowledged,
        unread: unread(&school.people, case, entries).is_some(),
    })
}

fn words_of(school: &School, case: &Case, entry: &Entry, now: Moment) -> Words {
    let (words, whole) = shown(case, entry);
    Words {
        words,
        when: Stamp::new(school, entry.happened_at, now),
        whole,
    }
}

fn promise_row(school: &School, promise: &Promise, now: Moment) -> Result<PromiseRow> {
    let state = match promise.kept_at {
        Some(kept) if kept <= promise.due_at => "kept",
        Some(_) => "kept late",
        None if promise.due_at < now => "overdue",
        None => "",
    };
    Ok(PromiseRow {
        promise: promise_words(promise)?,
        due: Stamp::new(school, promise.due_at, now),
        state,
    })
}
