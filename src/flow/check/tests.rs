//! Broken flows, and what is said about each.

use crate::fault::Severity;
use crate::flow::bundle::Bundle;

/// The errors of the service's own flows with one more file.
fn check_with(path: &str, source: &str) -> String {
    let mut sources = Bundle::embedded_sources();
    sources.retain(|path, _| !path.starts_with("locales/") || path.starts_with("locales/en/"));
    sources.insert(path.to_owned(), source.trim_start().to_owned());
    let (_, faults) = Bundle::load_with_warnings(sources.clone());
    faults
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .map(|f| f.render(&sources))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A flow `x` of these steps; its texts are borrowed from others.
fn check(steps: &str) -> String {
    let flow = format!(
        "title = \"X\"\nstart = \"a\"\nbrief = true\n{}",
        steps.trim_start()
    );
    check_with("flows/x.toml", &flow)
}

#[test]
fn a_step_that_does_not_exist() {
    insta::assert_snapshot!(check(r#"
[steps.a]
say = "also-added"
then = "wrods"
[steps.words]
end = true
"#), @r#"
        error: there is no step `wrods`
         --> flows/x.toml:6:8
          |
        6 | then = "wrods"
          |        ^^^^^^^ did you mean `words`?
        "#);
}

#[test]
fn a_flow_an_entry_or_something_it_needs_that_does_not_exist() {
    insta::assert_snapshot!(check(r#"
[steps.a]
when = [{ if = "open", then = "b" }, { then = "c" }]
[steps.b]
goto = "meating"
[steps.c]
call = { flow = "meeting", entry = "chnage", with = { chidl = "$child?" } }
then = "d"
[steps.d]
goto = "ring-ok"
"#), @r#"
        error: there is no flow `meating`
         --> flows/x.toml:7:8
          |
        7 | goto = "meating"
          |        ^^^^^^^^^ did you mean `meeting`?
        error: the flow `meeting` has no entry `chnage`
         --> flows/x.toml:9:36
          |
        9 | call = { flow = "meeting", entry = "chnage", with = { chidl = "$child?" } }
          |                                    ^^^^^^^^ did you mean `change`?
        error: the flow `meeting` does not take `chidl`
         --> flows/x.toml:9:55
          |
        9 | call = { flow = "meeting", entry = "chnage", with = { chidl = "$child?" } }
          |                                                       ^^^^^ did you mean `child`?
        error: the flow `ring-ok` needs `who`
          --> flows/x.toml:12:8
           |
        12 | goto = "ring-ok"
           |        ^^^^^^^^^ add with = { who = "$who" }
        error: the flow `ring-ok` needs `by`
          --> flows/x.toml:12:8
           |
        12 | goto = "ring-ok"
           |        ^^^^^^^^^ add with = { by = "$by" }
        error: the flow `ring-ok` needs `today`
          --> flows/x.toml:12:8
           |
        12 | goto = "ring-ok"
           |        ^^^^^^^^^ add with = { today = "$today" }
        "#);
}

#[test]
fn a_text_that_does_not_exist() {
    insta::assert_snapshot!(check(r#"
[steps.a]
say = "concern-recepit"
end = true
"#), @r#"
        error: there is no text `concern-recepit` in locales/en
         --> flows/x.toml:5:7
          |
        5 | say = "concern-recepit"
          |       ^^^^^^^^^^^^^^^^^ did you mean `concern-receipt`?
        "#);
}

#[test]
fn an_action_an_input_or_an_outcome_that_does_not_exist() {
    insta::assert_snapshot!(check(r#"
[steps.a]
do = { open-csae = { kind = "concern" } }
[steps.b]
do = { cancel = { meting = "$child?" } }
outcomes = { canceled = "c" }
[steps.c]
end = true
"#), @r#"
        error: there is no action `open-csae`
         --> flows/x.toml:5:8
          |
        5 | do = { open-csae = { kind = "concern" } }
          |        ^^^^^^^^^ did you mean `open-case`?
        error: `cancel` needs `meeting`
         --> flows/x.toml:7:8
          |
        7 | do = { cancel = { meting = "$child?" } }
          |        ^^^^^^ for example: do = { cancel = { meeting = "$meeting" } }
        error: `cancel` can come out as `cancelled`, which leads nowhere
         --> flows/x.toml:7:8
          |
        7 | do = { cancel = { meting = "$child?" } }
          |        ^^^^^^ add cancelled = "…" to `outcomes`
        error: `cancel` takes no `meting`
         --> flows/x.toml:7:19
          |
        7 | do = { cancel = { meting = "$child?" } }
          |                   ^^^^^^ did you mean `meeting`?
        error: `cancel` never comes out as `canceled`
         --> flows/x.toml:8:14
          |
        8 | outcomes = { canceled = "c" }
          |              ^^^^^^^^ did you mean `cancelled`?
        "#);
}

#[test]
fn an_outcome_that_leads_nowhere() {
    insta::assert_snapshot!(check(r#"
[steps.a]
do = { case-status = { number = 7 } }
outcomes = { known = "b" }
[steps.b]
end = true
"#), @r#"
        error: `case-status` can come out as `unknown`, which leads nowhere
         --> flows/x.toml:5:8
          |
        5 | do = { case-status = { number = 7 } }
          |        ^^^^^^^^^^^ add unknown = "…" to `outcomes`
        "#);
}

#[test]
fn a_name_that_nothing_sets() {
    insta::assert_snapshot!(check(r#"
[steps.a]
skip-if = "chekced"
ask = "concern-words"
expect = "text"
save = "words"
then = "b"
[steps.b]
end = true
"#), @r#"
        error: nothing sets `chekced`
         --> flows/x.toml:5:11
          |
        5 | skip-if = "chekced"
          |           ^^^^^^^^^ did you mean `checked`?
        "#);
}

#[test]
fn a_name_that_is_not_set_on_every_path() {
    insta::assert_snapshot!(check(r#"
[steps.a]
when = [{ if = "open", then = "b" }, { then = "c" }]
[steps.b]
ask = "concern-words"
expect = "text"
save = "wish"
then = "c"
[steps.c]
do = { pass-on = { words = "$wish" } }
outcomes = { passed = "d" }
[steps.d]
say = "also-added"
end = true
"#), @r#"
        error: `wish` is not set on every path to `c`
          --> flows/x.toml:12:28
           |
        12 | do = { pass-on = { words = "$wish" } }
           |                            ^^^^^^^ set it on every path, or write "$wish?" if it may be missing
        error: the text `also-added` (en) uses `case`, which is never set in the flow of step `d`
          --> flows/x.toml:15:7
           |
        15 | say = "also-added"
           |       ^^^^^^^^^^^^ known here: checked, children, children-listed, digression, has-passport, head, interpreter, may-ring, office-phone, open, opens, school, sealed, senco, senco-hours, staff
        "#);
}

#[test]
fn a_step_nobody_reaches_and_one_nobody_leaves() {
    insta::assert_snapshot!(check(r#"
[steps.a]
end = true
[steps.b]
ask = "concern-words"
expect = "text"
then = "b"
"#), @r#"
        error: no step leads to `b`
         --> flows/x.toml:6:8
          |
        6 | [steps.b]
          |        ^ lead to it, or remove it
        error: from `b` neither an end nor a person can be reached
         --> flows/x.toml:6:8
          |
        6 | [steps.b]
          |        ^ lead to a step with `end = true`, or `goto = "hand-over"`
        "#);
}

#[test]
fn a_loop_that_never_waits() {
    insta::assert_snapshot!(check(r#"
[steps.a]
when = [{ if = "open", then = "b" }, { then = "c" }]
[steps.b]
say = "not-understood"
then = "a"
[steps.c]
end = true
"#), @r#"
        error: `a` is part of a loop that never waits for the person
         --> flows/x.toml:4:8
          |
        4 | [steps.a]
          |        ^ ask something in the loop, or lead out of it
        error: `b` is part of a loop that never waits for the person
         --> flows/x.toml:6:8
          |
        6 | [steps.b]
          |        ^ ask something in the loop, or lead out of it
        "#);
}

#[test]
fn a_step_that_leads_nowhere() {
    insta::assert_snapshot!(check(r#"
[steps.a]
when = [{ if = "open", then = "b" }]
[steps.b]
say = "not-understood"
"#), @r#"
        error: step `a` leads nowhere when no branch holds
         --> flows/x.toml:4:8
          |
        4 | [steps.a]
          |        ^ add a last branch without `if`, or `then`
        error: step `b` leads nowhere
         --> flows/x.toml:6:8
          |
        6 | [steps.b]
          |        ^ add `then = "…"`, or `end = true`
        "#);
}

#[test]
fn choices_that_cannot_be_told_apart() {
    insta::assert_snapshot!(check(r#"
[steps.a]
ask = "concern-wish"
save = "wish"
choices = [{ value = "one", label = "choice-call", then = "b" }, { value = "two", label = "choice-call", then = "b" }]
[steps.b]
end = true
"#), @r#"
        error: "By phone" (en) chooses both `one` and `two`
         --> flows/x.toml:7:76
          |
        7 | choices = [{ value = "one", label = "choice-call", then = "b" }, { value = "two", label = "choice-call", then = "b" }]
          |                                                                            ^^^^^ use another label or synonym for one of them
        "#);
}

#[test]
fn a_text_that_asks_for_a_word_carriers_take() {
    insta::assert_snapshot!(check_with("locales/en/own.ftl", r#"
own-bye = To end this, text STOP to us.
own-fine = Reply CHANGE. We stop at 4.
"#), @r#"
        error: the text `own-bye` tells people to send STOP, which carriers take for themselves
         --> locales/en/own.ftl:1:1
          |
        1 | own-bye = To end this, text STOP to us.
          | ^^^^^^^ use a number, or a word such as CHANGE
        "#);
}

#[test]
fn a_text_the_service_says_by_itself_with_a_value_it_does_not_have() {
    let mut sources = Bundle::embedded_sources();
    let common = sources.get_mut("locales/en/common.ftl").unwrap();
    *common = common.replace(
        "also-added = It is also added to { $case }.",
        "also-added = Added to { $csae }.",
    );
    let (_, faults) = Bundle::load_with_warnings(sources.clone());
    let shown: Vec<String> = faults
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .map(|f| f.render(&sources))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
        error: the text `also-added` (en) uses `csae`, which is never set in the flow of step `joined`
          --> flows/concern.toml:43:7
           |
        43 | say = "also-added"
           |       ^^^^^^^^^^^^ did you mean `case`?
        error: the text `also-added` (en) uses `csae`, which is never set in the flow of step `unchecked-added`
           --> flows/meeting.toml:229:7
            |
        229 | say = "also-added"
            |       ^^^^^^^^^^^^ did you mean `case`?
        error: the text `also-added` (en) uses `csae`, which is never set in the flow of step `joined`
          --> flows/record.toml:27:7
           |
        27 | say = "also-added"
           |       ^^^^^^^^^^^^ did you mean `case`?
        error: the text `also-added` (en) uses `csae`, which is never set in the flow of step `added`
          --> flows/records.toml:79:7
           |
        79 | say = "also-added"
           |       ^^^^^^^^^^^^ did you mean `case`?
        error: the text `also-added` uses `csae`, which it is not given
          --> locales/en/common.ftl:54:1
           |
        54 | also-added = Added to { $csae }.
           | ^^^^^^^^^^ did you mean `case`?
    "#);
}

#[test]
fn a_text_missing_in_another_language_is_a_warning() {
    let mut sources = Bundle::embedded_sources();
    sources.insert(
        "locales/xx/menu.ftl".to_owned(),
        "language-name = Xish\n".to_owned(),
    );
    let (bundle, faults) = Bundle::load_with_warnings(sources.clone());
    assert!(bundle.is_some());
    let first = faults
        .iter()
        .find(|f| f.message.contains("`menu-again`"))
        .unwrap();
    insta::assert_snapshot!(first.render(&sources), @r#"
        warning: `menu-again` is not in xx yet: it is said in English
         --> locales/en/menu.ftl:2:1
          |
        2 | menu-again = Sorry, I did not understand. { $choices }. 0 a person. In danger now? Ring 999.
          | ^^^^^^^^^^ add it to a file in locales/xx
        "#);
}

#[test]
fn a_service_without_a_menu_or_a_person_is_none() {
    let mut sources = Bundle::embedded_sources();
    sources.remove("flows/hand-over.toml");
    let (bundle, faults) = Bundle::load_with_warnings(sources);
    assert!(bundle.is_none());
    assert!(
        faults
            .iter()
            .any(|f| f.message == "there is no flow `hand-over`")
    );
}

#[test]
fn a_reminder_that_would_come_too_late() {
    insta::assert_snapshot!(check(r#"
[steps.a]
ask = "concern-words"
expect = "text"
save = "said"
expires = "1 day"
nudge = "24 hours"
then = "b"
[steps.b]
end = true
"#), @r#"
        error: the reminder would come after the question has expired
         --> flows/x.toml:9:9
          |
        9 | nudge = "24 hours"
          |         ^^^^^^^^^^ remind sooner, or let the question stand longer with `expires`
        "#);
}
