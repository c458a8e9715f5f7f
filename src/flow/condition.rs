//! The small language of `if` and `skip-if`: names, `==`, `!=`, `in`, `not`, `and`, `or`.
//!
//! It only compares; it never calculates and never calls anything.

use super::value::Value;

/// A condition on answers and facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The name is set, and is not a "no".
    Name(String),
    /// The value's words (an item's id) are one of these.
    Is(String, Vec<String>),
    /// The opposite.
    Not(Box<Condition>),
    /// All of them.
    And(Vec<Condition>),
    /// At least one.
    Or(Vec<Condition>),
}

/// No condition that a person can follow is longer than this many bytes.
const LONGEST: usize = 400;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

impl Condition {
    /// Reads a condition such as `checked and wish == 'call'`.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Each bracket is read one call deeper.
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let mut tokens = tokens(text)?;
        tokens.reverse();
        let condition = either(&mut tokens)?;
        match tokens.pop() {
            None => Ok(condition),
            Some(_) => Err("expected `and`, `or` or the end".to_owned()),
        }
    }

    /// Every name it looks at.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Name(name) | Self::Is(name, _) => vec![name],
            Self::Not(inner) => inner.names(),
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::names).collect(),
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
            Self::Not(inner) => !inner.holds(find),
            Self::And(all) => all.iter().all(|c| c.holds(find)),
            Self::Or(all) => all.iter().any(|c| c.holds(find)),
        }
    }

    /// The names that are certainly set when the condition came out as `held`.
    pub fn sets(&self, held: bool) -> Vec<&str> {
        match (self, held) {
            (Self::Name(name) | Self::Is(name, _), true) => vec![name],
            (Self::Name(_) | Self::Is(..), false) => vec![],
            (Self::Not(inner), _) => inner.sets(!held),
            (Self::And(all), true) | (Self::Or(all), false) => {
                all.iter().flat_map(|c| c.sets(held)).collect()
            }
            (Self::And(_) | Self::Or(_), _) => vec![],
        }
    }
}

/// A value as a condition compares it: words, a number's digits, `yes` or `no`, an item's id.
pub fn words_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(n) => n.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Item(item) => item.id.clone(),
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
        } else if let Some(sign) = ["==", "!=", "(", ")", "[", "]", ","]
            .into_iter()
            .find(|s| rest.starts_with(s))
        {
            all.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
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

fn either(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    let mut all = vec![both(tokens)?];
    while tokens
        .pop_if(|t| *t == Token::Word("or".to_owned()))
        .is_some()
    {
        all.push(both(tokens)?);
    }
    Ok(if all.len() == 1 {
        all.remove(0)
    } else {
        Condition::Or(all)
    })
}

fn both(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    let mut all = vec![one(tokens)?];
    while tokens
        .pop_if(|t| *t == Token::Word("and".to_owned()))
        .is_some()
    {
        all.push(one(tokens)?);
    }
    Ok(if all.len() == 1 {
        all.remove(0)
    } else {
        Condition::And(all)
    })
}

fn one(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    match tokens.pop() {
        Some(Token::Sign("(")) => {
            let inner = either(tokens)?;
            match tokens.pop() {
                Some(Token::Sign(")")) => Ok(inner),
                _ => Err("a `(` has no `)`".to_owned()),
            }
        }
        Some(Token::Word(word)) if word == "not" => Ok(Condition::Not(Box::new(one(tokens)?))),
        Some(Token::Word(name)) => comparison(name, tokens),
        _ => Err("expected a name, such as `checked`".to_owned()),
    }
}

fn comparison(name: String, tokens: &mut Vec<Token>) -> Result<Condition, String> {
    match tokens.last() {
        Some(Token::Sign(sign @ ("==" | "!="))) => {
            let equal = *sign == "==";
            tokens.pop();
            let Some(Token::Quoted(word)) = tokens.pop() else {
                return Err("expected a word in single quotes, such as 'call'".to_owned());
            };
            let is = Condition::Is(name, vec![word]);
            Ok(if equal {
                is
            } else {
                Condition::Not(Box::new(is))
            })
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
        for (text, expected) in [
            ("", "expected a name"),
            ("wish == call", "single quotes"),
            ("wish > 3", "`>` means nothing"),
            ("(open", "has no `)`"),
            ("open checked", "expected `and`"),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
