//! How many messages an endpoint takes at once, and how many in a minute.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::channel::Channel;
use crate::deployment::Deployment;
use crate::store::Purpose;

/// Messages handed to one provider at once, at most.
const MOST: usize = 16;

/// Places beside those, for alerts about a child.
const URGENT: usize = 2;

/// Messages to one Telegram chat in a row before the pace of one a second holds, as Telegram's FAQ for
/// bots has it ("avoid sending more than one message per second", short bursts aside).
const CHAT_BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// The pace of one endpoint. First its turn comes, then the message that takes it is chosen: what comes
/// up while others wait goes before them, if it matters more.
#[derive(Debug)]
pub(super) struct Pace {
    places: Arc<Semaphore>,
    all: Option<DefaultDirectRateLimiter>,
    /// Turns that have come, and that no message has taken yet.
    turns: AtomicUsize,
    each: Option<DefaultKeyedRateLimiter<String>>,
}

/// A message's place at an endpoint; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    pace: Arc<Pace>,
    _place: OwnedSemaphorePermit,
}

impl Pace {
    /// As the endpoint is configured, or else as its provider publishes it.
    pub fn of(d: &Deployment, endpoint: &str) -> Self {
        let endpoint = d.endpoint(endpoint);
        let channel = endpoint.as_ref().map(|e| &*e.channel);
        let per_minute = endpoint
            .as_ref()
            .and_then(|e| e.config.per_minute)
            .or(channel.and_then(|c| c.abilities()?.per_minute));
        let of_chats = matches!(channel, Some(Channel::Telegram(_)));
        Self {
            places: Arc::new(Semaphore::new(MOST + URGENT)),
            turns: AtomicUsize::new(0),
            all: per_minute
                .map(|n| RateLimiter::direct(Quota::per_minute(n).allow_burst(burst(n)))),
            each: of_chats.then(|| {
                let one = Quota::per_second(NonZeroU32::MIN);
                RateLimiter::keyed(one.allow_burst(CHAT_BURST))
            }),
        }
    }

    /// Places that are free for any message, and those for alerts about a child. A provider that is set
    /// aside has one for any message.
    pub fn free(&self, rests: bool) -> (usize, usize) {
        let free = self.places.available_permits();
        let taken = (MOST + URGENT).saturating_sub(free);
        let ordinary = if rests { 1 } else { MOST };
        (ordinary.saturating_sub(taken), free)
    }

    /// How many messages may leave now, of so many.
    pub fn turns(&self, most: usize) -> usize {
        let Some(all) = &self.all else {
            return most;
        };
        while self.turns.load(Ordering::Acquire) < most && all.check().is_ok() {
            self.turns.fetch_add(1, Ordering::AcqRel);
        }
        self.turns.load(Ordering::Acquire).min(most)
    }

    /// A message takes its turn.
    pub fn take_turn(&self) {
        let one_less = |turns: usize| turns.checked_sub(1);
        // Where there is no pace there are no turns.
        let _ = self
            .turns
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
    }

    /// Whether whoever is to leave now must wait.
    pub fn waits(&self) -> bool {
        self.all.is_some() && self.turns.load(Ordering::Acquire) == 0
    }

    /// Waits until a turn comes.
    pub async fn next_turn(&self) {
        if let Some(all) = &self.all {
            all.until_ready().await;
            self.turns.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Takes a place.
    pub fn place(pace: &Arc<Self>) -> Option<Place> {
        let place = Arc::clone(&pace.places).try_acquire_owned().ok()?;
        Some(Place {
            pace: Arc::clone(pace),
            _place: place,
        })
    }
}

/// What may leave at once: a second's worth.
fn burst(per_minute: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(per_minute.get() / 60).unwrap_or(NonZeroU32::MIN)
}

impl Place {
    /// Waits until the message may leave to whom it goes. An alert about a child counts and does not wait.
    pub async fn is_free(&self, purpose: Purpose, address: &str) {
        let urgent = purpose == Purpose::Safeguarding;
        if let Some(each) = &self.pace.each {
            let address = address.to_owned();
            if urgent {
                // Counted; whether it had to wait does not matter.
                let _ = each.check_key(&address);
            } else {
                each.until_key_ready(&address).await;
                each.retain_recent();
            }
        }
        if let (Some(all), true) = (&self.pace.all, urgent) {
            let _ = all.check();
        }
    }
}
