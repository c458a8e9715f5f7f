use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::{date, time};

use super::*;

fn load(tag: &str) -> Reading {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("locales/{tag}/reading.toml"));
    let source = std::fs::read_to_string(path).unwrap();
    let name = format!("locales/{tag}/reading.toml");
    match Reading::load(tag, &name, &source) {
        Ok(reading) => reading,
        Err(faults) => {
            let files = [(name, source)].into_iter().collect();
            let shown: Vec<String> = faults.iter().map(|fault| fault.render(&files)).collect();
            panic!("{}", shown.join("\n\n"));
        }
    }
}

static EN: LazyLock<Reading> = LazyLock::new(|| load("en"));
static PL: LazyLock<Reading> = LazyLock::new(|| load("pl"));

#[test]
fn a_keyword_is_the_whole_message() {
    use Keyword::{Help, Start, Stop};
    for (reading, text, keyword) in [
        (&EN, "STOP", Some(Stop)),
        (&EN, "Stop. Thank you", Some(Stop)),
        (&EN, "stop all", Some(Stop)),
        (&EN, "please stop texting me", Some(Stop)),
        (&EN, "STOPPPP!!", Some(Stop)),
        (&EN, "STOP he is hitting us", None),
        (&EN, "dont stop the speech sessions", None),
        (&EN, "cancel", None),
        (&EN, "start", Some(Start)),
        (&EN, "Help!", Some(Help)),
        (&EN, "help him with reading", None),
        (&PL, "Stop", Some(Stop)),
        (&PL, "proszę nie pisać", Some(Stop)),
        (&PL, "pomoc", Some(Help)),
        (&EN, "", None),
    ] {
        assert_eq!(reading.keyword(text), keyword, "{text}");
    }
}

#[test]
fn a_global_word_is_the_whole_message() {
    for (reading, text, global) in [
        (&EN, "0", Some(Global::Person)),
        (&EN, " 0. ", Some(Global::Person)),
        (&EN, "MENU", Some(Global::Menu)),
        (&EN, "go back please", Some(Global::Back)),
        (&EN, "he wont go back", None),
        (&PL, "wróć", Some(Global::Back)),
        (&PL, "wroc", Some(Global::Back)),
    ] {
        assert_eq!(reading.global(text), global, "{text}");
    }
}

#[test]
fn people_ask_for_people() {
    for text in [
        "can i speak to a real person",
        "just ring me",
        "i want to talk to a human being",
        "is this a robot",
    ] {
        assert!(EN.asks_for_person(text), "{text}");
    }
    for text in [
        "who is the senco",
        "the phone rings all day",
        "text dont ring",
    ] {
        assert!(!EN.asks_for_person(text), "{text}");
    }
    assert!(PL.asks_for_person("czy ktoś może do mnie zadzwonić"));
}

#[test]
fn a_language_is_named_in_its_own_words_or_ours() {
    for (text, tag) in [
        ("polski", Some("pl")),
        ("Polish please", Some("pl")),
        ("in polish", Some("pl")),
        ("somali", Some("so")),
        ("Soomaali", Some("so")),
        ("اردو", Some("ur")),
        ("Türkçe", Some("tr")),
        ("no english please polish", None),
        ("polish my shoes", None),
    ] {
        assert_eq!(EN.language_named(text).as_deref(), tag, "{text}");
    }
    assert_eq!(PL.language_named("po angielsku").as_deref(), Some("en"));
}

#[test]
fn yes_and_no() {
    for (text, answer) in [
        ("yes", Some(true)),
        ("Yeah, that sounds good.", Some(true)),
        ("Yup that's fine", Some(true)),
        ("ok", Some(true)),
        ("👍🏽", Some(true)),
        ("no", Some(false)),
        ("no thanks", Some(false)),
        ("nah", Some(false)),
        ("it's not ok", None),
        ("not ok", Some(false)),
        ("yes... no", None),
        ("maybe", None),
        ("", None),
    ] {
        assert_eq!(EN.yes_no(text), answer, "{text}");
    }
    assert_eq!(PL.yes_no("nie, dziękuję"), Some(false));
    assert_eq!(PL.yes_no("Tak"), Some(true));
}

fn offered(choices: &[(&str, &str)]) -> Vec<ChoiceWords> {
    let words = choices.iter().map(|(label, value)| ChoiceWords {
        label: (*label).to_owned(),
        synonyms: EN.synonyms(value),
    });
    words.collect()
}

#[test]
fn a_choice_is_taken_by_number_word_or_place() {
    let ways = offered(&[
        ("Phone, with interpreter", "call"),
        ("At school, with interpreter", "meet"),
        ("Text", "text"),
    ]);
    for (text, choice) in [
        ("1", Choice::Exact(0)),
        ("1.", Choice::Exact(0)),
        ("3️⃣", Choice::Exact(2)),
        ("option 2", Choice::Exact(1)),
        ("1 please", Choice::Exact(0)),
        ("ok 2 thanks", Choice::Exact(1)),
        ("two", Choice::Exact(1)),
        ("the second one", Choice::Exact(1)),
        ("last one", Choice::Exact(2)),
        ("ring me", Choice::Exact(0)),
        ("at school", Choice::Exact(1)),
        ("im deaf please text dont ring", Choice::Exact(2)),
        ("1 or 2", Choice::Near(vec![0, 1])),
        ("interpreter", Choice::Near(vec![0, 1])),
        ("phoen", Choice::Near(vec![0])),
        ("4", Choice::None),
        ("2 days ago he fell", Choice::None),
        ("one of the boys was unkind", Choice::None),
        ("who is the senco", Choice::None),
        ("", Choice::None),
        (
            "3. whats sarah been saying about me",
            Choice::ExactWithMore(2, "whats sarah been saying about me".to_owned()),
        ),
        (
            "3.whats that 😀",
            Choice::ExactWithMore(2, "whats that 😀".to_owned()),
        ),
        (
            "ok 1 but not before 4",
            Choice::ExactWithMore(0, "but not before 4".to_owned()),
        ),
    ] {
        assert_eq!(EN.choice(text, &ways), choice, "{text}");
    }
}

#[test]
fn a_time_is_chosen_by_its_day() {
    let slots = offered(&[
        ("Thu 3 Dec 3.30pm", ""),
        ("Mon 7 Dec 8.40am", ""),
        ("Tue 8 Dec 3.30pm", ""),
        ("Other times", "other"),
    ]);
    for (text, choice) in [
        ("2", Choice::Exact(1)),
        ("the monday one", Choice::Exact(1)),
        ("Thursday please", Choice::Exact(0)),
        ("3.30", Choice::Near(vec![0, 2])),
        ("none of them", Choice::Exact(3)),
        ("another time", Choice::Exact(3)),
    ] {
        assert_eq!(EN.choice(text, &slots), choice, "{text}");
    }
}

#[test]
fn children_are_found_by_any_part_of_their_name() {
    let children = ["Sam", "Zofia Kowalska", "Will", "Leo"];
    for (text, named) in [
        ("my son sam isnt eating", vec![0]),
        ("SAMS teacher", vec![0]),
        ("its about zofia and Leo", vec![1, 3]),
        ("the same thing", vec![]),
        ("he will not eat", vec![]),
        ("its about Will", vec![2]),
        ("will", vec![2]),
    ] {
        assert_eq!(EN.names(text, &children), named, "{text}");
    }
    assert_eq!(PL.names("martwię się o Zofię", &children), [1]);
    assert_eq!(PL.names("nauczyciel Zofii", &children), [1]);
}

#[test]
fn a_reference_is_the_whole_message() {
    for (text, number) in [
        ("C-1042?", Some(1042)),
        ("c1042", Some(1042)),
        ("any news on C 1042?", Some(1042)),
        ("1042", None),
        ("c-1042 he is worse", None),
        ("c99999999999", None),
    ] {
        assert_eq!(EN.reference(text), number, "{text}");
    }
}

#[test]
fn change_and_thanks_need_little() {
    assert!(EN.is_change("CHANGE") && EN.is_change("change it please"));
    assert!(!EN.is_change("he needs to change his attitude"));
    for text in [
        "ok ta",
        "👍",
        "Thank you so much!",
        "ok thanks see you then",
    ] {
        assert!(EN.ack(text), "{text}");
    }
    for text in ["hi", "ok but he is still sad", "", "thanks for nothing"] {
        assert!(!EN.ack(text), "{text}");
    }
}

#[test]
fn days_are_the_next_ones() {
    let tuesday = date(2026, 12, 1);
    for (reading, text, day) in [
        (&EN, "tomorrow", Some(date(2026, 12, 2))),
        (&EN, "Thursday", Some(date(2026, 12, 3))),
        (&EN, "tuesday", Some(date(2026, 12, 8))),
        (&EN, "next thursday", Some(date(2026, 12, 10))),
        (&EN, "3 dec", Some(date(2026, 12, 3))),
        (&EN, "on the 3rd of december", Some(date(2026, 12, 3))),
        (&EN, "3rd december", Some(date(2026, 12, 3))),
        (&EN, "5/1", Some(date(2027, 1, 5))),
        (&EN, "03/12/2026", Some(date(2026, 12, 3))),
        (&EN, "31 feb", None),
        (&EN, "later", None),
        (&PL, "w czwartek", Some(date(2026, 12, 3))),
        (&PL, "3 grudnia", Some(date(2026, 12, 3))),
        (&PL, "pojutrze", Some(date(2026, 12, 3))),
    ] {
        assert_eq!(reading.date(text, tuesday), day, "{text}");
    }
}

#[test]
fn hours_are_a_schools() {
    for (reading, text, at) in [
        (&EN, "ring by 3", Some(time(15, 0, 0, 0))),
        (&EN, "3.30", Some(time(15, 30, 0, 0))),
        (&EN, "3:30pm", Some(time(15, 30, 0, 0))),
        (&EN, "15:30", Some(time(15, 30, 0, 0))),
        (&EN, "3 pm", Some(time(15, 0, 0, 0))),
        (&EN, "half 3", Some(time(15, 30, 0, 0))),
        (&EN, "quarter to 9", Some(time(8, 45, 0, 0))),
        (&EN, "8.40am", Some(time(8, 40, 0, 0))),
        (&EN, "noon", Some(time(12, 0, 0, 0))),
        (&EN, "he has 3 brothers", None),
        (&EN, "25:00", None),
        (&PL, "o 15", Some(time(15, 0, 0, 0))),
        (&PL, "wpół do 4", Some(time(15, 30, 0, 0))),
    ] {
        assert_eq!(reading.time(text), at, "{text}");
    }
}

/// Flows in order, an entry after a dot, a question mark when uncertain.
fn routed(reading: &Reading, text: &str) -> Vec<String> {
    let routes = reading.routes(text).into_iter();
    routes
        .map(|route| {
            let entry = route
                .entry
                .map(|entry| format!(".{entry}"))
                .unwrap_or_default();
            format!(
                "{}{entry}{}",
                route.flow,
                if route.confident { "" } else { "?" }
            )
        })
        .collect()
}

#[test]
fn what_parents_ask_for_is_routed() {
    for (reading, text, routes) in [
        (&EN, "im worried about sam, not sleeping", &["concern"][..]),
        (&EN, "he says nobody plays with him", &["concern"]),
        (
            &EN,
            "need a meeting and who is the senco?",
            &["meeting", "who-to-contact"],
        ),
        (
            &EN,
            "can we move thursdays meeting im at work till 4",
            &["meeting.change"],
        ),
        (&EN, "please cancel my appointment", &["meeting.cancel"]),
        (&EN, "SENDIASS", &["sendiass"]),
        (&EN, "dont let his dad collect him today", &["today"]),
        (&EN, "nan will pick her up today", &["today"]),
        (&EN, "he forgot his inhaler", &["today"]),
        (&EN, "sam isnt home from school yet", &["today"]),
        (
            &EN,
            "my back is killing me so my mum will pick him up",
            &["today"],
        ),
        (&EN, "can i get letters in urdu", &["passport"]),
        (&EN, "what did you write about me", &["records"]),
        (&EN, "when will the draft plan come", &["ehcp"]),
        (&EN, "leo is off sick today", &["absence"]),
        (&EN, "your staff are rude", &["complaint"]),
        (&EN, "why cant i just book im his DAD", &["meeting"]),
        (&EN, "does mr lewis see this", &["privacy.staff"]),
        (
            &EN,
            "how is he doing and also i want to complain about the bus",
            &["progress", "complaint"],
        ),
        (&EN, "whats your safeguarding policy", &["who-to-contact"]),
        (&EN, "hello is this the school", &["menu"]),
        (&EN, "what is the capital of france", &[]),
        (&EN, "", &[]),
        (&PL, "chce umowic spotkanie z nauczycielem", &["meeting"]),
        (
            &PL,
            "Dzień dobry, martwię się o Zofię, nie śpi w nocy",
            &["concern"],
        ),
        (&PL, "babcia odbierze Zofię dzisiaj", &["today"]),
        (&PL, "odbieram Olę dzisiaj", &["today"]),
        (&PL, "tata nie może dziś odebrać Oli", &["today"]),
        (&PL, "dziś siostra przyjedzie po Olę", &["today"]),
        (&PL, "odwołaj", &["meeting.cancel"]),
        (&PL, "Odwołuję, dziękuję", &["meeting.cancel"]),
        (&PL, "czy mogę przyjść w czwartek po 15", &["meeting"]),
        (&PL, "nikt nie odbiera telefonu dzisiaj", &[]),
        (&EN, "my sister is picking sam up today", &["today"]),
        (&EN, "my mum will collect sam today", &["today"]),
        (&EN, "dad cant collect today", &["today"]),
        (&EN, "im picking ola up today", &["today"]),
        (&EN, "im coming to get ola from school now", &["today"]),
        (&EN, "priya is collecting him", &["today"]),
        (&EN, "will be fetching jayden early", &["today"]),
        (&EN, "who can help me independently", &["sendiass"]),
        (&EN, "can I come in on thursday after 3", &["meeting"]),
        (&EN, "CANCEL", &["meeting.cancel"]),
        (&EN, "Cancelled please", &["meeting.cancel"]),
        (&EN, "he cant collect his thoughts", &[]),
        (&PL, "kto jest wychowawcą Zofii", &["who-to-contact"]),
    ] {
        assert_eq!(routed(reading, text), routes, "{text}");
    }
    let little = "hello my english no good. sam not sleep not eat. he cry say no school. i scare for him. pls help";
    assert_eq!(
        routed(&EN, little).first().map(String::as_str),
        Some("concern")
    );
}

#[test]
fn a_mistake_in_the_file_is_shown_where_it_is() {
    let source = "[keyword]\nstop = []\n[global]\nmenu = 'menu'\n[respell]\ndont = 'do not'\n[routes.concern]\nsure = ['dont sleep', '(worried']\nrisk = 'high'\n";
    let faults = Reading::load("en", "reading.toml", source).unwrap_err();
    let files = [("reading.toml".to_owned(), source.to_owned())]
        .into_iter()
        .collect();
    let shown: Vec<(usize, &str, &str)> = faults
        .iter()
        .map(|fault| {
            (
                fault.line(&files).unwrap(),
                fault.message.as_str(),
                fault.remedy.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (1, "there is no key `keyword`", "did you mean `keywords`?"),
            (
                4,
                "`global.menu` is not a list of texts",
                "this is of the type string; write a list of texts"
            ),
            (
                8,
                "`dont` never reaches a pattern: [respell] makes it `do not` first",
                "write `do not`"
            ),
            (8, "the pattern `(worried` cannot be read", "unclosed group"),
            (
                9,
                "`routes.concern.risk` is not a small number",
                "this is of the type string; write a small number"
            ),
        ]
    );
    let broken = Reading::load("en", "reading.toml", "[words\nkid = [").unwrap_err();
    assert!(
        broken[0].message.starts_with("this is not TOML"),
        "{broken:?}"
    );
}

#[test]
fn nothing_breaks_it() {
    let long = "he will not sleep and the other boys ".repeat(280);
    let labels = offered(&[("Sam", ""), ("Someone else", "someone-else")]);
    for text in [
        "",
        "\0",
        "....",
        "« »",
        "1.",
        "0",
        "((",
        long.as_str(),
        "😀😀😀",
        "ąę",
    ] {
        for reading in [&*EN, &*PL] {
            reading.routes(text);
            reading.choice(text, &labels);
            reading.names(text, &["Sam", ""]);
            reading.yes_no(text);
            reading.date(text, date(2026, 12, 1));
            reading.time(text);
            reading.reference(text);
        }
    }
}

fn both() -> impl Iterator<Item = &'static Reading> + Clone {
    [&*EN, &*PL].into_iter()
}

#[test]
fn yes_and_no_in_two_languages() {
    for (text, answer) in [
        ("no", Some(false)),
        ("no pewnie", Some(true)),
        ("no nie", Some(false)),
        ("nie trzeba", Some(false)),
        ("no thats fine thanks", Some(false)),
        ("do you have parking", None),
        ("im ok thanks", Some(false)),
        ("y", Some(true)),
        ("why", None),
    ] {
        assert_eq!(super::yes_no(both(), text), answer, "{text}");
    }
    // In a Polish conversation "no" may be either, and is asked again.
    let polish_first = [&*PL, &*EN].into_iter();
    assert_eq!(super::yes_no(polish_first, "no"), None);
}

#[test]
fn days_gone_by_are_told_from_days_to_come_and_from_no_day() {
    let now = date(2026, 11, 24).at(10, 0, 0, 0);
    let told =
        |expected, text, now| super::understand(std::iter::once(&*EN), &expected, text, now).what;
    let day = |year, month, day| Understood::Date(date(year, month, day));
    for (text, is) in [
        ("3rd november", Understood::Past),
        ("5/1", day(2027, 1, 5)),
        ("last tuesday", Understood::Past),
        ("thursday 3rd december", day(2026, 12, 3)),
        ("wednesday 3rd december", Understood::Unclear),
        ("3 or 4 december", Understood::Unclear),
        ("a week on monday", day(2026, 12, 7)),
        ("after tuesday", Understood::Unclear),
        ("not monday, wednesday", day(2026, 11, 25)),
    ] {
        assert_eq!(told(Expected::Date, text, now), is, "{text}");
    }
    let sunday = date(2026, 11, 29).at(10, 0, 0, 0);
    let monday = told(Expected::Date, "next monday", sunday);
    assert_eq!(monday, day(2026, 12, 7));
    let at = |text| told(Expected::DateTime, text, now);
    let hour = |day, hour| Understood::DateTime(date(2026, 11, day).at(hour, 0, 0, 0));
    assert_eq!(at("today at 9"), Understood::Past);
    assert_eq!(at("in an hour"), hour(24, 11));
    // The second is a Wednesday too.
    assert_eq!(at("wed 2"), Understood::Unclear);
    assert_eq!(at("wed at 2"), hour(25, 14));
    assert_eq!(at("tuesday"), Understood::Unclear);
}

#[test]
fn a_word_refuses_only_in_the_language_it_refuses_in() {
    let offered = |reading: &Reading| {
        let one = |label: &str, value: &str| ChoiceWords {
            label: label.to_owned(),
            synonyms: reading.synonyms(value),
        };
        vec![
            one("Telefon", "call"),
            one("Spotkanie", "meet"),
            one("SMS", "text"),
        ]
    };
    let chosen =
        |readings: [&Reading; 2], text| super::choose_among(readings.into_iter(), 3, offered, text);
    assert_eq!(chosen([&PL, &EN], "no telefon"), Choice::Exact(0));
    assert_eq!(chosen([&PL, &EN], "nie telefon"), Choice::Near(vec![1, 2]));
    assert_eq!(chosen([&EN, &PL], "nie 2"), Choice::Near(vec![0, 2]));
    assert_eq!(chosen([&EN, &PL], "not 2"), Choice::Near(vec![0, 2]));
    assert_eq!(chosen([&EN, &PL], "dont text, call"), Choice::Exact(0));
}

#[test]
fn a_child_who_was_asked_for_needs_little_of_the_name() {
    let children = [
        "Sam Yusuf",
        "Amina Yusuf",
        "Jean-Luc O'Brien",
        "Zofia Nowak",
    ];
    for (text, named) in [
        ("sam yusuf", Named::One(0)),
        ("yusuf", Named::Several),
        ("jeanluc", Named::One(2)),
        ("o brien", Named::One(2)),
        ("Zofai", Named::One(3)),
        ("kasia", Named::Unknown),
        ("amina y", Named::One(1)),
        ("someone else", Named::Other),
        ("Tom", Named::Unknown),
        ("dont know", Named::Nobody),
        ("not sam", Named::Refused),
        ("not about sam", Named::Refused),
        ("sams brother", Named::Refused),
        ("brat zofii", Named::Refused),
        ("my son sam", Named::One(0)),
        ("Zosia", Named::One(3)),
    ] {
        let found = super::child_among([&*EN, &*PL].into_iter(), &children, text);
        assert_eq!(found, named, "{text}");
    }
}

#[test]
fn choices_are_told_by_their_beginnings_and_by_what_they_are_not() {
    let ways = offered(&[
        ("By phone", "call"),
        ("At school", "meet"),
        ("By text", "text"),
    ]);
    for (text, choice) in [
        ("tex", Choice::Exact(2)),
        ("not phone", Choice::Near(vec![1, 2])),
        ("could we do number 2 then", Choice::Near(vec![1])),
        ("the last but one", Choice::Exact(1)),
        ("te", Choice::None),
    ] {
        assert_eq!(EN.choice(text, &ways), choice, "{text}");
    }
    assert!(EN.is_none("none of these thanks") && !EN.is_none("the phone"));
}

/// Every kind of question.
fn every_kind() -> Vec<Expected> {
    let offered = ["phone", "meet", "text"].map(|label| (label.to_owned(), label.to_owned()));
    vec![
        Expected::YesNo,
        Expected::Choice(offered.to_vec()),
        Expected::Date,
        Expected::Time,
        Expected::DateTime,
        Expected::Child(vec!["Sam Yusuf".to_owned(), "Zofia".to_owned()]),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn anything_can_be_read_as_any_answer(
        text in proptest::prop_oneof![
            ".{0,60}",
            "([0-9]{1,5}[-/.: ]?|[a-z]{1,9} |(next|week|half|past|to|on|monday|dec|in|st|po|za|dni) ){0,12}",
        ],
        days in 0..40_000_i32,
    ) {
        let now = date(1990, 1, 1).saturating_add(jiff::Span::new().days(days)).at(23, 59, 0, 0);
        for expected in every_kind() {
            understand(both(), &expected, &text, now);
        }
    }
}

#[test]
fn a_long_letter_is_read_in_bounded_time() {
    let now = date(2026, 11, 24).at(10, 0, 0, 0);
    for piece in [
        "a",
        "1 ",
        "half past monday next week, ",
        "3.",
        "no yes maybe ",
        "sam ",
    ] {
        let text = piece.repeat(10_000 / piece.len());
        let started = std::time::Instant::now();
        for expected in every_kind() {
            understand(both(), &expected, &text, now);
        }
        // Unoptimised, on a machine with other things to do.
        assert!(
            started.elapsed().as_secs() < 20,
            "{piece:?} took {:?}",
            started.elapsed()
        );
    }
}
