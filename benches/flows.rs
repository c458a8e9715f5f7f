//! How fast a message is understood and answered: `cargo bench --bench flows`.
//!
//! Machines are noisy, so every figure is printed beside a reference measured in the same run: turns
//! and messages beside reading and writing one conversation's state as JSON, loading beside reading
//! the same TOML files into tables. Fails when a pure turn of the concern flow (state in, state and
//! effects out, serialised) takes 20 µs or more at the median, routing and screening one message
//! 200 µs or more, or loading and checking all flows and languages 100 ms or more. Learning from the
//! examples comes after that, while the program starts, and is printed beside it.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::civil::{DateTime, date};
use schoolgate::config::Config;
use schoolgate::deployment::{Parts, name_of};
use schoolgate::flow::bundle::Bundle;
use schoolgate::flow::conversation::Conversation;
use schoolgate::flow::opening;
use schoolgate::flow::turn::{Facts, Input, turn};
use schoolgate::flow::value::{Item, Value, Values};

/// Messages as parents send them: short and long, two languages, with and without a wish or a risk.
const MESSAGES: &str = include_str!("../tests/data/opening_messages.tsv");

/// Runs of each measurement; the quickest counts, since whatever else this machine does only slows one down.
const RUNS: usize = 5;

/// How long each of so many took, in order, in the quickest of the runs.
fn times(rounds: usize, mut once: impl FnMut(usize)) -> Vec<Duration> {
    let runs = (0..RUNS).map(|_| {
        let all = (0..rounds).map(|at| {
            let began = Instant::now();
            once(at);
            began.elapsed()
        });
        let mut all: Vec<Duration> = all.collect();
        all.sort();
        all
    });
    runs.min_by_key(|all| median(all)).unwrap_or_default()
}

/// Of times in order.
fn median(all: &[Duration]) -> Duration {
    all[all.len() / 2]
}

fn timed(rounds: usize, mut once: impl FnMut()) -> Duration {
    median(&times(rounds, |_| once()))
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn item(id: &str, label: &str) -> Value {
    Value::Item(Item {
        id: id.to_owned(),
        label: label.to_owned(),
    })
}

fn values<const N: usize>(all: [(&str, Value); N]) -> Values {
    let named = all
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    named.collect()
}

/// A checked parent of one child, at a school that is open.
fn facts() -> Facts {
    let sam = Item {
        id: "pupil-sam".to_owned(),
        label: "Sam".to_owned(),
    };
    Facts {
        values: values([
            ("school", Value::Text("Kingfisher Primary".to_owned())),
            ("office-phone", Value::Text("020 7946 0123".to_owned())),
            ("checked", Value::Flag(true)),
            ("open", Value::Flag(true)),
            ("children-listed", Value::Flag(true)),
            ("may-ring", Value::Flag(true)),
            ("children", Value::List(vec![sam.clone()])),
            ("child", Value::Item(sam)),
        ]),
        language: "en".to_owned(),
        ..Facts::default()
    }
}

/// A worry, from its first words to the way they will talk, with what the school does in between.
fn concern() -> Vec<Input> {
    let message = |text: &str| Input::Message {
        text: text.to_owned(),
        sealed: false,
        media: Vec::new(),
        before_question: false,
    };
    let outcome = |name: &str, values| Input::Outcome {
        name: name.to_owned(),
        values,
    };
    let case = item("case-1042", "C-1042");
    let who = Value::Anyone(vec!["Mrs Cole".to_owned(), "Mr Hughes".to_owned()]);
    let by = Value::When(date(2026, 12, 3).at(16, 0, 0, 0));
    vec![
        message("im worried about sam, not sleeping"),
        outcome(
            "opened",
            values([("case", case.clone()), ("who", who), ("by", by)]),
        ),
        message("1"),
        outcome("added", values([("case", case)])),
    ]
}

/// Plays one call as the inbox does: the state as it is stored, and all that comes of it as text.
fn play(bundle: &Bundle, state: &str, input: Input, facts: &Facts, now: DateTime) -> String {
    let conversation = Conversation::from_json(state).unwrap_or_else(|e| panic!("{e}"));
    let turn = turn(bundle, conversation, input, facts, now).unwrap_or_else(|e| panic!("{e}"));
    black_box(serde_json::to_string(&(&turn.says, &turn.action)).unwrap_or_else(|e| panic!("{e}")));
    let state = turn.conversation.to_json();
    state.unwrap_or_else(|e| panic!("{e}"))
}

fn main() -> ExitCode {
    let config = Config::demo().unwrap_or_else(|e| panic!("{e}"));
    let parts = Parts::load(&config).unwrap_or_else(|e| panic!("{e}"));
    parts.learn_now();
    let bundle = &parts.bundle;
    let facts = facts();
    let now = date(2026, 12, 1).at(10, 30, 0, 0);
    let mut failed = Vec::new();
    let mut within = |what: &str, took: Duration, most: Duration| {
        if took >= most {
            failed.push(format!(
                "{what} takes {took:.1?}, and {most:.0?} is the most"
            ));
        }
    };

    // The states between the calls, so that each call is timed by itself.
    let first = Conversation::new(bundle).to_json();
    let mut states = vec![first.unwrap_or_else(|e| panic!("{e}"))];
    for input in concern() {
        let state = states.last().map_or("", String::as_str);
        states.push(play(bundle, state, input, &facts, now));
    }
    let middle = &states[2];
    let reference = timed(2000, || {
        let state = Conversation::from_json(middle).unwrap_or_else(|e| panic!("{e}"));
        black_box(state.to_json().unwrap_or_else(|e| panic!("{e}")));
    });
    println!(
        "{:<44}{reference:>9.1?}   the reference",
        "a state, read and written"
    );

    let (mut all, mut sum) = (Vec::new(), Duration::ZERO);
    for (at, input) in concern().into_iter().enumerate() {
        let one = times(1000, |_| {
            black_box(play(bundle, &states[at], input.clone(), &facts, now));
        });
        let what = match &input {
            Input::Message { text, .. } => format!("  \"{text}\""),
            Input::Outcome { name, .. } => format!("  the outcome `{name}`"),
            Input::Begin { .. } | Input::Expired | Input::Nudge => String::new(),
        };
        let took = median(&one);
        println!("{what:<44}{took:>9.1?}   {:>6.1} ×", ratio(took, reference));
        sum += took;
        all.extend(one);
    }
    all.sort();
    let took = median(&all);
    println!(
        "{:<44}{took:>9.1?}   {:>6.1} ×",
        "a turn of the concern flow, at the median",
        ratio(took, reference)
    );
    within("a turn", took, Duration::from_micros(20));
    let calls = f64::from(u32::try_from(concern().len()).unwrap_or(u32::MAX));
    println!(
        "{:<44}{:>9.0}",
        "turns per second on one core",
        calls / sum.as_secs_f64()
    );

    let names: Vec<_> = config
        .schools
        .iter()
        .flat_map(|school| &school.people.staff)
        .map(|staff| name_of(&parts.screen, staff))
        .collect();
    let messages = MESSAGES.lines().skip(1);
    let messages: Vec<&str> = messages
        .filter_map(|line| line.split('\t').next())
        .collect();
    let all = times(5 * messages.len(), |at| {
        let text = messages[at % messages.len()];
        black_box(parts.screen.verdict(text, false, &names));
        black_box(opening::read(opening::all(&bundle.readings), text));
    });
    let (took, slow) = (all[all.len() / 2], all[all.len() * 99 / 100]);
    println!(
        "{:<44}{took:>9.1?}   {:>6.1} ×   ({slow:.1?} at the 99th percentile)",
        format!("screening and routing, {} messages", messages.len()),
        ratio(took, reference)
    );
    within("screening and routing", took, Duration::from_micros(200));

    let sources = Bundle::embedded_sources();
    let tables = timed(5, || {
        for (_, text) in sources.iter().filter(|(path, _)| path.ends_with(".toml")) {
            black_box(
                text.parse::<toml::Table>()
                    .unwrap_or_else(|e| panic!("{e}")),
            );
        }
    });
    println!(
        "{:<44}{tables:>9.1?}   the reference",
        "the TOML files, read into tables"
    );
    let took = timed(4, || {
        black_box(Parts::load(&config).unwrap_or_else(|e| panic!("{e}")));
    });
    println!(
        "{:<44}{took:>9.1?}   {:>6.1} ×",
        "all flows and languages, loaded and checked",
        ratio(took, tables)
    );
    within("loading and checking", took, Duration::from_millis(100));
    let learned = timed(4, || {
        let parts = Parts::load(&config).unwrap_or_else(|e| panic!("{e}"));
        parts.learn_now();
        black_box(parts);
    });
    println!(
        "{:<44}{learned:>9.1?}   {:>6.1} ×",
        "and learned from all examples",
        ratio(learned, tables)
    );

    for what in &failed {
        println!("TOO MUCH: {what}");
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
