//! Meetings: offered, booked, moved, called off, and gone meanwhile.

use super::*;

#[test]
fn a_meeting_is_offered_and_booked() {
    let mut story = Story::new(facts());
    assert_eq!(
        story.hears("can i book a meeting please"),
        [
            "Mrs Cole can see you on: 1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am 3 By phone Wed 9 Dec 3.30pm 4 Other times. We have 30 minutes. 0 = a person."
        ]
    );
    assert_eq!(
        story.hears("1"),
        [
            "Booked: Thu 3 Dec, 3.30pm, with Mrs Cole, at school, for 30 minutes. You can bring someone with you. To change it, reply CHANGE."
        ]
    );
    assert_eq!(
        story.done(),
        [
            "find-slots kind=meeting pupil=pupil-sam",
            "book pupil=pupil-sam slot=slot-1 words=can i book a meeting please",
        ]
    );
}

#[test]
fn a_day_is_as_good_as_a_number() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.done();
    story.hears("monday is best");
    assert_eq!(
        story.done(),
        ["book pupil=pupil-sam slot=slot-2 words=can i book a meeting please"]
    );
}

#[test]
fn a_time_that_went_meanwhile_is_not_booked_and_new_ones_are_offered() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.will("book", "gone", Values::new());
    let says = story.hears("1");
    assert_eq!(says[0], "Sorry, that time has just gone.");
    assert!(
        says[1].starts_with("Mrs Cole can see you on: 1 "),
        "{says:?}"
    );
    assert!(story.hears("2")[0].starts_with("Booked: "));
}

#[test]
fn other_times_are_words_for_a_person() {
    let mut story = Story::new(facts());
    story.hears("can i book a meeting please");
    story.hears("4");
    story.done();
    assert_eq!(
        story.hears("only fridays after 5, i work"),
        [
            "Thank you. The school office will text you about a time by Wed 2 Dec, 4pm. Your reference is C-1042."
        ]
    );
    assert_eq!(
        story.done(),
        ["hand-over reason=times for a meeting words=only fridays after 5, i work"]
    );
}

#[test]
fn change_moves_a_meeting() {
    let mut story = Story::new(facts());
    assert_eq!(
        story.hears("CHANGE"),
        [
            "Your meeting is on Thu 3 Dec, 3.30pm, with Mrs Cole. What would you like? 1 Another time 2 Call it off 3 Keep it. 0 = a person."
        ]
    );
    story.hears("1");
    story.hears("2");
    assert_eq!(
        story.done(),
        [
            "find-meetings ",
            "find-slots kind=meeting replaces=meeting-1",
            "book replaces=meeting-1 slot=slot-2",
        ]
    );
}

#[test]
fn a_meeting_is_called_off_after_a_question() {
    let mut story = Story::new(facts());
    assert_eq!(
        story.hears("i need to cancel the meeting on thursday"),
        ["Your meeting is on Thu 3 Dec, 3.30pm, with Mrs Cole. Shall we call it off? 1 Yes 2 No"]
    );
    assert_eq!(
        story.hears("yes"),
        [
            "Your meeting on Thu 3 Dec, 3.30pm is called off, and school has been told. To book another, reply MEETING."
        ]
    );
    assert_eq!(story.done(), ["find-meetings ", "cancel meeting=meeting-1"]);
    assert!(story.hears("MEETING")[0].starts_with("Mrs Cole can see you on"));
}

#[test]
fn one_of_several_meetings_is_picked_first() {
    let mut story = Story::new(facts());
    story.will("find-meetings", "many", values([("meetings", slots())]));
    assert_eq!(
        story.hears("CHANGE"),
        [
            "Which meeting? 1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am 3 By phone Wed 9 Dec 3.30pm. 0 = a person."
        ]
    );
    assert_eq!(
        story.hears("2"),
        [
            "Your meeting: Mon 7 Dec 8.40am. What would you like? 1 Another time 2 Call it off 3 Keep it. 0 = a person."
        ]
    );
    story.done();
    story.hears("call it off");
    assert_eq!(story.done(), ["cancel meeting=slot-2"]);
}

#[test]
fn an_adult_who_is_not_checked_gets_the_same_two_texts_and_no_times() {
    let mut story = Story::new(unchecked());
    assert_eq!(
        story.hears("Hi its Leos dad mark reed. I want a meeting with his teacher and the SEN lady. nobody tells me anything"),
        ["Thank you for asking. The office will text you about a meeting by Wed 2 Dec, 4pm. For free SEND advice, independent of school, reply 4. A person: 0."]
    );
    assert_eq!(
        story.hears("why cant i just book im his DAD"),
        [
            "A person at school looks at requests like this before we book. You will hear by Wed 2 Dec, 4pm. To talk to the office, ring 020 7946 0123."
        ]
    );
    assert_eq!(
        story.done(),
        [
            "open-case kind=meeting words=Hi its Leos dad mark reed. I want a meeting with his teacher and the SEN lady. nobody tells me anything",
            "add-to-case case=case-1042 words=why cant i just book im his DAD",
        ]
    );
}

#[test]
fn the_number_in_that_text_still_means_what_it_says() {
    let mut story = Story::new(unchecked());
    story.hears("I want a meeting with his teacher");
    assert!(story.hears("4")[0].starts_with("Which council do you live in?"));
    story.done();
    story.hears("camden");
    assert_eq!(story.done(), ["find-service council=camden kind=sendiass"]);
}

#[test]
fn after_the_office_released_it_a_meeting_is_offered_and_more_words_are_kept() {
    let mut story = Story::new(facts());
    let both = || Value::Everyone(names(&["Mrs Okafor", "Mrs Cole"]));
    let found = values([
        ("slots", slots()),
        ("who", both()),
        ("minutes", Value::Number(30)),
    ]);
    story.will("find-slots", "found", found);
    let booked = values([
        (
            "meeting",
            Value::Item(item("meeting-9", "Wed 9 Dec 3.30pm")),
        ),
        ("at", Value::When(date(2026, 12, 9).at(15, 30, 0, 0))),
        ("who", both()),
        ("minutes", Value::Number(30)),
        ("mode", text("phone")),
    ]);
    story.will("book", "booked", booked);
    let says = story.plays(Input::Begin {
        flow: "released-meeting".to_owned(),
        entry: None,
        with: values([("case", Value::Item(item("case-1050", "C-1050")))]),
    });
    assert_eq!(
        says,
        [
            "Your own meeting, Mrs Okafor and Mrs Cole: 1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am 3 By phone Wed 9 Dec 3.30pm 4 Other times. 0 = a person."
        ]
    );
    story.done();
    let says = story.hears("3. whats sarah been saying about me");
    assert_eq!(
        says[0],
        "Booked: Wed 9 Dec, 3.30pm. Mrs Okafor and Mrs Cole will ring you on this phone. To change it, reply CHANGE."
    );
    assert_eq!(
        story.done(),
        [
            "book case=case-1050 slot=slot-3",
            "add-to-case case=case-1050 words=whats sarah been saying about me",
        ]
    );
}
