//! What staff set of their school: closed days, terms, phones and pages, services, how long what is kept.
//!
//! Everything is TOML that `schoolgate.toml` could hold, read by the same rules before it is kept.

use jiff::civil::Date;

use super::Actor;
use crate::fault::{Fault, Severity};
use crate::school::calendar::Period;
use crate::school::people::{Role, Staff};
use crate::school::service::{Directory, Own, Service};
use crate::school::setting::{Draft, Section};
use crate::store::{StoreError, Tx};

/// Why nothing was set.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// Not for this person to set, or nothing is there.
    #[error("there is no such setting for you to change")]
    NotYours,
    /// It cannot be set to this.
    #[error("{words}")]
    Refused {
        /// The field it is about; empty for the whole form.
        field: String,
        /// What is wrong, and what to do.
        words: String,
    },
    /// Somebody else was quicker.
    #[error(
        "somebody else has changed this meanwhile: nothing was changed; look at it as it is now"
    )]
    Meanwhile,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SettingError {
    fn refused(field: &str, words: impl Into<String>) -> Self {
        Self::Refused {
            field: field.to_owned(),
            words: words.into(),
        }
    }
}

type Result<T> = std::result::Result<T, SettingError>;

/// Whether somebody keeps the school's days, numbers and services. It is the office that closes a
/// school for snow.
pub fn keeps_settings(staff: &Staff) -> bool {
    keeps_machine(staff) || staff.is(Role::Office)
}

/// Whether somebody also says how long things are kept, and sees to the keys and ways.
pub fn keeps_machine(staff: &Staff) -> bool {
    const ROLES: [Role; 4] = [Role::Senco, Role::Head, Role::It, Role::CouncilOperator];
    ROLES.iter().any(|role| staff.is(*role))
}

/// Whether somebody sets a section.
pub fn may_set(staff: &Staff, section: Section) -> bool {
    match section {
        Section::Retention => keeps_machine(staff),
        _ => keeps_settings(staff),
    }
}

/// A service as somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct TypedService {
    /// Its key; empty for a new one.
    pub key: String,
    /// Whose; empty for the whole country's.
    pub council: String,
    /// What it is for, by its word.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What it does.
    pub about: String,
    /// Its number.
    pub phone: String,
    /// Its website.
    pub website: String,
    /// Its email.
    pub email: String,
    /// Where this was read.
    pub source: String,
    /// Whether it was checked with the service itself, today.
    pub checked: bool,
}

impl Actor<'_> {
    /// Sets a section as it was typed, by somebody who has seen the version `seen` of it.
    pub async fn set(&self, tx: &mut Tx, section: Section, seen: i64, draft: &Draft) -> Result<()> {
        let did = format!("changed the {}", section.called());
        self.set_and_say(tx, section, seen, draft, &did).await
    }

    /// The school is closed from a day to a day, as typed; a single day has no `to`.
    pub async fn close_school(&self, tx: &mut Tx, from: &str, to: &str, why: &str) -> Result<()> {
        let calendar = self.school.calendar();
        let first: Option<Date> = from.trim().parse().ok();
        let until = to.trim();
        let last = if until.is_empty() {
            first
        } else {
            until.parse().ok()
        };
        if let (Some(first), Some(last)) = (first, last) {
            let covers = |days: Period| days.contains(first) && days.contains(last);
            if let Some(known) = calendar.closed.iter().find(|c| covers(c.days)) {
                let words = format!("the school is closed then already: {}", known.why);
                return Err(SettingError::refused("from", words));
            }
        }
        let mut draft = self.closed_days(|_| true);
        draft.table("[[closed]]", "from");
        draft.put("from", from, "from");
        draft.put_if_any("to", to, "to");
        draft.put("why", why, "why");
        let seen = self.school.layer.seen(Section::Closed);
        let mut did = format!("closed the school from {}", from.trim());
        if !until.is_empty() {
            did.push_str(" to ");
            did.push_str(until);
        }
        self.set_and_say(tx, Section::Closed, seen, &draft, &did)
            .await
    }

    /// The school is open after all on days that it was to be closed.
    pub async fn reopen_school(&self, tx: &mut Tx, days: Period) -> Result<()> {
        if !self.school.calendar().closed.iter().any(|c| c.days == days) {
            return Err(SettingError::Meanwhile);
        }
        let draft = self.closed_days(|known| known != days);
        let seen = self.school.layer.seen(Section::Closed);
        let did = format!("opened the school from {} to {}", days.from, days.to);
        self.set_and_say(tx, Section::Closed, seen, &draft, &did)
            .await
    }

    fn closed_days(&self, keep: impl Fn(Period) -> bool) -> Draft {
        let mut draft = Draft::default();
        for closed in &self.school.calendar().closed {
            if keep(closed.days) {
                draft.table("[[closed]]", "");
                draft.put("from", &closed.days.from.to_string(), "");
                draft.put("to", &closed.days.to.to_string(), "");
                draft.put("why", &closed.why, "");
            }
        }
        draft
    }

    /// Takes an earlier version of a section up again; 0 is what the file says.
    pub async fn restore(
        &self,
        tx: &mut Tx,
        section: Section,
        seen: i64,
        version: i64,
    ) -> Result<()> {
        if !may_set(self.staff, section) {
            return Err(SettingError::NotYours);
        }
        let id = &self.school.config.id;
        let body = if version == 0 {
            None
        } else {
            let earlier = tx.setting(id, section.word(), version).await?;
            earlier.ok_or(SettingError::NotYours)?.body
        };
        if let Some(body) = &body {
            let tried = self.school.try_setting(section, body);
            tried.map_err(|faults| first(&faults, ""))?;
        }
        let did = match body {
            None => format!("went back to the file: {}", section.called()),
            Some(_) => format!("went back to an earlier version: {}", section.called()),
        };
        self.keep(tx, section, seen, body.as_deref(), &did).await
    }

    /// Somebody has asked a service whether what is said of it is right.
    pub async fn service_checked(&self, tx: &mut Tx, known: &Directory, key: &str) -> Result<()> {
        let service = known.get(key).ok_or(SettingError::NotYours)?;
        let mut own = self.school.config.services.clone();
        own.check(service, self.school.local(tx.now()).date());
        let did = format!("checked {}", service.name);
        self.keep_services(tx, &own.draft(), &did).await
    }

    /// Families are sent to a service no longer, or again. One of the whole country stays: families
    /// fall back on it.
    pub async fn hide_service(&self, tx: &mut Tx, all: &Directory, key: &str) -> Result<()> {
        let mut own = self.school.config.services.clone();
        let service = own.service(key).or_else(|| all.get(key));
        let service = service.filter(|s| s.council.is_some());
        let name = service.ok_or(SettingError::NotYours)?.name.clone();
        let was = own.hidden.len();
        own.hidden.retain(|hidden| hidden != key);
        let did = if own.hidden.len() == was {
            own.hidden.push(key.to_owned());
            format!("hid {name}")
        } else {
            format!("showed {name} again")
        };
        self.keep_services(tx, &own.draft(), &did).await
    }

    /// Writes a service, or one anew in the place of what the directory says of it.
    pub async fn write_service(
        &self,
        tx: &mut Tx,
        all: &Directory,
        typed: &TypedService,
    ) -> Result<()> {
        let council = typed.council.trim();
        if !council.is_empty() && !all.councils().any(|known| known == council) {
            let words = format!("there is no council `{council}` in the directory: choose one");
            return Err(SettingError::refused("council", words));
        }
        let own = &self.school.config.services;
        let known = |key: &str| own.service(key).or_else(|| all.get(key));
        let key = match typed.key.trim() {
            "" => fresh_key(&typed.name, council, |key| known(key).is_some()),
            key => known(key).ok_or(SettingError::NotYours)?.key.clone(),
        };
        let checked = match (typed.checked, known(&key)) {
            (true, _) => self.school.local(tx.now()).date().to_string(),
            // What was checked is as it was: so is the day.
            (false, Some(was)) if reaches_alike(was, typed) => was
                .last_verified
                .map_or_else(|| "never".to_owned(), |day| day.to_string()),
            (false, _) => "never".to_owned(),
        };
        let others = Own {
            services: own
                .services
                .iter()
                .filter(|s| s.key != key)
                .cloned()
                .collect(),
            ..own.clone()
        };
        let mut draft = others.draft();
        draft.table("[[service]]", "phone");
        draft.put("key", &key, "name");
        draft.put_if_any("council", council, "council");
        draft.put("kind", &typed.kind, "kind");
        draft.put("name", &typed.name, "name");
        draft.put("about", &typed.about, "about");
        draft.put_if_any("phone", &typed.phone, "phone");
        draft.put_if_any("website", &typed.website, "website");
        draft.put_if_any("email", &typed.email, "email");
        draft.put("source", &typed.source, "source");
        draft.put("last_verified", &checked, "source");
        let did = format!("wrote what families are told of {}", typed.name.trim());
        self.keep_services(tx, &draft, &did).await
    }

    async fn keep_services(&self, tx: &mut Tx, draft: &Draft, did: &str) -> Result<()> {
        let seen = self.school.layer.seen(Section::Services);
        self.set_and_say(tx, Section::Services, seen, draft, did)
            .await
    }

    async fn set_and_say(
        &self,
        tx: &mut Tx,
        section: Section,
        seen: i64,
        draft: &Draft,
        did: &str,
    ) -> Result<()> {
        if !may_set(self.staff, section) {
            return Err(SettingError::NotYours);
        }
        let found = self.school.try_setting(section, draft.text());
        if section == Section::Terms {
            self.term_goes_on(tx, draft)?;
        }
        let refused = match found {
            Err(faults) => Some(faults),
            // Days in no term are most often those of another year: whoever has just typed them
            // learns of it here, and not when nobody comes.
            Ok(warnings) if section == Section::Closed => {
                let typed = |fault: &Fault| !draft.field_of(fault).is_empty();
                let warnings: Vec<Fault> = warnings.into_iter().filter(typed).collect();
                (!warnings.is_empty()).then_some(warnings)
            }
            Ok(_) => None,
        };
        if let Some(faults) = refused {
            let errors = faults.iter().find(|f| f.severity == Severity::Error);
            let field = errors.or(faults.first()).map_or("", |f| draft.field_of(f));
            return Err(first(&faults, field));
        }
        self.keep(tx, section, seen, Some(draft.text()), did).await
    }

    /// The term that is running may end on another day, and not be gone.
    fn term_goes_on(&self, tx: &Tx, draft: &Draft) -> Result<()> {
        let today = self.school.local(tx.now()).date();
        let runs = |terms: &[Period]| terms.iter().any(|term| term.contains(today));
        let after = self.school.terms_in(draft.text());
        if !runs(&self.school.calendar().terms) || after.is_none_or(|after| runs(&after)) {
            return Ok(());
        }
        Err(SettingError::refused(
            "from-0",
            "today would be in no term, and nothing could be promised: keep the term that is running; \
             for a day without school, close the school"
                .to_owned(),
        ))
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        section: Section,
        seen: i64,
        body: Option<&str>,
        did: &str,
    ) -> Result<()> {
        let (id, by) = (&self.school.config.id, &self.staff.key);
        let kept = tx.set_section(id, section.word(), seen, body, by).await?;
        kept.ok_or(SettingError::Meanwhile)?;
        tx.audit(id, by, did, None).await?;
        Ok(())
    }
}

/// The first error of some faults (or the first warning, where there is no error), as the page says it.
fn first(faults: &[Fault], field: &str) -> SettingError {
    let error = faults.iter().find(|f| f.severity == Severity::Error);
    let words = error.or(faults.first()).map_or_else(String::new, |fault| {
        format!("{}: {}", fault.message, fault.remedy)
    });
    SettingError::refused(field, words)
}

/// Whether somebody typed the ways to reach a service that it has already.
fn reaches_alike(service: &Service, typed: &TypedService) -> bool {
    let ways = [
        (&service.phone, &typed.phone),
        (&service.website, &typed.website),
        (&service.email, &typed.email),
    ];
    ways.into_iter()
        .all(|(was, is)| was.as_deref().unwrap_or_default() == is.trim())
}

/// A key for a new service, that none has: `camden-autism-group`.
fn fresh_key(name: &str, council: &str, taken: impl Fn(&str) -> bool) -> String {
    let said = format!("{council} {name}").to_lowercase();
    let words: Vec<&str> = said
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let key = words.join("-");
    let mut tries = (1_u32..).map(|n| match n {
        1 => key.clone(),
        n => format!("{key}-{n}"),
    });
    tries
        .find(|key| !key.is_empty() && !taken(key))
        .unwrap_or(key)
}
