//! Bad input, bounds, and faults that must not lose words.

use super::*;
use crate::fault::Sources;
use crate::flow::turn::Why;
use proptest::prelude::*;

/// A bundle with one more flow, which the checker would refuse.
fn bundle_with(path: &str, flow: &str) -> Bundle {
    let sources = Sources::from([(path.to_owned(), flow.to_owned())]);
    let mut bundle = Bundle::load(Bundle::embedded_sources()).unwrap();
    let flow = crate::flow::load::flow(path, &sources[path]).unwrap();
    bundle.flows.insert(flow.name.clone(), flow);
    bundle
}

fn begin(flow: &str) -> Input {
    Input::Begin {
        flow: flow.to_owned(),
        entry: None,
        with: values([("words", text("he is not eating"))]),
    }
}

#[test]
fn a_flow_that_never_waits_is_stopped_and_keeps_the_words() {
    let bundle = bundle_with(
        "flows/loop.toml",
        "title = \"L\"\nstart = \"a\"\n[steps.a]\nthen = \"b\"\n[steps.b]\nthen = \"a\"\n",
    );
    let error = turn(
        &bundle,
        Conversation::new(&bundle),
        begin("loop"),
        &facts(),
        morning(),
    )
    .unwrap_err();
    assert_eq!(error.why, Why::TooManySteps);
    assert_eq!(error.words, ["he is not eating"]);
    assert!(error.place.starts_with("loop."), "{}", error.place);
}

#[test]
fn flows_inside_flows_have_a_bottom() {
    let bundle = bundle_with(
        "flows/deep.toml",
        "title = \"D\"\nstart = \"a\"\n[steps.a]\ncall = \"deep\"\nthen = \"b\"\n[steps.b]\nend = true\n",
    );
    let error = turn(
        &bundle,
        Conversation::new(&bundle),
        begin("deep"),
        &facts(),
        morning(),
    )
    .unwrap_err();
    assert_eq!(error.why, Why::TooDeep);
}

#[test]
fn a_conversation_is_only_played_by_its_own_bundle() {
    let mut story = Story::new(facts());
    story.hears("hello");
    let mut conv = story.conv().clone();
    conv.bundle = "another".to_owned();
    let message = Input::Message {
        text: "he is not eating".to_owned(),
        sealed: false,
        media: Vec::new(),
        before_question: false,
    };
    let error = turn(&BUNDLE, conv, message.clone(), &facts(), morning()).unwrap_err();
    assert_eq!(error.why, Why::OtherBundle("another".to_owned()));
    assert_eq!(error.words, ["he is not eating"]);

    let mut idle = Conversation::new(&BUNDLE);
    idle.bundle = "another".to_owned();
    assert!(turn(&BUNDLE, idle, message, &facts(), morning()).is_ok());
}

#[test]
fn a_state_of_another_version_is_not_guessed_at() {
    let json = Conversation::new(&BUNDLE).to_json().unwrap();
    assert!(Conversation::from_json(&json).is_ok());
    let newer = json.replace("\"version\":1", "\"version\":2");
    assert!(
        Conversation::from_json(&newer)
            .unwrap_err()
            .to_string()
            .contains("version 2")
    );
    assert!(Conversation::from_json("{}").is_err());
}

#[test]
fn an_outcome_nobody_waits_for_is_an_error() {
    let stray = Input::Outcome {
        name: "opened".to_owned(),
        values: Values::new(),
    };
    let error = turn(
        &BUNDLE,
        Conversation::new(&BUNDLE),
        stray,
        &facts(),
        morning(),
    )
    .unwrap_err();
    assert_eq!(error.why, Why::StrayOutcome("opened".to_owned()));
}

#[test]
fn nothing_but_a_photo_goes_to_a_person_and_an_empty_text_to_the_menu() {
    let empty = |media: &[Media]| Input::Message {
        text: "  ".to_owned(),
        sealed: false,
        media: media.to_vec(),
        before_question: false,
    };
    let mut story = Story::new(facts());
    // The screen has said by then that a photo cannot be opened.
    assert!(
        story.plays(empty(&[Media::Photo]))[0].starts_with("OK. A person from the school office")
    );
    assert_eq!(story.done(), ["hand-over reason=media"]);
    let mut story = Story::new(facts());
    assert!(story.plays(empty(&[]))[0].starts_with("Sorry, I did not understand. 1 Who"));

    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    let says = story.plays(empty(&[Media::Photo]));
    assert!(
        says[1].starts_with("Mrs Cole can see you on"),
        "the question is asked again: {says:?}"
    );
}

#[test]
fn long_words_are_kept_whole() {
    let mut story = Story::new(facts());
    let words = format!(
        "im worried about sam, not sleeping {}",
        "and so on ".repeat(1000)
    );
    story.hears(&words);
    assert!(story.done()[0].ends_with(words.trim()));
}

#[test]
fn buttons_are_the_choices() {
    let mut story = Story::new(facts());
    let says = story
        .play(Input::Message {
            text: "im worried about sam, not sleeping".to_owned(),
            sealed: false,
            media: Vec::new(),
            before_question: false,
        })
        .unwrap();
    let last = says.last().unwrap();
    let label = |l: &str, a: &str| (l.to_owned(), a.to_owned());
    assert_eq!(
        last.buttons,
        [
            label("By phone", "1"),
            label("At school", "2"),
            label("By text", "3")
        ]
    );
    assert_eq!(last.id, "concern-wish");
    assert!(says[0].buttons.is_empty());
}

fn openings() -> impl Strategy<Value = Option<&'static str>> {
    proptest::sample::select(vec![
        None,
        Some("hello"),
        Some("im worried about sam, not sleeping"),
        Some("can i book a meeting please"),
        Some("whats the number for sendiass"),
        Some("CHANGE"),
    ])
}

fn messages() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        "1",
        "2",
        "4",
        "0",
        "back",
        "menu",
        "yes",
        "no",
        "ok",
        "sam",
        "C-1042?",
        "polski",
        "",
        "3. and another thing",
        "do not let dad collect him today",
        "i want to complain",
        "who is the senco",
        "im worried",
        "book a meeting",
        "\u{0}",
        "😡😡",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever people send, a turn never fails: it waits, ends or does something, within bounds.
    #[test]
    fn any_text_waits_ends_or_acts(
        checked in any::<bool>(),
        opening in openings(),
        said in proptest::collection::vec((messages(), any::<bool>(), any::<bool>(), any::<bool>()), 1..8),
    ) {
        let mut story = Story::new(if checked { facts() } else { super::unchecked() });
        if let Some(opening) = opening {
            story.hears(opening);
        }
        for (words, sealed, media, before_question) in said {
            let media = if media { vec![Media::Photo] } else { Vec::new() };
            story.play(Input::Message { text: words, sealed, media, before_question }).unwrap();
            prop_assert!(story.conv().pending.is_none());
            prop_assert!(story.conv().todo.is_empty());
            prop_assert!(story.conv().open.is_some() || story.conv().frames.is_empty());
        }
    }
}

#[test]
fn an_optional_question_passes_and_a_called_flow_gives_back() {
    let mut sources = Bundle::embedded_sources();
    let flow = |steps: &str| format!("title = \"T\"\nstart = \"a\"\nbrief = true\n{steps}");
    sources.insert(
        "flows/outer.toml".to_owned(),
        flow(
            "[steps.a]\ncall = { flow = \"inner\", gives = [\"wish\"] }\nthen = \"b\"\n\
             [steps.b]\nwhen = [{ if = \"wish == 'call'\", then = \"c\" }, { then = \"d\" }]\n\
             [steps.c]\nsay = \"offer-later\"\nend = true\n[steps.d]\nsay = \"offer-declined\"\nend = true\n",
        ),
    );
    sources.insert(
        "flows/inner.toml".to_owned(),
        flow(
            "[steps.a]\nask = \"concern-wish\"\nsave = \"wish\"\noptional = true\nthen = \"b\"\n\
             choices = [{ value = \"call\", label = \"choice-call\" }]\n[steps.b]\nend = true\n",
        ),
    );
    let bundle = Bundle::load(sources).unwrap();
    let played = |words: &str| {
        let facts = facts();
        let asked = turn(
            &bundle,
            Conversation::new(&bundle),
            begin("outer"),
            &facts,
            morning(),
        )
        .unwrap();
        let message = Input::Message {
            text: words.to_owned(),
            sealed: false,
            media: Vec::new(),
            before_question: false,
        };
        turn(&bundle, asked.conversation, message, &facts, morning()).unwrap()
    };
    let ids = |words: &str| {
        played(words)
            .says
            .into_iter()
            .map(|s| s.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("1"), ["offer-later"]);
    let passed = played("the blue jumper");
    let action = passed.action.unwrap();
    assert_eq!(action.name, "hand-over", "the words are kept");
    assert_eq!(action.inputs["words"], text("the blue jumper"));
}
