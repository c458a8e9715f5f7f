//! Every kind of answer, in a flow of its own that the checker has passed: read, read back, said, and
//! branched on; reminders; several answers in one message; doubts.

use super::*;
use crate::flow::definition::EXPECTS;

const KINDS: &[&str] = &[
    "number",
    "date",
    "time",
    "datetime",
    "day-part",
    "phone",
    "email",
    "staff",
    "photo-or-voice",
];

/// A flow with a way in for each kind, and one that asks several things.
static WITH_KINDS: LazyLock<Bundle> = LazyLock::new(|| {
    let mut flow = String::from(
        "title = \"Kinds\"\nstart = \"number\"\ndesk = true\nnudge = \"20 hours\"\nentries = { ",
    );
    let ways: Vec<String> = KINDS.iter().map(|k| format!("{k} = \"{k}\"")).collect();
    flow.push_str(&ways.join(", "));
    flow.push_str(", several = \"child\", text = \"text\" }\n");
    for kind in KINDS {
        flow.push_str(&format!(
            "[steps.{kind}]\nask = \"kinds-ask\"\nexpect = \"{kind}\"\nsave = \"{kind}-told\"\nother = \"end\"\nthen = \"{kind}-said\"\n\
             [steps.{kind}-said]\nsay = \"kinds-{kind}\"\nend = true\n"
        ));
    }
    flow.push_str(
        "[steps.text]\nask = \"kinds-ask\"\nexpect = \"text\"\nsave = \"said\"\nexpires = \"2 days\"\nnudge = { after = \"30 hours\", say = \"kinds-nudge\" }\nthen = \"text-said\"\n\
         [steps.text-said]\nsay = \"kinds-text\"\nend = true\n\
         [steps.child]\nask = \"kinds-child\"\nexpect = \"pupil\"\nsave = \"child\"\nother = \"end\"\nthen = \"about\"\n\
         [steps.about]\nask = \"kinds-about\"\nsave = \"about\"\nnudge = false\nthen = \"day\"\n\
         choices = [{ value = \"learning\", label = \"kinds-learning\" }, { value = \"call\", label = \"kinds-call\" }]\n\
         [steps.day]\nask = \"kinds-day\"\nexpect = \"date\"\nsave = \"day\"\nthen = \"soon\"\n\
         [steps.soon]\nwhen = [{ if = \"day <= '2026-12-08' and about == 'learning'\", then = \"soon-said\" }, { then = \"end\" }]\n\
         [steps.soon-said]\nsay = \"kinds-soon\"\nend = true\n\
         [steps.end]\nsay = \"kinds-end\"\nend = true\n",
    );
    let texts = "kinds-ask = Please answer.\nkinds-nudge = Are you there?\nkinds-text = Words: { $said }.\n\
        kinds-child = Which child?\nkinds-about = What about?\nkinds-learning = Learning\nkinds-call = By phone\n\
        kinds-day = Which day?\nkinds-soon = { $child }: { $about }, { $day }.\nkinds-end = The end.\n\
        topic-one = one thing\ntopic-two = two things\n";
    let mut texts = texts.to_owned();
    for kind in KINDS {
        texts.push_str(&format!("kinds-{kind} = Noted: {{ ${kind}-told }}.\n"));
    }
    let mut sources = Bundle::embedded_sources();
    sources.insert("flows/kinds.toml".to_owned(), flow);
    // Two flows that the same words may be about.
    for name in ["one", "two"] {
        let flow = "title = \"T\"\nstart = \"a\"\n[steps.a]\nsay = \"kinds-end\"\nend = true\n";
        sources.insert(format!("flows/{name}.toml"), flow.to_owned());
        if let Some(reading) = sources.get_mut("locales/en/reading.toml") {
            reading.push_str(&format!("\n[routes.{name}]\nperhaps = ['zxq']\n"));
        }
    }
    sources.insert("locales/en/kinds.ftl".to_owned(), texts);
    Bundle::load(sources.clone()).unwrap_or_else(|faults| {
        let all: Vec<String> = faults.iter().map(|f| f.render(&sources)).collect();
        panic!("{}", all.join("\n"))
    })
});

fn at(way: &str) -> Story {
    let mut facts = facts();
    let children = vec![item("pupil-sam", "Sam"), item("pupil-zofia", "Zofia")];
    facts
        .values
        .insert("children".to_owned(), Value::List(children));
    facts.values.remove("child");
    let mut story = Story::on(&WITH_KINDS, facts);
    story.plays(Input::Begin {
        flow: "kinds".to_owned(),
        entry: Some(way.to_owned()),
        with: Values::new(),
    });
    story
}

fn saved(story: &Story, name: &str) -> Option<Value> {
    story.conv().frames.last()?.answers.get(name).cloned()
}

#[test]
fn every_kind_of_answer_is_asked_somewhere_here_or_in_a_shipped_flow() {
    let asked: Vec<_> = WITH_KINDS
        .flows
        .values()
        .flat_map(|flow| flow.steps.values())
        .filter_map(|step| match &step.act {
            crate::flow::definition::Act::Ask(ask) => Some(ask.expect),
            _ => None,
        })
        .collect();
    let missing: Vec<_> = EXPECTS
        .iter()
        .filter(|(word, kind)| *word != "service" && !asked.contains(kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn numbers_addresses_and_people_are_taken_as_they_are_written() {
    for (kind, words, said) in [
        ("number", "3", "Noted: 3."),
        ("number", "there are 12 of us", "Noted: 12."),
        ("number", "three", "Noted: 3."),
        ("phone", "its 07700 900123 thanks", "Noted: 07700 900123."),
        ("email", "amina@example.com", "Noted: amina@example.com."),
        ("day-part", "after school please", "Noted: After school."),
        ("day-part", "1", "Noted: In the morning."),
        ("day-part", "in the evening", "Noted: In the evening."),
        ("staff", "mr hughes", "Noted: Mr Hughes."),
        ("staff", "cole", "Noted: Mrs Cole."),
        ("staff", "3", "Noted: Mr Wright."),
        ("staff", "4", "The end."),
    ] {
        assert_eq!(at(kind).hears(words), [said], "{kind}: {words}");
    }
}

#[test]
fn what_is_none_of_the_kind_is_asked_again_with_an_example_and_then_a_person_takes_over() {
    for (kind, words, hint) in [
        (
            "number",
            "a few",
            "Sorry, we need a number here, such as 3.",
        ),
        (
            "phone",
            "the same",
            "Sorry, that is no phone number we can ring.",
        ),
        ("email", "amina at home", "Sorry, that is no email address."),
        ("date", "whenever", "Sorry, we need a day here"),
        (
            "photo-or-voice",
            "i can not",
            "Sorry, we need a photo or a voice message here.",
        ),
    ] {
        let mut story = at(kind);
        let says = story.hears(words);
        assert!(says[0].starts_with(hint), "{kind}: {says:?}");
        assert!(says[0].contains("Please answer."), "{kind}: {says:?}");
        story.hears(words);
        assert!(story.done()[0].starts_with("hand-over "), "{kind}");
    }
}

#[test]
fn mrs_somebody_else_is_not_the_only_mrs_there_is() {
    let mut story = at("staff");
    let says = story.hears("mrs smith");
    assert!(
        says[0].starts_with("Sorry, I did not understand."),
        "{says:?}"
    );
}

#[test]
fn days_and_times_are_read_back_before_they_count() {
    for (kind, words, back, said) in [
        ("date", "thursday", "Thu 3 Dec", "Noted: Thu 3 Dec."),
        ("date", "10 december", "Thu 10 Dec", "Noted: Thu 10 Dec."),
        ("time", "half 3", "3.30pm", "Noted: 3.30pm."),
        (
            "datetime",
            "thursday 3.30pm",
            "Thu 3 Dec, 3.30pm",
            "Noted: Thu 3 Dec, 3.30pm.",
        ),
    ] {
        let mut story = at(kind);
        assert_eq!(
            story.hears(words),
            [format!("{back}. Is that right? 1 Yes 2 No")],
            "{kind}"
        );
        assert_eq!(story.hears("yes"), [said], "{kind}");
    }
}

#[test]
fn what_was_read_back_can_be_corrected_refused_or_said_another_way() {
    let mut story = at("date");
    story.hears("thursday");
    assert_eq!(
        story.hears("no, friday"),
        ["Fri 4 Dec. Is that right? 1 Yes 2 No"]
    );
    assert_eq!(
        story.hears("monday"),
        ["Mon 7 Dec. Is that right? 1 Yes 2 No"]
    );
    let says = story.hears("2");
    assert!(
        says[0].starts_with("OK, let us try again. Please answer."),
        "{says:?}"
    );
    assert_eq!(
        story.hears("tuesday"),
        ["Tue 8 Dec. Is that right? 1 Yes 2 No"]
    );
    assert_eq!(story.hears("1"), ["Noted: Tue 8 Dec."]);
}

#[test]
fn several_answers_in_one_message_are_taken_and_said_back() {
    let mut story = at("several");
    assert_eq!(
        story.hears("sam, learning, 4 december"),
        ["OK: Learning. Fri 4 Dec. Is that right? 1 Yes 2 No"]
    );
    assert_eq!(story.done(), Vec::<String>::new(), "no words are left over");
    assert_eq!(story.hears("yes"), ["Sam: learning, Fri 4 Dec."]);
}

#[test]
fn only_a_certain_answer_is_taken_from_a_longer_message() {
    // Nobody has seen the numbers of the next question, and "reading books" is no choice's own word.
    for (words, next) in [
        ("sam, 1", "What about? 1 Learning 2 By phone"),
        ("sam, reading books", "What about? 1 Learning 2 By phone"),
        ("sam, learning, call", "What about? 1 Learning 2 By phone"),
        ("sam, 3H, learning", "OK: Learning. Which day?"),
    ] {
        let says = at("several").hears(words);
        assert_eq!(says[0], next, "{words}: {says:?}");
    }
    let mut story = at("several");
    story.hears("sam, learning, he is so tired of it all");
    assert_eq!(
        story.done(),
        ["hand-over reason=more-words words=sam, learning, he is so tired of it all"],
        "what answers nothing is kept"
    );
}

#[test]
fn a_choice_that_was_taken_can_be_taken_back() {
    let mut story = at("several");
    story.hears("sam, learning");
    let says = story.hears("back");
    assert_eq!(says, ["What about? 1 Learning 2 By phone"]);
}

#[test]
fn two_that_are_near_are_offered_with_a_way_out() {
    let mut story = at("several");
    let which = "Sorry, did you mean: 1 Sam 2 Zofia 3 Something else. 0 = a person.";
    assert_eq!(story.hears("sam and zofia"), [which]);
    assert_eq!(story.hears("2"), ["What about? 1 Learning 2 By phone"]);
    assert_eq!(
        saved(&story, "child"),
        Some(Value::Item(item("pupil-zofia", "Zofia")))
    );
    let mut story = at("several");
    story.hears("sam and zofia");
    let says = story.hears("3");
    assert!(
        says[0].starts_with("Sorry, I did not understand. Which child?"),
        "{says:?}"
    );
}

#[test]
fn an_opening_that_may_be_several_things_is_offered_with_a_way_out() {
    let which = "What is this about? 1 one thing 2 two things 3 Something else. 0 = a person.";
    let mut story = Story::on(&WITH_KINDS, facts());
    assert_eq!(story.hears("zxq blorf wub dren"), [which]);
    assert_eq!(story.hears("2"), ["The end."]);

    let mut story = Story::on(&WITH_KINDS, facts());
    story.hears("zxq blorf wub dren");
    let says = story.hears("3");
    assert!(
        says[0].starts_with("Kingfisher Primary (automatic). 1 Who"),
        "{says:?}"
    );
    assert_eq!(
        story.done(),
        ["hand-over reason=more-words words=zxq blorf wub dren"],
        "a person reads what was none of them"
    );

    let mut story = Story::on(&WITH_KINDS, facts());
    story.hears("zxq blorf wub dren");
    let says = story.hears("can i book a meeting please");
    assert!(says[0].starts_with("Mrs Cole can see you on"), "{says:?}");
}

#[test]
fn three_of_the_longest_topics_fit_into_one_text() {
    let languages = &BUNDLE.languages;
    let topics = languages
        .messages("en")
        .filter(|(id, _)| id.starts_with("topic-"));
    let mut topics: Vec<String> = topics
        .map(|(id, _)| languages.say("en", id, &Values::new()))
        .collect();
    topics.sort_by_key(|topic| std::cmp::Reverse(topic.len()));
    let choices = format!(
        "1 {} 2 {} 3 {} 4 Something else",
        topics[0], topics[1], topics[2]
    );
    let said = languages.say("en", "meant-which", &values([("choices", text(&choices))]));
    assert_eq!(segments(&said).parts, 1, "{said}");
}

#[test]
fn a_photo_answers_where_one_was_asked_for_and_a_voice_message_stands_for_words() {
    let sent = |media: Media, words: &str| Input::Message {
        text: words.to_owned(),
        sealed: false,
        media: vec![media],
        before_question: false,
    };
    let mut story = at("photo-or-voice");
    assert_eq!(story.plays(sent(Media::Photo, "")), ["Noted: a photo."]);
    let mut story = at("photo-or-voice");
    assert_eq!(
        story.plays(sent(Media::Voice, "")),
        ["Noted: a voice message."]
    );
    let mut story = at("photo-or-voice");
    story.plays(sent(Media::Photo, "this is his arm after lunch"));
    assert_eq!(
        story.done(),
        ["hand-over reason=more-words words=this is his arm after lunch"]
    );
    let mut story = at("text");
    assert_eq!(
        story.plays(sent(Media::Voice, "")),
        ["Words: a voice message."]
    );
    let mut story = at("text");
    // A photo is no words: a person sees it, and the question is asked again.
    let says = story.plays(sent(Media::Photo, ""));
    assert!(
        says[0].starts_with("OK. A person from the school office"),
        "{says:?}"
    );
    assert!(says.last().unwrap().ends_with("Please answer."), "{says:?}");
}

#[test]
fn a_question_is_reminded_of_once_and_never_after_its_answer() {
    let mut story = at("number");
    let due = story.conv().nudges(&WITH_KINDS).unwrap();
    assert_eq!(due, date(2026, 12, 2).at(6, 30, 0, 0));
    assert_eq!(story.plays(Input::Nudge), Vec::<String>::new(), "too early");
    story.now = due;
    let asked = "We are still waiting to hear from you. Please answer. 1 Something else";
    assert_eq!(story.plays(Input::Nudge), [asked]);
    assert_eq!(story.plays(Input::Nudge), Vec::<String>::new(), "not twice");
    assert_eq!(story.conv().nudges(&WITH_KINDS), None);
    assert_eq!(story.hears("3"), ["Noted: 3."]);
    assert_eq!(story.conv().nudges(&WITH_KINDS), None);
}

#[test]
fn a_step_has_its_own_reminder_and_its_own_time() {
    let mut story = at("text");
    assert_eq!(
        story.conv().expires(&WITH_KINDS),
        Some(date(2026, 12, 3).at(10, 30, 0, 0))
    );
    story.now = story.conv().nudges(&WITH_KINDS).unwrap();
    assert_eq!(story.now, date(2026, 12, 2).at(16, 30, 0, 0));
    assert_eq!(story.plays(Input::Nudge), ["Are you there?"]);

    let mut story = at("several");
    story.hears("sam");
    assert_eq!(story.waits_at().as_deref(), Some("kinds.about"));
    assert_eq!(story.conv().nudges(&WITH_KINDS), None, "nudge = false");
}

#[test]
fn what_is_read_back_is_reminded_of_too_but_once_in_all() {
    let mut story = at("date");
    story.hears("friday");
    story.now = story.conv().nudges(&WITH_KINDS).unwrap();
    let again = "We are still waiting to hear from you. Fri 4 Dec. Is that right? 1 Yes 2 No";
    assert_eq!(story.plays(Input::Nudge), [again]);
    story.hears("no");
    assert_eq!(story.conv().nudges(&WITH_KINDS), None);
}

#[test]
fn nobody_is_reminded_beside_a_sealed_message_or_while_a_person_is_in_touch() {
    let mut story = at("number");
    story.now = story.conv().nudges(&WITH_KINDS).unwrap();
    story.facts.live_thread = Some(Thread {
        case: item("case-1040", "C-1040"),
        person: "Mr Hughes".to_owned(),
    });
    assert_eq!(story.plays(Input::Nudge), Vec::<String>::new());
    let mut story = at("number");
    story.hears_sealed("he hits me");
    assert_eq!(story.conv().nudges(&WITH_KINDS), None);
}

#[test]
fn a_state_that_was_stored_before_these_questions_were_known_still_loads() {
    let mut story = at("several");
    story.hears("sam");
    let mut old: serde_json::Value =
        serde_json::from_str(&story.conv().to_json().unwrap()).unwrap();
    old.as_object_mut().unwrap().remove("left");
    old["open"].as_object_mut().unwrap().remove("nudged");
    let loaded = Conversation::from_json(&old.to_string()).unwrap();
    assert_eq!(&loaded, story.conv());
}
