//! A worry, from its first words to the person who reads it.

use super::*;

const AT_NIGHT: &str = "hello my english no good. sam not sleep not eat. he cry say no school. i scare for him. pls help";

#[test]
fn a_concern_is_a_case_from_its_first_words() {
    let mut story = Story::new(facts());
    let says = story.hears("im worried about sam, not sleeping");
    assert_eq!(
        says,
        [
            "Thank you for telling us. Your message is saved: C-1042. Mrs Cole or Mr Hughes will contact you by Thu 3 Dec, 4pm. If it gets worse, text us any time.",
            "How shall we talk? 1 By phone 2 At school 3 By text. 0 = a person.",
        ]
    );
    assert_eq!(
        story.done(),
        ["open-case kind=concern pupil=pupil-sam words=im worried about sam, not sleeping"]
    );
    assert_eq!(
        story.hears("phone please"),
        ["OK. We will ring you. That is added to C-1042. You can text more at any time."]
    );
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 pupil=pupil-sam wish=call"]
    );
    assert!(story.conv().is_idle());
}

#[test]
fn at_night_the_receipt_says_when_school_opens() {
    let mut facts = facts();
    facts.values.insert("open".to_owned(), Value::Flag(false));
    let mut story = Story::new(facts);
    let says = story.hears(AT_NIGHT);
    assert_eq!(
        says[0],
        "Thank you. Your message is saved: C-1042. School opens Wed 8.30am. Mrs Cole or Mr Hughes will contact you by Thu 3 Dec, 4pm. In danger now? Ring 999."
    );
}

#[test]
fn one_of_several_children_is_asked_for_or_named() {
    let mut facts = facts();
    facts.values.remove("child");
    let two = vec![item("pupil-sam", "Sam"), item("pupil-kai", "Kai")];
    facts.values.insert("children".to_owned(), Value::List(two));
    let mut story = Story::new(facts.clone());
    let says = story.hears("im worried about reading, it is not getting better");
    assert_eq!(
        says[1],
        "Which child is this about? 1 Sam 2 Kai 3 Someone else"
    );
    story.done();
    story.hears("its kai and he cries every night now");
    assert_eq!(
        story.hears("text"),
        ["Thank you. That is added to C-1042. You can text more at any time."]
    );
    assert_eq!(
        story.done(),
        [
            "add-to-case case=case-1042 words=its kai and he cries every night now",
            "add-to-case case=case-1042 pupil=pupil-kai wish=text",
        ]
    );

    let mut story = Story::new(facts);
    story.hears("im worried about kai, he is not sleeping");
    assert_eq!(story.waits_at().as_deref(), Some("concern.wish"));
}

#[test]
fn two_adults_on_one_phone_are_asked_for_the_name_and_shown_none() {
    let mut facts = facts();
    facts.values.remove("child");
    facts
        .values
        .insert("children-listed".to_owned(), Value::Flag(false));
    let mut story = Story::new(facts);
    let says = story.hears("i am worried, not sleeping and not eating");
    assert_eq!(
        says[1],
        "Which child is this about? Please text the first name."
    );
    story.done();
    assert_eq!(story.hears("Sam").len(), 1);
    assert_eq!(story.waits_at().as_deref(), Some("concern.wish"));
    story.hears("1");
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 pupil=pupil-sam wish=call"]
    );
}

#[test]
fn the_menu_asks_for_words_and_keeps_those_beside_the_number() {
    let mut story = Story::new(facts());
    story.hears("hello");
    assert_eq!(
        story.hears("2"),
        [
            "Please tell us what is worrying you, in your own words. Send as many texts as you like. 0 = a person."
        ]
    );
    story.hears("she cries in the morning");
    assert_eq!(
        story.done(),
        ["open-case kind=concern pupil=pupil-sam words=she cries in the morning"]
    );

    let mut story = Story::new(facts());
    story.hears("hello");
    story.hears("2. she cries in the morning");
    assert_eq!(
        story.done(),
        ["open-case kind=concern pupil=pupil-sam words=she cries in the morning"]
    );
}

#[test]
fn an_adult_who_is_not_checked_hears_of_the_office_only() {
    let mut story = Story::new(unchecked());
    let says = story.hears("im worried about sam, not sleeping");
    assert_eq!(
        says,
        [
            "Thank you for telling us. Your message is saved: C-1042. The school office will contact you by Wed 2 Dec, 4pm. If it gets worse, text us any time.",
            "Which child is this about? Please text the first name and class. 0 = a person.",
        ]
    );
    story.done();
    assert_eq!(
        story.hears("sam price in 3H"),
        ["Thank you. That is added to C-1042. You can text more at any time."]
    );
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=sam price in 3H"]
    );
}

#[test]
fn a_wish_to_meet_books_a_meeting_on_the_way() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.done();
    let says = story.hears("2");
    assert!(
        says[0].starts_with("Mrs Cole can see you on: 1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am"),
        "{says:?}"
    );
    story.hears("1");
    assert_eq!(
        story.done(),
        [
            "add-to-case case=case-1042 pupil=pupil-sam wish=meet",
            "find-slots kind=meeting pupil=pupil-sam",
            "book case=case-1042 pupil=pupil-sam slot=slot-1",
        ]
    );
    assert!(story.conv().is_idle());
}

#[test]
fn words_that_are_no_answer_are_added_to_the_case() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.done();
    let says = story.hears("the blue jumper from tuesday");
    assert_eq!(
        says,
        [
            "It is also added to C-1042. How shall we talk? 1 By phone 2 At school 3 By text. 0 = a person."
        ]
    );
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=the blue jumper from tuesday"]
    );
    assert_eq!(
        story.hears("purple monkey dishwasher"),
        [
            "Sorry, I still don't understand. I have passed your words to the school office, who will contact you by Wed 2 Dec, 4pm."
        ]
    );
    assert_eq!(
        story.done(),
        ["hand-over case=case-1042 reason=tries words=purple monkey dishwasher"]
    );
}

#[test]
fn a_second_text_sent_before_the_question_is_added_and_costs_nothing() {
    let mut story = Story::new(facts());
    story.hears("im worried about sam, not sleeping");
    story.done();
    let says = story.plays(Input::Message {
        text: "and he says his tummy hurts".to_owned(),
        sealed: false,
        media: Vec::new(),
        before_question: true,
    });
    assert_eq!(says, Vec::<String>::new());
    assert_eq!(
        story.done(),
        ["add-to-case case=case-1042 words=and he says his tummy hurts"]
    );
    assert_eq!(story.waits_at().as_deref(), Some("concern.wish"));
    assert_eq!(story.conv().open.as_ref().unwrap().tries, 0);
}
