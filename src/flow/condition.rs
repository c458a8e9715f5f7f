//! The small language of `if` and `skip-if`: names, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not`,
//! `and`, `or`.
//!
//! It only compares; it never calculates and never calls anything. It is read once, when a flow is
//! loaded, and is bounded in length and depth.

use jiff::civil::{Date, Time};

use super::value::Value;

/// A condition on answers and facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The name is set, and is not a "no".
    Name(String),
    /// The value's words (an item's id) are one of these.
    Is(String, Vec<String>),
    /// The value comes before or after this one: numbers by size, days and times by the calendar.
    Order(String, Order, Measure),
    /// The opposite.
    Not(Box<Condition>),
    /// All of them.
    And(Vec<Condition>),
    /// At least one.
    Or(Vec<Condition>),
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Below,
    /// `<=`
    Most,
    /// `>`
    Above,
    /// `>=`
    Least,
}

/// What a value is measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// A whole number.
    Number(i64),
    /// A day, a time, or both, as [`words_of`] writes them.
    Moment(String),
}

/// More characters than these are no condition that a person can check by reading.
const MAX_LENGTH: usize = 400;
/// Brackets and `not` inside each other.
const MAX_DEPTH: usize = 8;

const ORDERS: &[(&str, Order)] = &[
    ("<=", Order::Most),
    (">=", Order::Least),
    ("<", Order::Below),
    (">", Order::Above),
];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Number(i64),
    Sign(&'static str),
}

impl Condition {
    /// Reads a condition such as `checked and wish == 'call'`.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > MAX_LENGTH {
            return Err(format!("it is longer than {MAX_LENGTH} characters"));
        }
        let mut tokens = tokens(text)?;
        tokens.reverse();
        let condition = either(&mut tokens, 0)?;
        match tokens.pop() {
            None => Ok(condition),
            Some(_) => Err("expected `and`, `or` or the end".to_owned()),
        }
    }

    /// Every name it looks at.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Name(name) | Self::Is(name, _) | Self::Order(name, ..) => vec![name],
            Self::Not(inner) => inner.names(),
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::names).collect(),
        }
    }

    /// Gives every comparison of a name with words: `wish == 'call'`, `wish in ['call', 'meet']`.
    pub fn each_comparison(&self, each: &mut dyn FnMut(&str, &[String])) {
        match self {
            Self::Is(name, words) => each(name, words),
            Self::Not(inner) => inner.each_comparison(each),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|c| c.each_comparison(each)),
            Self::Name(_) | Self::Order(..) => {}
        }
    }

    /// Whether it holds.
    pub fn holds<'v>(&self, find: &dyn Fn(&str) -> Option<&'v Value>) -> bool {
        match self {
            Self::Name(name) => match find(name) {
                None | Some(Value::Flag(false)) => false,
                Some(Value::List(items)) => !items.is_empty(),
                Some(Value::Slots(slots)) => !slots.is_empty(),
                Some(_) => true,
            },
            Self::Is(name, values) => find(name).is_some_and(|value| {
                let words = words_of(value);
                values.contains(&words)
            }),
            Self::Order(name, order, measure) => {
                find(name).is_some_and(|value| order.holds(value, measure))
            }
            Self::Not(inner) => !inner.holds(find),
            Self::And(all) => all.iter().all(|c| c.holds(find)),
            Self::Or(all) => all.iter().any(|c| c.holds(find)),
        }
    }

    /// The names that are certainly set when the condition came out as `held`.
    pub fn sets(&self, held: bool) -> Vec<&str> {
        match (self, held) {
            (Self::Name(name) | Self::Is(name, _) | Self::Order(name, ..), true) => vec![name],
            (Self::Name(_) | Self::Is(..) | Self::Order(..), false) => vec![],
            (Self::Not(inner), _) => inner.sets(!held),
            (Self::And(all), true) | (Self::Or(all), false) => {
                all.iter().flat_map(|c| c.sets(held)).collect()
            }
            (Self::And(_) | Self::Or(_), _) => vec![],
        }
    }
}

impl Order {
    /// A value of another kind than the measure stands in no order to it.
    fn holds(self, value: &Value, measure: &Measure) -> bool {
        let words = words_of(value);
        let ordering = match measure {
            Measure::Number(number) => match words.parse::<i64>() {
                Ok(own) => own.cmp(number),
                Err(_) => return false,
            },
            Measure::Moment(moment) => {
                // A moment is compared with a day by its own day.
                let own = match words.get(..moment.len()) {
                    Some(own) if is_moment(own) && is_moment(&words) => own,
                    _ => return false,
                };
                own.cmp(moment.as_str())
            }
        };
        match self {
            Self::Below => ordering.is_lt(),
            Self::Most => ordering.is_le(),
            Self::Above => ordering.is_gt(),
            Self::Least => ordering.is_ge(),
        }
    }
}

/// `2026-12-03`, `15:30` or `2026-12-03T15:30`: such words stand in the order of the calendar.
fn is_moment(words: &str) -> bool {
    let time = |words: &str| words.len() == 5 && Time::strptime("%H:%M", words).is_ok();
    let day = |words: &str| words.len() == 10 && words.parse::<Date>().is_ok();
    match words.split_once('T') {
        Some((date, clock)) => day(date) && time(clock),
        None => day(words) || time(words),
    }
}

/// A value as a condition compares it: words, a number's digits, `yes` or `no`, an item's id, a
/// day as `2026-12-03`, a time as `15:30`, both as `2026-12-03T15:30`.
pub fn words_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(n) => n.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Item(item) => item.id.clone(),
        Value::Day(day) => day.to_string(),
        Value::Clock(time) => time.strftime("%H:%M").to_string(),
        Value::When(at) | Value::Opens(at) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        _ => String::new(),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (word, after) = quoted
                .split_once('\'')
                .ok_or("a quoted word has no closing '")?;
            all.push(Token::Quoted(word.to_owned()));
            rest = after;
        } else if let Some(sign) = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","]
            .into_iter()
            .find(|s| rest.starts_with(s))
        {
            all.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first.is_ascii_digit() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let number = rest[..end].parse();
            all.push(Token::Number(number.map_err(|_| "the number is too big")?));
            rest = &rest[end..];
        } else if first.is_ascii_lowercase() {
            let end = rest
                .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
                .unwrap_or(rest.len());
            all.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            return Err(format!("`{first}` means nothing in a condition"));
        }
        rest = rest.trim_start();
    }
    Ok(all)
}

fn either(tokens: &mut Vec<Token>, depth: usize) -> Result<Condition, String> {
    let mut all = vec![both(tokens, depth)?];
    while tokens
        .pop_if(|t| *t == Token::Word("or".to_owned()))
        .is_some()
    {
        all.push(both(tokens, depth)?);
    }
    Ok(if all.len() == 1 {
        all.remove(0)
    } else {
        Condition::Or(all)
    })
}

fn both(tokens: &mut Vec<Token>, depth: usize) -> Result<Condition, String> {
    let mut all = vec![one(tokens, depth)?];
    while tokens
        .pop_if(|t| *t == Token::Word("and".to_owned()))
        .is_some()
    {
        all.push(one(tokens, depth)?);
    }
    Ok(if all.len() == 1 {
        all.remove(0)
    } else {
        Condition::And(all)
    })
}

fn one(tokens: &mut Vec<Token>, depth: usize) -> Result<Condition, String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "more than {MAX_DEPTH} brackets or `not` stand inside each other"
        ));
    }
    match tokens.pop() {
        Some(Token::Sign("(")) => {
            let inner = either(tokens, depth + 1)?;
            match tokens.pop() {
                Some(Token::Sign(")")) => Ok(inner),
                _ => Err("a `(` has no `)`".to_owned()),
            }
        }
        Some(Token::Word(word)) if word == "not" => {
            Ok(Condition::Not(Box::new(one(tokens, depth + 1)?)))
        }
        Some(Token::Word(name)) => comparison(name, tokens),
        _ => Err("expected a name, such as `checked`".to_owned()),
    }
}

fn comparison(name: String, tokens: &mut Vec<Token>) -> Result<Condition, String> {
    match tokens.last() {
        Some(Token::Sign(sign @ ("==" | "!="))) => {
            let equal = *sign == "==";
            tokens.pop();
            let word = match tokens.pop() {
                Some(Token::Quoted(word)) => word,
                Some(Token::Number(number)) => number.to_string(),
                _ => return Err("expected a word in single quotes, such as 'call'".to_owned()),
            };
            let is = Condition::Is(name, vec![word]);
            Ok(if equal {
                is
            } else {
                Condition::Not(Box::new(is))
            })
        }
        Some(Token::Sign(sign)) if ORDERS.iter().any(|(known, _)| known == sign) => {
            let order = ORDERS
                .iter()
                .find(|(known, _)| known == sign)
                .map(|(_, order)| *order);
            tokens.pop();
            let measure = match tokens.pop() {
                Some(Token::Number(number)) => Measure::Number(number),
                Some(Token::Quoted(moment)) if is_moment(&moment) => Measure::Moment(moment),
                _ => {
                    return Err(
                        "expected a number, or a day or time like '2026-12-25' or '15:30'"
                            .to_owned(),
                    );
                }
            };
            Ok(Condition::Order(
                name,
                order.unwrap_or(Order::Below),
                measure,
            ))
        }
        Some(Token::Word(word)) if word == "in" => {
            tokens.pop();
            if tokens.pop() != Some(Token::Sign("[")) {
                return Err("expected a list, such as ['call', 'text']".to_owned());
            }
            let mut words = Vec::new();
            loop {
                match tokens.pop() {
                    Some(Token::Quoted(word)) => words.push(word),
                    Some(Token::Number(number)) => words.push(number.to_string()),
                    Some(Token::Sign(",")) => {}
                    Some(Token::Sign("]")) => return Ok(Condition::Is(name, words)),
                    _ => return Err("expected a list, such as ['call', 'text']".to_owned()),
                }
            }
        }
        _ => Ok(Condition::Name(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::value::Values;

    #[test]
    fn conditions_hold_as_they_read() {
        let values = Values::from([
            ("checked".to_owned(), Value::Flag(true)),
            ("open".to_owned(), Value::Flag(false)),
            ("wish".to_owned(), Value::Text("call".to_owned())),
            ("count".to_owned(), Value::Number(3)),
            ("day".to_owned(), Value::Day(jiff::civil::date(2026, 12, 3))),
            (
                "time".to_owned(),
                Value::Clock(Time::constant(15, 30, 0, 0)),
            ),
            (
                "at".to_owned(),
                Value::When(jiff::civil::date(2026, 12, 3).at(9, 5, 0, 0)),
            ),
        ]);
        for (text, expected) in [
            ("checked", true),
            ("not open", true),
            ("missing", false),
            ("wish == 'call'", true),
            ("wish != 'call'", false),
            ("wish in ['meet', 'call']", true),
            ("checked and (open or wish == 'call')", true),
            ("not checked or open", false),
            ("count == 3", true),
            ("count in [1, 3]", true),
            ("count > 2 and count <= 3", true),
            ("count < 3 or count >= 4", false),
            ("missing < 3", false),
            ("wish < 3", false),
            ("day == '2026-12-03'", true),
            ("day < '2026-12-04'", true),
            ("day > '2026-12-03'", false),
            ("time >= '15:30'", true),
            ("time < '09:00'", false),
            ("day < '15:30'", false),
            ("at >= '2026-12-03'", true),
            ("at <= '2026-12-03'", true),
            ("at < '2026-12-03T09:00'", false),
            ("wish < '2026-12-03'", false),
        ] {
            let condition = Condition::parse(text).unwrap();
            assert_eq!(condition.holds(&|n| values.get(n)), expected, "{text}");
        }
    }

    #[test]
    fn what_a_condition_proves_to_be_set() {
        let sets = |text: &str, held| {
            let condition = Condition::parse(text).unwrap();
            condition.sets(held).join(" ")
        };
        assert_eq!(sets("child and wish == 'call'", true), "child wish");
        assert_eq!(sets("not child", false), "child");
        assert_eq!(sets("child or wish", true), "");
    }

    #[test]
    fn mistakes_are_said_in_words() {
        let long = vec!["open"; 60].join(" and ");
        for (text, expected) in [
            ("", "expected a name"),
            ("wish == call", "single quotes"),
            ("wish ~ 3", "`~` means nothing"),
            ("day > 'soon'", "a day or time like"),
            ("day > other", "expected a number"),
            ("count > 99999999999999999999", "too big"),
            ("((((((((((open))))))))))", "inside each other"),
            (
                "not not not not not not not not not not open",
                "inside each other",
            ),
            (long.as_str(), "longer than 400"),
            ("(open", "has no `)`"),
            ("open checked", "expected `and`"),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
