//! Live pages: a tick whenever something was committed, after which a page asks for itself again.
//!
//! A tick holds nothing: whoever may not read a page learns no more than that something happened.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};

use super::Shared;
use super::session::SignedIn;

/// A burst of commits (a message, its screen, its turn, its reply) makes one tick.
const BURST: Duration = Duration::from_millis(120);

/// A page looks by itself this often: time passes, and another process may have committed.
const ANYWAY: Duration = Duration::from_secs(30);

/// How long a broken connection waits before it is made again.
const AGAIN: Duration = Duration::from_secs(2);

/// `GET /events`, for staff.
pub(crate) async fn console(
    State(web): State<Shared>,
    _: SignedIn,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    ticks(web)
}

/// `GET /handset/events`, in a demo.
pub(crate) async fn handset(
    State(web): State<Shared>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    ticks(web)
}

fn ticks(web: Shared) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let commits = web.d.store.commits();
    let stop = web.stop.clone();
    let ticks = stream::unfold((commits, stop), |(mut commits, stop)| async move {
        tokio::select! {
            () = stop.cancelled() => return None,
            changed = commits.changed() => {
                changed.ok()?;
                tokio::time::sleep(BURST).await;
            }
            () = tokio::time::sleep(ANYWAY) => {}
        }
        commits.borrow_and_update();
        // A browser passes over an event without data.
        let tick = Event::default().event("tick").data("1").retry(AGAIN);
        Some((Ok(tick), (commits, stop)))
    });
    Sse::new(ticks).keep_alive(KeepAlive::default())
}
