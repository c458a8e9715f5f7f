//! Playing time: everything that waits is done, then the clock steps to what falls due next.
//!
//! Drives `chat`, the `@` lines of conversations and the tests alike. `serve` never uses it: there
//! time passes by itself.

use std::sync::Arc;

use jiff::Timestamp;

use crate::deployment::Deployment;
use crate::store::Result;
use crate::{inbox, jobs, outbox};

/// Does everything that can be done now, until nothing is left.
pub async fn settle(d: &Arc<Deployment>) -> Result<()> {
    // On the heap: a test settles many times in one function, and each would have its place on the stack.
    Box::pin(async {
        loop {
            let done = inbox::drain(d).await?
                + inbox::fetch_files(d).await?
                + jobs::run_due(d).await?
                + outbox::drain(d).await?;
            if done == 0 {
                return Ok(());
            }
        }
    })
    .await
}

/// Moves the clock to `to`, stopping at every moment at which something falls due on the way.
pub async fn advance(d: &Arc<Deployment>, to: Timestamp) -> Result<()> {
    settle(d).await?;
    loop {
        let mut tx = d.store.read().await?;
        let due = tx.next_due().await?;
        drop(tx);
        match due {
            Some(due) if due <= to && due > d.clock.now() => {
                d.clock.advance_to(due);
                settle(d).await?;
            }
            _ => break,
        }
    }
    d.clock.advance_to(to);
    settle(d).await
}
