//! What a month's messages came to, by the way they went and the language they were in.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::channel::phone_of_address;
use crate::deployment::School;
use crate::store::{Result, Tx};
use crate::web::Web;

/// What messages by one way in one language came to, as it is shown.
pub(super) struct Cost {
    pub via: String,
    pub language: String,
    pub messages: i64,
    pub parts: i64,
    /// Nothing where no price is known.
    pub cost: String,
}

/// What a month came to.
pub(super) struct Month {
    /// Its name.
    pub month: String,
    pub rows: Vec<Cost>,
    /// All of it, where there are several rows.
    pub total: Option<Cost>,
}

/// What messages by one way in one language came to.
struct Spent {
    via: String,
    language: String,
    messages: i64,
    parts: i64,
    cost: i64,
}

impl Spent {
    fn shown(&self) -> Cost {
        Cost {
            via: self.via.clone(),
            language: self.language.clone(),
            messages: self.messages,
            parts: self.parts,
            cost: money(self.cost),
        }
    }
}

fn money(millionths: i64) -> String {
    if millionths == 0 {
        return "no price known".to_owned();
    }
    format!("{:.2}", Decimal::new(millionths, 6).round_dp(2))
}

fn total(costs: &[Spent]) -> Cost {
    let sum = |of: fn(&Spent) -> i64| costs.iter().map(of).sum::<i64>();
    Cost {
        via: "All".to_owned(),
        language: String::new(),
        messages: sum(|c| c.messages),
        parts: sum(|c| c.parts),
        cost: money(sum(|c| c.cost)),
    }
}

/// What this month came to by way and language: the one somebody chose, or the one on record, or the
/// school's own.
pub(super) async fn costs(web: &Web, tx: &mut Tx, school: &School) -> Result<Month> {
    let today = school.local(tx.now()).date();
    let first = today.first_of_month();
    let since = school.instant(first.to_datetime(jiff::civil::Time::midnight()));
    let carried = tx.carried_since(&school.config.id, since.into()).await?;
    let mut on_record: HashMap<&str, &str> = HashMap::new();
    for adult in &school.people.adults {
        if let Some(language) = &adult.language {
            on_record.extend(adult.phones.iter().map(|p| (p.e164(), language.as_str())));
        }
    }
    let mut spent: BTreeMap<(String, String), Spent> = BTreeMap::new();
    for row in carried {
        let phone = phone_of_address(&row.address);
        let language = row
            .language
            .as_deref()
            .or_else(|| on_record.get(phone?).copied())
            .unwrap_or(&school.config.default_language);
        let language = web.d.language_name(language);
        let of = spent
            .entry((row.via.clone(), language.clone()))
            .or_insert_with(|| Spent {
                via: row.via.clone(),
                language,
                messages: 0,
                parts: 0,
                cost: 0,
            });
        of.messages += row.messages;
        of.parts += row.parts;
        of.cost += row.cost;
    }
    let spent: Vec<Spent> = spent.into_values().collect();
    Ok(Month {
        month: today.strftime("%B %Y").to_string(),
        total: (spent.len() > 1).then(|| total(&spent)),
        rows: spent.iter().map(Spent::shown).collect(),
    })
}
