//! The keys of `[school.retention]`.

use std::ops::RangeInclusive;

use crate::document::Table;
use crate::school::retention::{Kept, Retention};

/// Reads how long what is kept. What is not written keeps its default.
pub(super) fn retention(table: Table<'_>) -> Retention {
    let mut retention = Retention::default();
    let years = |key, kept: &mut u32, may: RangeInclusive<u32>, why: &str| {
        let Some(written) = table.number(key) else {
            return;
        };
        if may.contains(&written.value) {
            *kept = written.value;
        } else {
            table.document().fault(
                written.span,
                format!("`{key}` cannot be {}: {why}", written.value),
                format!("write {} to {}", may.start(), may.end()),
            );
        }
    };
    years(
        "sen_years",
        &mut retention.sen_years,
        25..=100,
        "an education, health and care plan may go on to the age of 25",
    );
    years(
        "safeguarding_years",
        &mut retention.safeguarding_years,
        25..=100,
        "a safeguarding record is kept to the age of 25 at least",
    );
    years(
        "messages_months",
        &mut retention.messages_months,
        1..=84,
        "words of families are not kept for ever, nor for less than a month",
    );
    years(
        "provider_logs_days",
        &mut retention.provider_logs_days,
        1..=7,
        "what providers say is forgotten after a week in any case",
    );
    for written in table.texts("nightly") {
        match Kept::from_word(&written.value) {
            Some(Kept::Safeguarding) => table.document().fault(
                written.span,
                "safeguarding cases are never removed by a program",
                "leave it out: `schoolgate retention` lists those that a safeguarding lead should look at",
            ),
            Some(kept) if !retention.nightly.contains(&kept) => retention.nightly.push(kept),
            Some(_) => {}
            None => {
                let words: Vec<&str> = Kept::WORDS.iter().map(|(word, _)| *word).collect();
                table.document().fault(
                    written.span,
                    format!("`{}` is nothing that is kept for a time", written.value),
                    format!("write some of: {}", words.join(", ")),
                );
            }
        }
    }
    table.no_more();
    retention
}
