//! Everything one running schoolgate holds: its configuration, database, clock, flows and channels.
//!
//! It decides nothing. Several processes may run the same deployment on one PostgreSQL.

mod mail_server;
mod overlay;
mod parts;
mod people;
mod reload;
mod restricted;
mod settings;
mod writer;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::channel::Channel;
use crate::channel::android::{self, Android};
use crate::channel::email;
use crate::channel::kannel::{self, Kannel};
use crate::channel::notify::{self, Notify};
use crate::channel::telegram::{self, Telegram};
use crate::channel::twilio::{self, Twilio};
use crate::channel::vonage::{self, Vonage};
use crate::clock::Clock;
use crate::config::{self, ChannelKind, Config, Incoming, OptOut, Refused, Secret};
use crate::fault::Sources;
use crate::flow::bundle::Bundle;
use crate::flow::coverage::Coverage;
use crate::school::calendar::SchoolCalendar;
use crate::school::people::{People, Role, Staff};
use crate::school::safeguarding::{Screen, StaffName};
use crate::store::{Store, StoreError, Tx};

pub use mail_server::MailServer;
pub use parts::{Examination, Parts, examine};
pub use people::people_of;
pub use reload::{Look, Watch};
pub use restricted::{About, KeptFrom, about, restrictions};
pub use settings::{Layer, as_set};
pub use writer::Writer;

/// One school, ready to answer.
#[derive(Debug, Clone)]
pub struct School {
    /// As configured: the file, and over it what staff have set.
    pub config: config::School,
    /// What staff have set.
    pub layer: Layer,
    /// Who is who.
    pub people: People,
    /// Which version of them this is; 0 is the people file.
    pub people_version: i64,
}

/// One number or bot of one school.
#[derive(Debug)]
pub struct Endpoint {
    /// As in `schoolgate.toml`.
    pub id: String,
    /// The school it belongs to.
    pub school: Arc<School>,
    /// How messages travel.
    pub channel: Arc<Channel>,
    /// As configured: secrets of its webhooks, who handles STOP.
    pub config: config::Channel,
}

/// The schools with their people, and their endpoints. Whoever needs two of them that agree asks for
/// the roll once.
#[derive(Debug, Default)]
pub struct Roll {
    /// Schools by id.
    pub schools: BTreeMap<String, Arc<School>>,
    /// Endpoints by id.
    pub endpoints: BTreeMap<String, Arc<Endpoint>>,
}

/// What a running schoolgate holds.
pub struct Deployment {
    /// As configured.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Schools and endpoints as they stand now: see [`Self::look_at_people`].
    roll: RwLock<Arc<Roll>>,
    /// Every mail server that is configured: see [`Self::mail_server_of`].
    pub mail_servers: Vec<MailServer>,
    /// Flows, texts and the screen as they stand now: see [`Self::reload`].
    parts: RwLock<Arc<Parts>>,
    /// Where conversations as tests note the ways they took through the flows.
    pub coverage: std::sync::OnceLock<Arc<Coverage>>,
    /// Bundles that conversations are still pinned to; `None` is one this program cannot load.
    pinned: Mutex<HashMap<String, Option<Arc<Bundle>>>>,
}

/// What stands before a school's id in the endpoint of its mail lanes. No channel has a colon in its id.
const MAIL_OF: &str = "email:";

/// The endpoint of a school's mail lanes.
pub fn mail_endpoint(school: &str) -> String {
    format!("{MAIL_OF}{school}")
}

/// Why a deployment could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Faults in the files people write.
    #[error(transparent)]
    Faults(#[from] Refused),
    /// A channel cannot be used as configured.
    #[error("channel `{channel}`: {why}")]
    Channel {
        /// Its id.
        channel: String,
        /// What is wrong, with the remedy.
        why: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Deployment {
    /// Puts together what `config` describes, on `store`, which must be migrated.
    ///
    /// # Errors
    /// [`NotReady`], naming what stands in the way.
    pub async fn new(config: Config, store: Store, clock: Clock) -> Result<Self, NotReady> {
        let parts = Arc::new(Parts::load(&config)?);
        Self::with_parts(config, parts, store, clock).await
    }

    /// The same, with flows, texts and directory that were loaded before: tests share them.
    ///
    /// # Errors
    /// [`NotReady`], naming what stands in the way.
    pub async fn with_parts(
        config: Config,
        parts: Arc<Parts>,
        store: Store,
        clock: Clock,
    ) -> Result<Self, NotReady> {
        // Meanwhile: nobody waits for it but a message that comes within the first moments.
        let learning = Arc::clone(&parts);
        rayon::spawn(move || learning.learn_now());
        let mut roll = Roll::default();
        let mut tx = store.begin().await?;
        tx.keep_bundle(&parts.bundle).await?;
        for school in &config.schools {
            tx.keep_school(&school.id, &school.name, i64::from(school.first_case))
                .await?;
            let (people_version, people) = people_of(&mut tx, school).await?;
            let (school, layer) = as_set(&mut tx, &Arc::new(school.clone())).await??;
            let one = Arc::new(School {
                people,
                people_version,
                config: school,
                layer,
            });
            for channel in &one.config.channels {
                let endpoint = Endpoint {
                    id: channel.id.clone(),
                    school: Arc::clone(&one),
                    channel: Arc::new(open(&config, channel).map_err(|why| NotReady::Channel {
                        channel: channel.id.clone(),
                        why,
                    })?),
                    config: channel.clone(),
                };
                roll.endpoints
                    .insert(channel.id.clone(), Arc::new(endpoint));
            }
            roll.schools.insert(one.config.id.clone(), one);
        }
        tx.save().await?;
        Ok(Self {
            mail_servers: mail_server::open_all(&config)?,
            config,
            store,
            clock,
            roll: RwLock::new(Arc::new(roll)),
            parts: RwLock::new(parts),
            coverage: std::sync::OnceLock::new(),
            pinned: Mutex::default(),
        })
    }

    /// What staff call a language, by its tag: `so` is "Somali". One that nobody has named is its tag.
    pub fn language_name(&self, tag: &str) -> String {
        let bundle = self.bundle();
        let english = bundle.readings.get("en");
        english
            .and_then(|r| r.language_name(tag))
            .unwrap_or_else(|| tag.to_owned())
    }

    /// Flows, texts, services and the screen, as they stand now. Whoever needs two of them that
    /// agree asks once.
    pub fn parts(&self) -> Arc<Parts> {
        Arc::clone(&self.parts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The address under which staff and providers reach this deployment.
    pub fn public_url(&self) -> String {
        self.config.public_address()
    }

    /// The bundle new conversations begin on.
    pub fn bundle(&self) -> Arc<Bundle> {
        Arc::clone(&self.parts().bundle)
    }

    /// The bundle a conversation is pinned to; `None` when this program cannot load it, and then a
    /// person takes over. `stored` are its sources, fetched once.
    pub fn pinned(&self, hash: &str, stored: Option<&str>) -> Option<Arc<Bundle>> {
        let current = self.bundle();
        if current.hash == hash {
            return Some(current);
        }
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = pinned.get(hash) {
            return known.clone();
        }
        let loaded = stored
            .and_then(|text| serde_json::from_str::<Sources>(text).ok())
            .and_then(|sources| Bundle::load(sources).ok())
            .map(Arc::new);
        pinned.insert(hash.to_owned(), loaded.clone());
        loaded
    }

    /// Schools and endpoints, as they stand now.
    pub fn roll(&self) -> Arc<Roll> {
        Arc::clone(&self.roll.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every school.
    pub fn schools(&self) -> Vec<Arc<School>> {
        self.roll().schools.values().cloned().collect()
    }

    /// Every endpoint.
    pub fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        self.roll().endpoints.values().cloned().collect()
    }

    /// A school by id, with its people as they stand now.
    pub fn school(&self, id: &str) -> Option<Arc<School>> {
        self.roll().schools.get(id).cloned()
    }

    /// An endpoint by id.
    pub fn endpoint(&self, id: &str) -> Option<Arc<Endpoint>> {
        match id.strip_prefix(MAIL_OF) {
            Some(school) => self.mail_of(school),
            None => self.roll().endpoints.get(id).cloned(),
        }
    }

    /// The mail server that a school's email leaves by: its own, or the deployment's.
    pub fn mail_server_of(&self, school: &str) -> Option<&MailServer> {
        let servers = self.mail_servers.iter();
        let own = servers
            .clone()
            .find(|s| s.school.as_deref() == Some(school));
        own.or_else(|| servers.clone().find(|s| s.school.is_none()))
    }

    /// A mail server by its endpoint. In place of one that a school no longer has stands what it has now:
    /// what waits for it is not lost.
    pub fn mail_server(&self, endpoint: &str) -> Option<&MailServer> {
        match email::school_of(endpoint) {
            Some(school) => self.mail_server_of(school),
            None => self.mail_servers.iter().find(|s| s.id == endpoint),
        }
    }

    /// The lanes of those who write to a school by email and have no other: its staff, and whoever
    /// has proved nothing.
    pub fn mail_of(&self, school: &str) -> Option<Arc<Endpoint>> {
        Some(Arc::new(Endpoint {
            id: mail_endpoint(school),
            school: self.school(school)?,
            channel: Arc::clone(&self.mail_server_of(school)?.channel),
            config: config::Channel {
                id: mail_endpoint(school),
                kind: ChannelKind::Email,
                per_minute: None,
                canary: None,
                prices: Vec::new(),
            },
        }))
    }

    /// The endpoint by which a school texts its staff: the first that reaches a phone number.
    pub fn staff_endpoint(&self, school: &str) -> Option<Arc<Endpoint>> {
        let school = self.school(school)?;
        let mut channels = school.config.channels.iter();
        let first = channels.find(|c| c.kind.number().is_some())?;
        self.endpoint(&first.id)
    }
}

/// A channel, ready to use.
fn open(config: &Config, channel: &config::Channel) -> Result<Channel, String> {
    let missing = || "its secret is not set: `schoolgate check` names it".to_owned();
    let secret = |secret: &Secret| secret.value().cloned().ok_or_else(missing);
    // Where a provider that is told with each message calls back about it.
    let callback = || {
        let public = config.public_url.as_ref()?.trim_end_matches('/');
        Some(format!("{public}/hooks/{}/status", channel.id))
    };
    match &channel.kind {
        ChannelKind::Handset { .. } => Ok(Channel::Handset),
        ChannelKind::Email => Err("email stands in [email], and is no channel".to_owned()),
        ChannelKind::Twilio(t) => {
            let token = t.auth_token.value().ok_or_else(missing)?.clone();
            let sender = match &t.messaging_service_sid {
                Some(sid) => twilio::Sender::Service(sid.clone()),
                None => twilio::Sender::Number(t.number.e164().to_owned()),
            };
            let api = t.api_base.as_deref().unwrap_or(twilio::API);
            let callback = callback();
            let twilio = Twilio::new(api, &t.account_sid, token, sender, callback.as_deref())?;
            Ok(Channel::Twilio(Box::new(twilio)))
        }
        ChannelKind::Vonage(v) => Ok(Channel::Vonage(Box::new(Vonage::new(&vonage::Settings {
            api: v.api_base.clone().unwrap_or_else(|| vonage::API.to_owned()),
            number: v.number.e164().to_owned(),
            key: v.api_key.clone(),
            secret: secret(&v.api_secret)?,
            signature_secret: secret(&v.signature_secret)?,
            method: v.signature_method,
            callback: callback(),
        })?))),
        ChannelKind::Notify(n) => Ok(Channel::Notify(Box::new(Notify::new(&notify::Settings {
            api: n.api_base.clone().unwrap_or_else(|| notify::API.to_owned()),
            key: secret(&n.api_key)?,
            template: n.template_id.clone(),
            callback_token: secret(&n.callback_token)?,
        })?))),
        ChannelKind::Kannel(k) => Ok(Channel::Kannel(Box::new(Kannel::new(&kannel::Settings {
            sendsms: k.sendsms_url.clone(),
            number: k.number.e164().to_owned(),
            username: k.username.clone(),
            password: secret(&k.password)?,
            secret: secret(&k.secret)?,
            smsc: k.smsc.clone(),
            callback: callback(),
        })?))),
        ChannelKind::Android(a) => Ok(Channel::Android(Box::new(Android::new(
            &android::Settings {
                api: a.api_base.clone(),
                username: a.username.clone(),
                password: secret(&a.password)?,
                signing_key: secret(&a.signing_key)?,
                sim: a.sim,
            },
        )?))),
        ChannelKind::Telegram(t) => {
            let token = t.token.value().ok_or_else(missing)?;
            let secret = t.secret.as_ref().and_then(|s| s.value()).cloned();
            let api = t.api_base.as_deref().unwrap_or(telegram::API);
            Ok(Channel::Telegram(Box::new(Telegram::new(
                api, token, secret,
            )?)))
        }
    }
}

/// Posts by which people name whoever holds them, whatever the family. Others (`class-teacher`,
/// `key-worker`) mean somebody else for each family: [`School::named_in`].
const POSTS: [Role; 5] = [
    Role::Head,
    Role::DeputyHead,
    Role::Senco,
    Role::Dsl,
    Role::DeputyDsl,
];

/// A member of staff as the screen looks for them.
pub fn name_of(screen: &Screen, staff: &Staff) -> StaffName {
    let held = POSTS.into_iter().filter(|role| staff.is(*role));
    let mut role_words: Vec<String> = held.flat_map(|r| screen.post_words(r.word())).collect();
    role_words.extend(staff.leads.clone());
    StaffName {
        name: staff.name.clone(),
        role_words,
    }
}

impl Endpoint {
    /// Whether the carrier answers STOP and START by itself, and refuses what we send after STOP.
    pub fn carrier_answers_stop(&self) -> bool {
        matches!(&self.config.kind, ChannelKind::Twilio(t) if t.opt_out == OptOut::Carrier)
    }

    /// Whether we ask the provider for messages rather than being called.
    pub fn is_polled(&self) -> bool {
        self.config.kind.inbound() == Some(Incoming::Poll)
    }
}

impl School {
    /// The staff as the screen looks for them in a message.
    pub fn names(&self, screen: &Screen) -> Vec<StaffName> {
        let staff = self.people.staff.iter();
        staff.map(|staff| name_of(screen, staff)).collect()
    }

    /// The school's calendar.
    pub fn calendar(&self) -> &SchoolCalendar {
        &self.config.calendar
    }

    /// The school's clock at an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.calendar().local(at)
    }

    /// When a text of the school's own may leave for somebody: now, or after quiet hours, which hold
    /// what nobody just asked for. Whoever wrote within the last hour is awake and waits.
    pub async fn waking(
        &self,
        tx: &mut Tx,
        endpoint: &str,
        address: &str,
    ) -> Result<Timestamp, StoreError> {
        let now = tx.now();
        let recent = now - SignedDuration::from_hours(1);
        if tx.heard_since(endpoint, address, recent.into()).await? {
            return Ok(now);
        }
        Ok(self
            .instant(self.calendar().held_until(self.local(now)))
            .max(now))
    }

    /// The instant of a time on the school's clock.
    pub fn instant(&self, at: DateTime) -> Timestamp {
        self.calendar().instant(at)
    }

    /// The office's phone as people dial it.
    pub fn office_phone(&self) -> String {
        self.config.office_phone.national()
    }

    /// The first member of staff with a role who is not among `barred`.
    pub fn first_with(&self, role: Role, barred: &[String]) -> Option<&Staff> {
        self.people
            .with_role(role)
            .find(|s| !barred.contains(&s.key))
    }

    /// What people call a member of staff, or an adult, by key; those who have left too.
    pub fn name(&self, key: &str) -> String {
        self.people
            .staff(key)
            .map(|s| s.name.clone())
            .or_else(|| self.people.adult(key).map(|a| a.name.clone()))
            .or_else(|| self.people.former.get(key).cloned())
            .unwrap_or_else(|| key.to_owned())
    }

    /// The member of staff who has a phone.
    pub fn staff_with_phone(&self, address: &str) -> Option<&Staff> {
        self.people
            .staff
            .iter()
            .find(|s| s.phone.as_ref().is_some_and(|p| p.e164() == address))
    }
}
