//! What a school itself says of services outside it: those it added or wrote anew, those nobody is sent
//! to, and when it asked.

use jiff::civil::Date;

use super::{Service, service};
use crate::document::{Document, Table};
use crate::fault::Fault;
use crate::school::setting::Draft;

/// What a school knows of services besides the directory, or better.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// Services it has added, or written anew under their key.
    pub services: Vec<Service>,
    /// Services that nobody is sent to, by key.
    pub hidden: Vec<String>,
    /// What it has checked.
    pub checked: Vec<Checked>,
}

/// Somebody asked a service whether what is said of it is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which service.
    pub key: String,
    /// When.
    pub on: Date,
    /// What was found to be right, as [`Service::reach`] has it. Once it changes, it counts no more.
    pub said: String,
}

impl Own {
    /// Reads what a school has written; `path` is only how faults name it. Councils are not looked
    /// up: one that has left the directory is nobody's, and what was written of it stays.
    ///
    /// # Errors
    /// Every fault.
    pub fn load(path: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let document = Document::parse(path, text);
        let own = Self::read(document.root());
        if document.has_errors() {
            Err(document.into_faults())
        } else {
            Ok(own)
        }
    }

    /// The same, of a table that was parsed before.
    pub fn read(root: Table<'_>) -> Self {
        let mut own = Self::default();
        for table in root.tables("service") {
            let span = table.span();
            let Some(service) = service(table, None) else {
                continue;
            };
            if own.service(&service.key).is_some() {
                let message = format!("there are two services `{}`", service.key);
                let remedy = "give each a key of its own";
                root.document().fault(span, message, remedy);
            }
            own.services.push(service);
        }
        let hidden = root.texts("hidden");
        own.hidden = hidden.into_iter().map(|key| key.value).collect();
        for table in root.tables("checked") {
            let key = table.need_text("key");
            let on = table.need_date("on");
            let said = table.need_text("said");
            table.no_more();
            if let (Some(key), Some(on), Some(said)) = (key, on, said) {
                let (key, said) = (key.value, said.value);
                own.checked.push(Checked { key, on, said });
            }
        }
        root.no_more();
        own
    }

    /// A service that the school has written itself.
    pub fn service(&self, key: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.key == key)
    }

    /// Sets a service that the school has written, in the place of one of that key.
    pub fn set(&mut self, service: Service) {
        match self.services.iter_mut().find(|s| s.key == service.key) {
            Some(there) => *there = service,
            None => self.services.push(service),
        }
    }

    /// Somebody has checked a service today.
    pub fn check(&mut self, service: &Service, today: Date) {
        self.checked.retain(|c| c.key != service.key);
        self.checked.push(Checked {
            key: service.key.clone(),
            on: today,
            said: service.reach(),
        });
    }

    /// As [`Own::load`] reads it.
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::default();
        if !self.hidden.is_empty() {
            let hidden = self.hidden.iter().map(String::as_str);
            draft.list("hidden", hidden, "");
        }
        for checked in &self.checked {
            draft.table("[[checked]]", "");
            draft.put("key", &checked.key, "");
            draft.put("on", &checked.on.to_string(), "");
            draft.put("said", &checked.said, "");
        }
        for service in &self.services {
            service.write(&mut draft);
        }
        draft
    }
}

impl Service {
    /// As a file has it, each key for the field of its name.
    fn write(&self, draft: &mut Draft) {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        let verified = self.last_verified.map(|day| day.to_string());
        draft.table("[[service]]", "name");
        draft.put("key", &self.key, "key");
        draft.put_if_any("council", &or_none(&self.council), "council");
        draft.put("kind", self.kind.word(), "kind");
        draft.put("name", &self.name, "name");
        draft.put("about", &self.about, "about");
        draft.put_if_any("phone", &or_none(&self.phone), "phone");
        draft.put_if_any("website", &or_none(&self.website), "website");
        draft.put_if_any("email", &or_none(&self.email), "email");
        draft.put("source", &self.source, "source");
        let verified = verified.unwrap_or_else(|| "never".to_owned());
        draft.put("last_verified", &verified, "source");
    }
}
