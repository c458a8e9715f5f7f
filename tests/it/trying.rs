//! A school for trying actions: each is done by a small flow written from its declaration, so that
//! every input and outcome that is declared is also what is taken and brought.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use jiff::civil::DateTime;
use schoolgate::config::Config;
use schoolgate::deployment::Parts;
use schoolgate::flow::action::{ALL, Kind, Spec};
use schoolgate::flow::value::{Item, Value, Values};
use schoolgate::settle::settle;
use schoolgate::store::{Case, Task};
use schoolgate::testing::Rig;

/// A flow that does one action with whatever it is given, and says the outcome and its values.
fn flow_of(spec: &Spec) -> (String, String) {
    let inputs: Vec<&str> = spec.inputs.iter().map(|i| i.name).collect();
    let optional = |name: &str| {
        let input = spec.inputs.iter().find(|i| i.name == name);
        if input.is_some_and(|i| i.optional) {
            "?"
        } else {
            ""
        }
    };
    let takes: Vec<String> = inputs
        .iter()
        .map(|i| format!("\"{i}{}\"", optional(i)))
        .collect();
    let gives: Vec<String> = inputs
        .iter()
        .map(|i| format!("{i} = \"${i}{}\"", optional(i)))
        .collect();
    let routes: Vec<String> = spec
        .outcomes
        .iter()
        .map(|o| format!("{} = \"{}\"", o.name, o.name))
        .collect();
    let name = spec.name;
    let mut flow = format!(
        "title = \"Try\"\nstart = \"do-it\"\ndesk = true\ntakes = [{}]\n\n[steps.do-it]\ndo = {{ {name} = {{ {} }} }}\noutcomes = {{ {} }}\n",
        takes.join(", "),
        gives.join(", "),
        routes.join(", "),
    );
    let mut texts = format!("topic-try-{name} = trying\nchoice-try-{name} = Trying\n");
    for out in spec.outcomes {
        write!(
            flow,
            "\n[steps.{0}]\nsay = \"try-{name}-{0}\"\nend = true\n",
            out.name
        )
        .unwrap();
        write!(texts, "try-{name}-{0} = {0}", out.name).unwrap();
        for (value, kind) in out.values {
            let shown =
                !value.ends_with('?') && !matches!(kind, Kind::List | Kind::Slots | Kind::Flag);
            if shown {
                write!(texts, " {{ ${value} }}").unwrap();
            }
        }
        texts.push('\n');
    }
    (flow, texts)
}

/// The demo school, in which a flow of its own does each action.
pub struct Try {
    /// The school.
    pub rig: Rig,
}

impl Try {
    /// The demo school on `database`, at `now`.
    pub async fn new(database: &str, now: DateTime) -> Self {
        static PARTS: OnceLock<(tempfile::TempDir, Arc<Parts>)> = OnceLock::new();
        let mut config = Config::demo().unwrap();
        let (_, parts) = PARTS.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let (flows, texts) = (folder.path().join("flows"), folder.path().join("locales"));
            std::fs::create_dir_all(&flows).unwrap();
            std::fs::create_dir_all(texts.join("en")).unwrap();
            for spec in ALL {
                let (flow, text) = flow_of(spec);
                std::fs::write(flows.join(format!("try-{}.toml", spec.name)), flow).unwrap();
                std::fs::write(texts.join(format!("en/try-{}.ftl", spec.name)), text).unwrap();
            }
            config.flows_dir = Some(flows);
            config.locales_dir = Some(texts);
            let parts = Parts::load(&config).unwrap_or_else(|e| panic!("{e}"));
            (folder, Arc::new(parts))
        });
        let zone = config.schools[0].calendar.zone.clone();
        let clock = schoolgate::clock::Clock::set(now.to_zoned(zone).unwrap().timestamp());
        let rig = Rig::with_parts(config, Arc::clone(parts), database, clock)
            .await
            .unwrap();
        Self { rig }
    }

    /// Does an action for somebody and gives what it said: the outcome and its values.
    pub async fn does(&self, who: &str, action: &str, inputs: &[(&str, Value)]) -> String {
        let before = self.rig.texts_to(who).await.unwrap().len();
        let given: Values = inputs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>();
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let school = self.rig.school().config.id.clone();
        let endpoint = self.rig.endpoint.id.clone();
        tx.hold_lane(&school, &endpoint, who).await.unwrap();
        let now = tx.now();
        let flow = format!("try-{action}");
        tx.cue(&school, &endpoint, who, None, &flow, None, &given, now)
            .await
            .unwrap();
        tx.save().await.unwrap();
        settle(&self.rig.d).await.unwrap();
        let texts = self.rig.texts_to(who).await.unwrap();
        texts
            .into_iter()
            .skip(before)
            .collect::<Vec<_>>()
            .join(" / ")
    }

    /// A case by its number.
    pub async fn case(&self, number: i64) -> Case {
        self.rig.case(&format!("C-{number}")).await.unwrap()
    }

    /// What is on the lists.
    pub async fn tasks(&self) -> Vec<Task> {
        let mut tx = self.rig.d.store.read().await.unwrap();
        tx.open_tasks(&self.rig.school().config.id).await.unwrap()
    }

    /// `copy office, interpreter office, phone mr-hughes`: what is on whose list.
    pub async fn lists(&self) -> String {
        let tasks = self.tasks().await;
        let line = |t: &Task| format!("{} {}", t.kind, t.staff.as_ref().unwrap_or(&t.role));
        tasks.iter().map(line).collect::<Vec<_>>().join(", ")
    }

    /// Who is told of a case, as what and when.
    pub async fn told(&self, case: &Case) -> String {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let school = self.rig.school();
        let notices = tx.notices_of(case.id).await.unwrap();
        let line = |n: &schoolgate::store::Notice| {
            let at = n.sent_at.or(n.next_at).unwrap();
            let at = school.local(at.timestamp()).strftime("%a %-d %b %H:%M");
            format!("{} {} {at}", n.staff, n.kind)
        };
        notices.iter().map(line).collect::<Vec<_>>().join(", ")
    }

    /// The words of a case's chronology, kind by kind.
    pub async fn holds(&self, case: &Case) -> String {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let entries = tx.chronology(case.id).await.unwrap();
        let kept = entries.iter().filter(|e| e.kind != "message-out");
        kept.map(|e| format!("{}: {}", e.kind, e.words().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(" | ")
    }
}

/// Words.
pub fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// One thing with an id.
pub fn item(id: &str) -> Value {
    Value::Item(Item {
        id: id.to_owned(),
        label: id.to_owned(),
    })
}
