//! How many messages an endpoint takes at once, and how many in a minute.

use std::num::NonZeroU32;
use std::sync::Arc;

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

/// The pace of one endpoint.
#[derive(Debug)]
pub(super) struct Pace {
    places: Arc<Semaphore>,
    ordinary: usize,
    all: Option<DefaultDirectRateLimiter>,
    each: Option<DefaultKeyedRateLimiter<String>>,
}

/// A message's place in an endpoint's queue; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
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
        // Who waits for the provider's pace holds a place: no more of them than leave in a second, so
        // that an answer which comes now leaves within the next.
        let ordinary = per_minute.map_or(MOST, |n| {
            usize::try_from(n.get() / 60).map_or(MOST, |n| n.clamp(1, MOST))
        });
        let of_chats = matches!(channel, Some(Channel::Telegram(_)));
        Self {
            places: Arc::new(Semaphore::new(ordinary + URGENT)),
            ordinary,
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
        let taken = (self.ordinary + URGENT).saturating_sub(free);
        let ordinary = if rests { 1 } else { self.ordinary };
        (ordinary.saturating_sub(taken), free)
    }

    /// Takes a place.
    pub fn turn(pace: &Arc<Self>) -> Option<Turn> {
        let place = Arc::clone(&pace.places).try_acquire_owned().ok()?;
        Some(Turn {
            pace: Arc::clone(pace),
            _place: place,
        })
    }
}

/// What may leave at once: a second's worth.
fn burst(per_minute: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(per_minute.get() / 60).unwrap_or(NonZeroU32::MIN)
}

impl Turn {
    /// Waits until the message may leave. An alert about a child counts and does not wait.
    pub async fn comes(&self, purpose: Purpose, address: &str) {
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
        if let Some(all) = &self.pace.all {
            if urgent {
                let _ = all.check();
            } else {
                all.until_ready().await;
            }
        }
    }
}
