//! What texts cost: a price a part, a month's budget, and what is held when it is spent.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::way;
use crate::config;
use crate::deployment::Deployment;
use crate::store::{OutboxRow, Result, Tx};
use crate::text::segments::segments;

/// Shares of the budget, in hundredths, at which the office is told.
const WARNINGS: [i64; 2] = [80, 100];

/// What one part costs to this number, by the longest beginning that has a price; `None` where nobody
/// has entered one.
pub fn price(channel: &config::Channel, to: &str) -> Option<Decimal> {
    let prices = channel.prices.iter();
    prices
        .filter(|price| to.starts_with(&price.to))
        .max_by_key(|price| price.to.len())
        .map(|price| price.part)
}

/// A provider has taken a message: what it costs is counted, and the office told when the month's
/// budget runs low.
pub(super) async fn paid(d: &Deployment, tx: &mut Tx, row: &OutboxRow) -> Result<()> {
    let Some(endpoint) = d.endpoint(&row.via) else {
        return Ok(());
    };
    let Some(part) = price(&endpoint.config, &row.address) else {
        return Ok(());
    };
    let parts = segments(&way::outbound(d, row)?.body).parts;
    let parts = i64::try_from(parts).unwrap_or(i64::MAX);
    let cost = millionths(part * Decimal::from(parts));
    let school = &endpoint.school;
    let month = school.calendar().month(tx.now());
    let spent = tx
        .spend(row.id, &row.school_id, &month, cost, parts)
        .await?;
    metrics::counter!("schoolgate_cost_millionths_total", "endpoint" => row.via.clone())
        .increment(u64::try_from(cost).unwrap_or(0));
    let Some(budget) = school.config.monthly_budget.filter(|b| !b.is_zero()) else {
        return Ok(());
    };
    let share = i128::from(spent.cost) * 100 / i128::from(millionths(budget).max(1));
    let reached = WARNINGS.iter().rev().find(|w| share >= i128::from(**w));
    if let Some(reached) = reached.filter(|w| **w > spent.warned) {
        let so_far = Decimal::new(spent.cost, 6).round_dp(2);
        let what = if *reached < 100 {
            format!(
                "{so_far:.2} of this month's {budget:.2} for texts are spent. When all is, reminders wait; answers and alerts never do."
            )
        } else {
            format!(
                "This month's {budget:.2} for texts are spent ({so_far:.2}). Reminders wait until next month, or until IT raises `monthly_budget`; answers and alerts still leave."
            )
        };
        tx.task(
            &row.school_id,
            "budget",
            "office",
            None,
            "",
            "",
            &what,
            None,
        )
        .await?;
        tx.warned_of_spending(&row.school_id, &month, *reached)
            .await?;
    }
    Ok(())
}

/// Whether this month's budget of the school that an endpoint belongs to is spent, and a message by
/// there costs something.
pub(super) async fn is_spent(d: &Deployment, tx: &mut Tx, endpoint: &str) -> Result<bool> {
    let Some(endpoint) = d.endpoint(endpoint) else {
        return Ok(false);
    };
    let school = &endpoint.school;
    let Some(budget) = school.config.monthly_budget else {
        return Ok(false);
    };
    if endpoint.config.prices.is_empty() {
        return Ok(false);
    }
    let month = school.calendar().month(tx.now());
    let spent = tx.spent(&school.config.id, &month).await?;
    Ok(spent.cost >= millionths(budget))
}

fn millionths(amount: Decimal) -> i64 {
    (amount * Decimal::from(1_000_000))
        .round()
        .to_i64()
        .unwrap_or(i64::MAX)
}
