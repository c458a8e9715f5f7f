//! The order of reading: what a message is when it could be several things.

use super::*;

const RECEIPT: &str = "Thank you for telling us. Your message is saved: C-1042. Mrs Cole or Mr Hughes will contact you by Thu 3 Dec, 4pm. If it gets worse, text us any time.";
const WISH: &str = "How shall we talk? 1 By phone 2 At school 3 By text. 0 = a person.";
const SENDIASS: &str =
    "Free SEND advice, independent of school: Camden SENDIASS, sendiasscamden.co.uk.";
const TODAY: &str = "This text may be read too late. Please ring the office now: 020 7946 0123. We have passed it on, but do not rely on it. In danger: ring 999.";
const MENU: &str = "Kingfisher Primary (automatic). 1 Who to contact 2 Raise a concern 3 Book a meeting 4 Independent advice 5 More. 0 a person. In danger now? Ring 999.";

fn thread() -> Thread {
    Thread {
        case: item("case-1040", "C-1040"),
        person: "Mr Hughes".to_owned(),
    }
}

#[test]
fn hello_gets_the_menu_and_thanks_get_silence() {
    let mut story = Story::new(facts());
    assert_eq!(story.hears("hello"), [MENU]);
    assert_eq!(story.hears("thanks"), Vec::<String>::new());
    assert_eq!(story.waits_at().as_deref(), Some("menu.main"));
}

#[test]
fn a_sentence_at_the_menu_is_about_what_it_says() {
    let mut story = Story::new(facts());
    story.hears("hello");
    let words = "im worried about sam";
    assert_eq!(story.hears(words), [RECEIPT, WISH]);
    assert_eq!(
        story.done(),
        [format!(
            "open-case kind=concern pupil=pupil-sam words={words}"
        )]
    );
}

#[test]
fn a_person_can_be_reached_from_everywhere() {
    let asked = "OK. A person from the school office will contact you by Wed 2 Dec, 4pm. Your reference is C-1042. To talk now, ring 020 7946 0123.";
    for before in [
        None,
        Some("hello"),
        Some("can i book a meeting please"),
        Some("im worried about sam, not sleeping"),
    ] {
        let mut story = Story::new(facts());
        before.map(|words| story.hears(words));
        story.done();
        assert_eq!(story.hears("0"), [asked], "{before:?}");
        assert!(story.done()[0].starts_with("hand-over "), "{before:?}");
        assert!(story.conv().open.is_none());
    }
    let mut story = Story::new(facts());
    assert_eq!(story.hears("can i speak to a real person"), [asked]);
    assert_eq!(
        story.done(),
        ["hand-over reason=person words=can i speak to a real person"]
    );
}

#[test]
fn misunderstood_twice_is_handed_over_with_the_words() {
    let mut story = Story::new(facts());
    assert_eq!(
        story.hears("wibble the jumbo"),
        [
            "Sorry, I did not understand. 1 Who to contact 2 Raise a concern 3 Book a meeting 4 Independent advice 5 More. 0 a person. In danger now? Ring 999."
        ]
    );
    assert_eq!(
        story.hears("flibble the jumbo"),
        [
            "Sorry, I still don't understand. I have passed your words to the school office, who will contact you by Wed 2 Dec, 4pm."
        ]
    );
    assert_eq!(
        story.done(),
        ["hand-over reason=tries words=wibble the jumbo\nflibble the jumbo"]
    );
    assert_eq!(
        story.hears("the jumbo was blue"),
        ["It is also added to C-1042."]
    );
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=the jumbo was blue"]
    );
}

#[test]
fn back_corrects_the_last_answer_and_never_crosses_an_action() {
    let mut facts = facts();
    facts.values.remove("child");
    let two = vec![item("pupil-sam", "Sam"), item("pupil-kai", "Kai")];
    facts.values.insert("children".to_owned(), Value::List(two));
    let mut story = Story::new(facts);
    story.hears("i am worried, not sleeping and not eating");
    story.hears("1");
    assert_eq!(
        story.hears("back"),
        ["Which child is this about? 1 Sam 2 Kai 3 Someone else"]
    );
    story.hears("2");
    story.done();
    story.hears("1");
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 pupil=pupil-kai wish=call"]
    );

    let mut story = Story::new(super::facts());
    story.hears("im worried about sam, not sleeping");
    assert_eq!(
        story.hears("back"),
        [format!(
            "You cannot go back from here. What you sent is saved. {WISH}"
        )]
    );
    assert_eq!(story.done().len(), 1, "the case is not opened again");
}

#[test]
fn menu_leaves_and_says_what_was_kept() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    assert_eq!(
        story.hears("menu"),
        ["What you told us is saved: C-1042.", MENU]
    );
}

#[test]
fn a_plain_question_is_answered_and_the_open_one_asked_again() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.done();
    assert_eq!(
        story.hears("whats the number for sendiass"),
        [format!("{SENDIASS} {WISH}")]
    );
    assert_eq!(story.done(), ["find-service council=Camden kind=sendiass"]);
    assert_eq!(story.waits_at().as_deref(), Some("concern.wish"));
    story.hears("1");
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 pupil=pupil-sam wish=call"]
    );
}

#[test]
fn a_brief_answer_that_must_ask_comes_back_too() {
    let mut facts = facts();
    facts.values.remove("council");
    let mut story = Story::new(facts);
    story.hears("im worried about sam, not sleeping");
    assert!(story.hears("whats the number for sendiass")[0].starts_with("Which council"));
    assert_eq!(story.hears("hull"), [format!("{SENDIASS} {WISH}")]);
    assert_eq!(story.waits_at().as_deref(), Some("concern.wish"));
}

#[test]
fn a_concern_in_the_middle_of_a_meeting_is_a_case_at_once() {
    let mut story = Story::new(facts());
    let offer = story.hears("can i book a meeting please").remove(0);
    story.done();
    let says = story.hears("im worried about sam, not sleeping");
    assert_eq!(says, [RECEIPT, WISH]);
    assert_eq!(
        story.done(),
        ["open-case kind=concern pupil=pupil-sam words=im worried about sam, not sleeping"]
    );
    let says = story.hears("3");
    assert_eq!(says[1], offer);
    assert!(story.hears("1")[0].starts_with("Booked"));
}

#[test]
fn another_wish_is_remembered_and_offered_afterwards() {
    let child = "Which child is this about? 1 Sam 2 Kai 3 Someone else";
    let mut facts = facts();
    facts.values.remove("child");
    let two = vec![item("pupil-sam", "Sam"), item("pupil-kai", "Kai")];
    facts.values.insert("children".to_owned(), Value::List(two));
    let mut story = Story::new(facts);
    story.hears("i am worried, not sleeping and not eating");
    story.done();
    let wish = "i want to book a meeting with the head";
    assert_eq!(
        story.hears(wish),
        [format!("We will come to that next. {child}")]
    );
    assert_eq!(
        story.done(),
        [format!("add-to-case case=case-1042 words={wish}")]
    );
    story.hears("sam");
    let says = story.hears("3");
    assert_eq!(
        says,
        [
            "Thank you. That is added to C-1042. You can text more at any time. You also asked about a meeting. Shall we do that now? 1 Yes 2 No"
        ]
    );
    assert_eq!(story.hears("yes"), [child.replace("this", "the meeting")]);

    story.hears("menu");
    story.hears("i am worried, not sleeping and not eating");
    story.hears(wish);
    story.hears("sam");
    story.hears("3");
    assert_eq!(story.hears("no"), ["OK. Text us at any time."]);
    assert!(story.conv().is_idle());
}

#[test]
fn two_wishes_in_one_text_are_both_answered() {
    let mut story = Story::new(facts());
    let says = story.hears("need a meeting and who is the senco?");
    assert_eq!(
        says[0],
        "Sam's class teacher is Mr Hughes: the first person to ask. For SEND, Mrs Cole (SENCO), 020 7946 0123, Mon-Thu 8.30-4."
    );
    assert!(
        says[1].starts_with("Mrs Cole can see you on: 1 "),
        "{says:?}"
    );
    assert_eq!(story.waits_at().as_deref(), Some("meeting.offer"));
}

#[test]
fn today_wins_over_everything() {
    let words = "please do not let his dad collect him today";
    for (thread, before) in [
        (None, None),
        (Some(thread()), None),
        (None, Some("can i book a meeting please")),
        (None, Some("hello")),
    ] {
        let mut story = Story::new(facts());
        before.map(|words| story.hears(words));
        story.facts.live_thread = thread;
        story.done();
        let says = story.hears(words);
        assert_eq!(says[0], TODAY);
        assert_eq!(says.len(), if before.is_some() { 2 } else { 1 }, "{says:?}");
        assert_eq!(
            story.done(),
            [format!("pass-on pupil=pupil-sam sealed=no words={words}")]
        );
    }
}

#[test]
fn a_live_thread_comes_before_the_bot_and_says_so_once() {
    let mut facts = facts();
    facts.live_thread = Some(thread());
    let mut story = Story::new(facts);
    assert_eq!(
        story.hears("im worried about sam, not sleeping"),
        ["Thank you. We have passed this to Mr Hughes."]
    );
    assert_eq!(
        story.hears("and he says no to school"),
        Vec::<String>::new()
    );
    assert_eq!(
        story.done(),
        [
            "add-to-case case=case-1040 words=im worried about sam, not sleeping",
            "add-to-case case=case-1040 words=and he says no to school",
        ]
    );
    assert_eq!(story.hears("menu"), [MENU], "exact words still hold");
    assert!(story.hears("3")[0].starts_with("Mrs Cole can see you on"));
}

#[test]
fn the_thread_also_comes_before_an_open_menu() {
    let mut story = Story::new(facts());
    story.hears("hello");
    story.facts.live_thread = Some(thread());
    assert_eq!(
        story.hears("im worried about sam, not sleeping"),
        ["Thank you. We have passed this to Mr Hughes."]
    );
    assert!(story.hears("3")[0].starts_with("Mrs Cole can see you on"));
}

#[test]
fn something_else_than_a_council_is_heard() {
    let mut facts = facts();
    facts.values.remove("council");
    let mut story = Story::new(facts);
    story.hears("whats the number for sendiass");
    assert_eq!(
        story.hears("im worried about sam, not sleeping"),
        [RECEIPT, WISH]
    );
}

#[test]
fn late_words_that_belong_to_nothing_go_to_a_person() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.plays(Input::Expired);
    story.done();
    story.hears("the blue jumper from tuesday");
    story.hears("2");
    assert_eq!(
        story.done(),
        ["hand-over reason=more-words words=the blue jumper from tuesday"]
    );
}

#[test]
fn what_fits_nothing_joins_the_open_case() {
    let mut facts = facts();
    facts.open_case = Some(item("case-1042", "C-1042"));
    let mut story = Story::new(facts);
    assert_eq!(
        story.hears("the blue jumper from tuesday"),
        ["It is also added to C-1042."]
    );
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=the blue jumper from tuesday"]
    );
    let joined = values([("case", Value::Item(item("case-1042", "C-1042")))]);
    story.will("open-case", "joined", joined);
    assert_eq!(
        story.hears("im still worried about sam, he is not sleeping"),
        ["It is also added to C-1042."]
    );
    assert!(story.conv().is_idle());
}

#[test]
fn a_reference_is_answered_at_any_time() {
    let mut story = Story::new(facts());
    let status = "C-1042 has been read. Mrs Cole will be in touch by Thu 3 Dec, 4pm.";
    assert_eq!(story.hears("C-1042?"), [status]);
    story.hears("im worried about sam, not sleeping");
    assert_eq!(story.hears("c1042"), [format!("{status} {WISH}")]);
    assert_eq!(story.done().last().unwrap(), "case-status number=1042");
}

#[test]
fn a_language_is_changed_by_its_name() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    assert_eq!(
        story.hears("somali"),
        [
            "OK: somali. Our automatic texts are not in that language yet. 0 = a person."
                .to_owned()
                + " "
                + WISH
        ]
    );
    assert_eq!(story.conv().language.as_deref(), Some("so"));
    assert_eq!(
        story.hears("English"),
        [format!("OK. We will write to you in English. {WISH}")]
    );
    assert_eq!(story.conv().language.as_deref(), Some("en"));
}

#[test]
fn a_sealed_message_adds_nothing_it_should_not() {
    // The screen has answered already; the case gets a line without the words.
    let mut facts = facts();
    facts.open_case = Some(item("case-1042", "C-1042"));
    let mut story = Story::new(facts);
    assert_eq!(
        story.hears_sealed("today he say boys hit him in toilet"),
        ["It is also added to C-1042."]
    );
    assert_eq!(story.done(), ["add-to-case case=case-1042 sealed=yes"]);

    // With no case there is silence, and an open question stays as it was.
    let mut story = Story::new(super::facts());
    story.hears("hello");
    story.done();
    assert_eq!(
        story.hears_sealed("he hits us every night"),
        Vec::<String>::new()
    );
    assert_eq!(story.done(), Vec::<String>::new());
    assert_eq!(story.conv().open.as_ref().unwrap().tries, 0);
    assert_eq!(story.waits_at().as_deref(), Some("menu.main"));
}

#[test]
fn a_sealed_message_gets_its_brief_answer_and_no_more() {
    let mut story = Story::new(facts());
    assert_eq!(
        story.hears_sealed("mr lewis shouted at kai again infront of everyone, useless. i want that sendiass number. and kai says dont leave me with the taxi man no more"),
        [format!("{SENDIASS} The other thing you told us is written down. We will ask you about it.")]
    );
    assert!(story.conv().sealed);
    assert_eq!(story.done(), ["find-service council=Camden kind=sendiass"]);
}

#[test]
fn a_late_reply_is_told_so_and_may_carry_on() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    let offered = story.conv().expires(&BUNDLE).unwrap();
    assert_eq!(offered, date(2026, 12, 4).at(10, 30, 0, 0));
    assert_eq!(story.plays(Input::Expired), Vec::<String>::new());
    assert!(story.conv().open.is_none());
    story.now = date(2026, 12, 5).at(9, 0, 0, 0);
    assert_eq!(
        story.hears("sorry only saw this"),
        [
            "Hello again. On Tue 1 Dec we did not finish: a meeting. What you said is saved. 1 Carry on 2 Start something else"
        ]
    );
    assert!(story.hears("1")[0].starts_with("Mrs Cole can see you on"));
    assert!(story.hears("1")[0].starts_with("Booked"));

    story.hears("can i book a meeting please");
    story.plays(Input::Expired);
    let number = story.hears("1");
    assert!(
        number[0].starts_with("Hello again."),
        "not the menu's 1: {number:?}"
    );
    assert_eq!(story.hears("start something else"), [MENU]);
}

#[test]
fn late_words_about_a_case_are_added_to_it() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.plays(Input::Expired);
    story.done();
    let says = story.hears("the blue jumper from tuesday");
    assert!(says[0].starts_with("Hello again."), "{says:?}");
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=the blue jumper from tuesday"]
    );
}

#[test]
fn after_a_sealed_message_nobody_is_asked_to_carry_on() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.hears_sealed("he hits us every night");
    story.plays(Input::Expired);
    assert!(story.conv().late.is_none());
}

#[test]
fn what_there_is_no_flow_for_goes_to_a_person_with_its_words() {
    let mut story = Story::new(facts());
    let words = "sam has lost his coat";
    assert_eq!(
        story.hears(words),
        [
            "OK. A person from the school office will contact you by Wed 2 Dec, 4pm. Your reference is C-1042. To talk now, ring 020 7946 0123."
        ]
    );
    assert_eq!(
        story.done(),
        [format!(
            "hand-over about=lost-property reason=no-flow words={words}"
        )]
    );
}

#[test]
fn staff_ask_from_the_desk_whether_they_may_ring() {
    let with = values([
        ("who", text("Mrs Adeyemi")),
        ("by", Value::When(date(2026, 12, 2).at(15, 0, 0, 0))),
        ("today", Value::Flag(true)),
        ("case", Value::Item(item("case-1042", "C-1042"))),
    ]);
    let begin = || Input::Begin {
        flow: "ring-ok".to_owned(),
        entry: None,
        with: with.clone(),
    };
    let mut story = Story::new(facts());
    assert_eq!(
        story.plays(begin()),
        ["Mrs Adeyemi will ring you today by 3pm. Is it OK to ring this phone? 1 Yes 2 No"]
    );
    assert_eq!(story.hears("1"), Vec::<String>::new());
    assert_eq!(
        story.done(),
        ["answer case=case-1042 question=ring-ok value=yes"]
    );

    story.plays(begin());
    story.hears("no");
    assert_eq!(
        story.hears("ring my sister 07700 900555 after 2"),
        ["Thank you. We have written that down."]
    );
    assert_eq!(
        story.done(),
        [
            "answer case=case-1042 question=ring-ok value=no",
            "answer case=case-1042 question=ring-other-way value=ring my sister 07700 900555 after 2",
        ]
    );
}

#[test]
fn what_may_be_about_something_is_asked() {
    let mut story = Story::new(facts());
    let words = "its about leo";
    assert_eq!(
        story.hears(words),
        ["Is this about a worry about your child? 1 Yes 2 No"]
    );
    assert_eq!(story.hears("yes"), [RECEIPT, WISH]);
    assert_eq!(
        story.done(),
        [format!(
            "open-case kind=concern pupil=pupil-sam words={words}"
        )]
    );

    let mut story = Story::new(facts());
    story.hears(words);
    assert_eq!(story.hears("no"), [MENU]);
}

#[test]
fn a_slip_of_the_thumb_is_asked_about() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.done();
    assert_eq!(
        story.hears("by phne"),
        ["Sorry, did you mean: By phone? 1 Yes 2 No"]
    );
    story.hears("yes");
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 pupil=pupil-sam wish=call"]
    );
}

#[test]
fn words_before_the_number_need_not_be_said_again() {
    let mut story = Story::new(facts());
    story.hears("wibble the jumbo");
    assert_eq!(story.hears("2"), [RECEIPT, WISH]);
    assert_eq!(
        story.done(),
        ["open-case kind=concern pupil=pupil-sam words=wibble the jumbo"]
    );
}

#[test]
fn today_is_told_even_when_the_screen_took_the_message() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.done();
    let words = "please do not let his dad collect him today, he hits him";
    assert_eq!(story.hears_sealed(words), [TODAY]);
    assert_eq!(
        story.done(),
        [format!("pass-on pupil=pupil-sam sealed=yes words={words}")]
    );
    assert_eq!(
        story.waits_at().as_deref(),
        Some("meeting.offer"),
        "still open, and not asked again"
    );
}
