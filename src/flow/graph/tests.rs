use super::*;
use crate::fault::Sources;

fn picture(flow: &str, texts: &str) -> Picture {
    let flow = crate::flow::load::flow("flows/x.toml", flow).unwrap();
    let sources = Sources::from([("locales/en/x.ftl".to_owned(), texts.to_owned())]);
    let languages = Languages::load(&sources).unwrap();
    let flows = BTreeMap::from([("x".to_owned(), flow.clone())]);
    Picture::of(&flow, &flows, &languages, "en")
}

const FLOW: &str = r#"
title = "Tea & \"cake\""
start = "a"
[steps.a]
ask = "q"
save = "wish"
choices = [{ value = "call", label = "call", then = "b" }, { value = "text", label = "text", then = "w" }]
[steps.b]
do = { cancel = { meeting = "$m" } }
outcomes = { cancelled = "end" }
[steps.w]
when = [{ if = "not checked", then = "person" }, { then = "end" }]
[steps.person]
goto = "hand-over"
[steps.end]
end = true
"#;
const TEXTS: &str =
    "q = Is <it> \"so\" & { $who }? { $choices }.\ncall = Ring | me\ntext = Text [me]\n";

#[test]
fn a_flow_is_drawn_in_the_words_that_are_said() {
    insta::assert_snapshot!(picture(FLOW, TEXTS).mermaid(), @r#"
    ---
    title: "Tea & \"cake\""
    ---
    flowchart TD
      n0(["Start"])
      n1(["Is #60;it#62; #34;so#34; #38; #91;who#93;? 1 Ring #124; me 2 Text #91;me#93;."])
      n2[/"Calls off a meeting and tells those who were to come"/]
      n3(["The end"])
      n4{"checked?"}
      n5{{"A person takes over"}}
      n1 -->|"Ring #124; me"| n2
      n1 -->|"Text #91;me#93;"| n4
      n2 -->|"cancelled"| n3
      n4 -->|"no"| n5
      n4 -->|"yes"| n3
      n0 --> n1
    "#);
}

#[test]
fn what_is_said_cannot_break_the_picture() {
    let svg = picture(FLOW, TEXTS).svg();
    assert!(svg.contains("<title id=\"title\">Tea &amp; &quot;cake&quot;</title>"));
    assert!(svg.contains("&lt;it&gt; &quot;so&quot; &amp; [who]?"));
    assert!(!svg.contains("<it>") && !svg.contains("http://www.w3.org/1999"));
}

#[test]
fn the_same_flow_is_always_the_same_picture() {
    let first = picture(FLOW, TEXTS).svg();
    for _ in 0..5 {
        assert_eq!(picture(FLOW, TEXTS).svg(), first);
    }
}

#[test]
fn no_shipped_flow_has_boxes_that_overlap_or_arrows_through_them() {
    let bundle = Bundle::load(Bundle::embedded_sources()).unwrap();
    let tags: Vec<&str> = bundle.languages.tags().collect();
    let mut found = Vec::new();
    for flow in bundle.flows.values() {
        for tag in &tags {
            let faults = svg::overlaps(&Picture::new(flow, &bundle, tag));
            found.extend(
                faults
                    .into_iter()
                    .map(|f| format!("{} in {tag}: {f}", flow.name)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
