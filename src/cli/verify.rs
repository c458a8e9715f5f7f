//! `schoolgate verify`: are the case records what was written?

use std::process::ExitCode;

use super::Where;
use crate::clock::Clock;

/// Walks every chain; fails when one is broken.
pub async fn run(place: &Where) -> anyhow::Result<ExitCode> {
    let (_, store) = place.store(Clock::real()).await?;
    let mut tx = store.read().await?;
    let (sound, breaks) = tx.verify().await?;
    for b in &breaks {
        println!("{}: broken at entry {}: {}", b.reference, b.seq, b.what);
    }
    if breaks.is_empty() {
        println!("{sound} entries, every chain whole");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} broken chains; {sound} entries in whole ones",
        breaks.len()
    );
    Ok(ExitCode::FAILURE)
}
