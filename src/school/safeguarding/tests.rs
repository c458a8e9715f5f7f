use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use super::Risk::{CrisisAdult, Review, Staff, Unread, Urgent, YoungPerson};
use super::*;

fn locale(tag: &str) -> String {
    file(&format!("locales/{tag}/reading.toml"))
}

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

static SCREEN: LazyLock<Screen> = LazyLock::new(|| {
    let mut files = Vec::new();
    for tag in ["en", "pl"] {
        for name in ["reading.toml", "examples.toml", "screen-examples.toml"] {
            let path = format!("locales/{tag}/{name}");
            files.push((tag, path.clone(), file(&path)));
        }
    }
    let sources: Vec<(&str, &str, &str)> = files
        .iter()
        .map(|(tag, path, text)| (*tag, path.as_str(), text.as_str()))
        .collect();
    match Screen::load(&sources) {
        Ok(screen) => screen,
        Err(faults) => {
            let files = sources
                .iter()
                .map(|(_, path, text)| ((*path).to_owned(), (*text).to_owned()));
            let files = files.collect();
            let shown: Vec<String> = faults.iter().map(|fault| fault.render(&files)).collect();
            panic!("{}", shown.join("\n\n"));
        }
    }
});

fn staff() -> Vec<StaffName> {
    [
        ("Mr Lewis", "class teacher"),
        ("Mr Grant", "deputy safeguarding lead"),
        ("Ms Park", "office"),
        ("Mr Wright", "head teacher"),
    ]
    .map(|(name, role)| StaffName {
        name: name.to_owned(),
        role_words: vec![role.to_owned()],
    })
    .to_vec()
}

fn screened(text: &str) -> BTreeSet<Risk> {
    SCREEN.verdict(text, false, &staff()).set
}

/// All the texts that lack a risk, so that one run shows every miss.
fn all_have(risk: Risk, texts: &[&str]) {
    let missed: Vec<&&str> = texts
        .iter()
        .filter(|text| !screened(text).contains(&risk))
        .collect();
    assert!(missed.is_empty(), "not {risk:?}: {missed:#?}");
}

#[test]
fn danger_now_is_urgent() {
    all_have(
        Urgent,
        &[
            "STOP he is going to kill us",
            "he's hitting us right now",
            "hes locked me and the kids in and taken my phone",
            "She has taken a load of my tablets",
            "he took 20 paracetamol",
            "hes drunk bleach",
            "my mum isnt breathing",
            "she wont wake up",
            "he says he has a knife in his bag",
            "he came at me with a knife",
            "threatened me with a hammer",
            "my husband will kill me if he finds out",
            "he says that dad will kill us",
            "my son has just said hes going to jump out the window",
            "he keeps saying he wants to die",
            "she talks about killing herself",
            "shes left a note saying goodbye",
            "my daughter cut her wrists",
            "im hiding in the bathroom with the kids",
            "my boy is missing",
            "she ran away last night and isnt back",
            "her dad wont give her back",
            "ambulance please",
            "she has run off and i dont know where she is",
            "my little boy swallowed a battery",
            "we are hiding upstairs he has a hammer",
            "my son is threatening his sister with a kitchen knife",
            "on ma noz i grozi ze nas zabije",
            "Córka połknęła tabletki",
            "pomocy on nas bije",
            "syn nie oddycha",
            "syn chce się zabić",
        ],
    );
}

#[test]
fn what_is_disclosed_or_points_to_harm_is_reviewed() {
    all_have(
        Review,
        &[
            "my partner hits me and my son saw it last night",
            "my stepdad punched my brother",
            "dad really hit him",
            "daddy hurt my tummy she told me",
            "they beat him with a belt",
            "he hit her head against the wall",
            "he threw her against the wall",
            "there's bruises on her arms and she wont say how",
            "my daughter told me her uncle touches her",
            "uncle touched her down there",
            "mums boyfriend comes in my room at night",
            "someone on snapchat asked her for pics",
            "nudes of her are going round year 9",
            "dont tell anyone but dad drinks and drives us to school",
            "mum is drunk all the time",
            "my brother has weed and sells it",
            "my 8 yr old is home alone every day till 6",
            "theres no food in till friday and the kids havent eaten since yesterday",
            "family want to take my niece abroad to get married shes 15",
            "they are taking her to be cut in the summer holidays",
            "her periods have started and they want her cut",
            "today he say boys hit him in toilet",
            "mr hughes said some boys hit him in the toilet",
            "i told mrs cole that his dad hits him",
            "kai says dont leave me with the taxi man no more",
            "scared of the man next door",
            "a man in a white van tried to talk to the girls outside school",
            "found a razor blade in his room",
            "she has scratches all up her arms under her sleeves",
            "i hit my son",
            "a group of lads robbed him",
            "she is talking to a 40 year old man on discord",
            "my sons dad has been sending threatening messages to me",
            "my ex keeps turning up at the house and banging on the door",
        ],
    );
    all_have(
        Review,
        &[
            "Mój mąż bije syna. Boję się.",
            "Moj maz bije syna. Boje sie.",
            "corka mowi ze wujek ja dotyka",
            "syn ma siniaki na plecach",
            "tnie sie po rekach",
            "mama pije i nie ma co jesc",
            "tata jeździ po pijaku z dziećmi",
            "chłopcy biją go w toalecie",
        ],
    );
}

#[test]
fn few_words_are_enough() {
    for (text, risk) in [
        ("he hits me", Review),
        ("uncle touches me", Review),
        ("self harm", Review),
        ("help hes got a knife", Urgent),
        ("overdose", Urgent),
        ("suicidal", Urgent),
        ("on mnie bije", Review),
    ] {
        assert!(
            screened(text).contains(&risk),
            "{text}: {:?}",
            screened(text)
        );
    }
}

#[test]
fn harm_by_staff_is_about_staff_and_manner_is_not() {
    all_have(
        Staff,
        &[
            "Mr Grant slapped him",
            "a dinner lady slapped him",
            "I need to report the headteacher, he pushed my child",
            "the TA grabbed his arm and left a mark",
            "my child says miss nair pushed her over",
            "teacher keeps messaging my daughter on instagram",
            "i saw mr lewis hit him",
            "mr lewis put his hands round his neck",
            "she was alone with mr lewis",
            "she has a bruise from mr lewis",
            "touched by the teacher",
            "sir touched me",
            "lewis hit sam today",
            "miss pushed me",
            "one of the tas swore at him and dragged him out of the room",
            "mr baker took photos of her on his phone",
            "my son said his teacher hit him with a ruler",
            "one of your staff dragged him down the corridor",
            "nauczyciel uderzył moje dziecko",
            "pan Lewis szarpał syna",
        ],
    );
    for manner in [
        "mr lewis shouted at kai",
        "mr hughes said some boys hit him in the toilet",
        "mrs cole has really pushed him with his reading",
        "mr lewis messaged me about the trip",
        "kai kicked his teacher",
        "a boy hit him at the park",
    ] {
        assert!(!screened(manner).contains(&Staff), "{manner}");
    }
}

#[test]
fn who_may_be_a_child_or_a_teacher_is_both() {
    let set = screened("grant hit him again");
    assert_eq!(set, BTreeSet::from([Review, Staff]));
    assert_eq!(screened("Mr Grant slapped him"), BTreeSet::from([Staff]));
    let both = screened("Mr Grant slapped him. his dad hits him too");
    assert_eq!(both, BTreeSet::from([Review, Staff]));
}

#[test]
fn the_adults_own_crisis() {
    all_have(
        CrisisAdult,
        &[
            "i cant do this any more i dont want to be here",
            "honestly i cant go on",
            "they would be better off without me",
            "im having thoughts of killing myself",
            "i want to die",
            "i feel like ending it",
            "i dont think i can keep going",
            "ive had enough of life",
            "I'm scared I'm going to hurt her",
            "nie chce mi sie zyc",
        ],
    );
    assert!(screened("I'm scared I'm going to hurt her").contains(&Review));
    for text in [
        "im so tired i cant cope with all these forms",
        "this form is killing me",
    ] {
        assert!(!screened(text).contains(&CrisisAdult), "{text}");
    }
}

#[test]
fn a_pupil_is_noticed() {
    all_have(
        YoungPerson,
        &[
            "im in year 9 and i dont feel safe at home",
            "I'm 16, can I talk to someone about my own plan",
            "im 12",
            "i am a pupil at your school",
            "can you not tell my mum but im being bullied in 8B",
            "mam 12 lat i boje sie wracac do domu",
        ],
    );
    for text in [
        "my son is in year 9",
        "he is 12",
        "im 42 and tired",
        "i am 16 weeks pregnant",
    ] {
        assert!(!screened(text).contains(&YoungPerson), "{text}");
    }
}

#[test]
fn sayings_games_and_accidents_alert_nobody() {
    let alarms: Vec<(&str, Vec<String>)> = [
        "he said the maths test killed him lol",
        "can he bring a butter knife for the sandwich workshop",
        "he can use a knife and fork now",
        "hes been attacked by nits again",
        "he is dying to come back after half term",
        "he's on fire with his spellings this week",
        "we are doing a murder mystery night for the PTA",
        "that homework was torture",
        "my feet are killing me",
        "i could murder a cup of tea",
        "he had his tooth out so theres blood on his coat dont worry",
        "he fell off the trampoline at home and has a bruise on his shin, just so you know",
        "he bumped his head at home last night",
        "he wants to kill me at chess lol",
        "shes been beaten at chess",
        "he beat his dad at mario kart",
        "sam was hit by a ball at lunch",
        "he got hurt at playtime and nobody told me",
        "she is scared of the dark",
        "can i shoot you an email",
        "i will kill him when he gets home lol forgot his bag again",
        "the pe kit killed the washing machine",
        "he loves killing zombies on his game",
        "Mr Hughes pushed him to do better and its worked",
        "he got a black eye playing rugby",
        "mr hughes is taking them to the museum",
        "thanks for keeping in touch",
        "Do you do a workshop on online safety or sexting",
        "he is starving when he comes out can he have a snack",
        "he needs to bring a hammer for DT",
        "is there help for kids whose grandad died",
        "im worried about sam, not sleeping",
        "whats your safeguarding policy",
        "umieram ze śmiechu",
        "pobił rekord szkoły",
        "",
        "ok",
        "😡😡😡",
    ]
    .into_iter()
    .map(|text| (text, SCREEN.verdict(text, false, &staff()).why))
    .filter(|(_, why)| !why.is_empty())
    .collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn a_saying_does_not_hide_what_stands_beside_it() {
    all_have(
        Review,
        &[
            "attacked by nits again and his dad hit him",
            "the maths test killed him lol. uncle punched him",
            "he beat his dad at mario kart so his dad beat him with a belt",
        ],
    );
}

#[test]
fn what_nearly_alerted_is_kept_for_the_skim() {
    let verdict = SCREEN.verdict(
        "he cry say no school. i scare for him. pls help",
        false,
        &[],
    );
    assert!(verdict.set.is_empty() && verdict.near_miss);
    assert!(
        !SCREEN
            .verdict("what time is football", false, &[])
            .near_miss
    );
    assert!(
        !SCREEN.verdict("he hits me", false, &[]).near_miss,
        "it alerted"
    );
}

#[test]
fn what_no_language_reads_is_unread() {
    all_have(
        Unread,
        &[
            "میں اپنے بیٹے کے بارے میں پریشان ہوں",
            "ਮੈਨੂੰ ਆਪਣੇ ਪੁੱਤਰ ਦੀ ਚਿੰਤਾ ਹੈ",
            "我很担心我的孩子",
            "mera beta school nahi jana chahta",
            "waan ka walaacsanahay wiilkayga",
            "Good morning. Copilul meu a fost bătut la școală de un profesor",
        ],
    );
    for text in [
        "ok",
        "jayden",
        "Ayaan Warsame",
        "07700 900101",
        "😡😡😡",
        "thx c u tmrw",
        "اردو",
        "hes bin realy upsett abt skool n dosnt wana go",
        "Dzień dobry, martwię się o Zofię",
        "wot time is footy club 2day",
        "hello my english no good. sam not sleep not eat",
    ] {
        assert!(!screened(text).contains(&Unread), "{text}");
    }
    let photo = SCREEN.verdict("", true, &[]);
    assert_eq!(photo.words(), "unread");
    assert_eq!(
        SCREEN.verdict("sams spelling list", true, &[]).words(),
        "none"
    );
}

#[test]
fn a_language_nobody_reads_is_named_only_beyond_doubt() {
    let said = |text: &str| SCREEN.verdict(text, false, &[]).language;
    for (text, language) in [
        ("ਮੈਨੂੰ ਆਪਣੇ ਪੁੱਤਰ ਦੀ ਚਿੰਤਾ ਹੈ", "pan"),
        ("હું મારા દીકરા માટે ચિંતિત છું", "guj"),
        ("আমি শিক্ষকের সাথে দেখা করতে চাই", "ben"),
        ("میں اپنے بیٹے کے بارے میں پریشان ہوں", "urd"),
        (
            "Я дуже хвилююся за свого сина, він не хоче йти до школи",
            "ukr",
        ),
        (
            "Bună ziua, sunt foarte îngrijorată pentru fiul meu, nu mai vrea la școală",
            "ron",
        ),
    ] {
        assert_eq!(said(text).as_deref(), Some(language), "{text}");
    }
    // Languages that the library does not know are not to be called by another's name.
    for text in [
        "waan ka walaacsanahay wiilkayga, ma hurdo oo ma cuno",
        "Fadlan i caawi, aad ayaan u baqayaa",
        "Jam i shqetësuar për djalin tim, nuk dëshiron të shkojë në shkollë",
        "Ez ji bo kurê xwe pir bi fikar im, ew naxwaze here dibistanê",
        "mera beta school nahi jana chahta wo bohat rota hai",
        "زه د خپل زوی لپاره ډېر اندېښمن یم",
        "mo n dààmú nípa ọmọ mi, kò fẹ́ lọ sí ilé ìwé",
    ] {
        assert_eq!(said(text), None, "{text}");
    }
}

#[test]
fn who_is_named_is_known_by_surname_or_role() {
    for (text, named) in [
        ("mr lewis shouted", vec![0]),
        ("Lewis shouted at him", vec![0]),
        ("the headteacher, he pushed my child", vec![3]),
        ("class teacher and mr grant", vec![0, 1]),
        ("he fell at the park", vec![]),
        ("then Park slapped him", vec![2]),
        ("ms park slapped him", vec![2]),
    ] {
        assert_eq!(SCREEN.staff_named(text, &staff()), named, "{text}");
    }
}

#[test]
fn nothing_breaks_it() {
    let long = "he said that the other boys were there and ".repeat(240);
    for text in [
        "",
        " ",
        "\0",
        "a\0b",
        "....",
        "~",
        "« »",
        "(((",
        long.as_str(),
        &"😀".repeat(3000),
        &"ą".repeat(10_000),
    ] {
        SCREEN.verdict(text, false, &staff());
    }
    let buried = format!("{long} his uncle touches him");
    assert!(screened(&buried).contains(&Review));
}

#[test]
fn a_mistake_in_the_file_is_shown_where_it_is() {
    let source = "[words]\nkid = ['son']\n[screen]\nknow = []\n[screen.urgent]\nbad = ['(']\nnobody = ['<kids> hurt']\n";
    let faults = Screen::load(&[("en", "reading.toml", source)]).unwrap_err();
    let files = [("reading.toml".to_owned(), source.to_owned())]
        .into_iter()
        .collect();
    let shown: Vec<(usize, &str)> = faults
        .iter()
        .map(|fault| (fault.line(&files).unwrap(), fault.remedy.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (4, "did you mean `known`?"),
            (6, "unclosed group"),
            (7, "did you mean `kid`?"),
        ]
    );
    assert!(
        Screen::load(&[("en", "reading.toml", "")]).is_err(),
        "no screen at all"
    );
}

#[test]
fn the_opening_messages_of_parents() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/parents_say.tsv");
    let Ok(rows) = std::fs::read_to_string(path) else {
        println!("passes unread: parents_say.tsv is not here");
        return;
    };
    let mut wrong = Vec::new();
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [text, language, expected] = cells[..] else {
            panic!("not three cells: {row}");
        };
        let verdict = SCREEN.verdict(text, false, &staff());
        let read = matches!(language, "en" | "pl");
        let risky = expected.starts_with("safeguarding")
            || expected.starts_with("crisis")
            || expected == "young_person";
        let right = if risky {
            let risk = Risk::from_word(expected.trim_start_matches("safeguarding_"));
            risk.is_some_and(|risk| verdict.set.contains(&risk))
        } else if read {
            verdict.set.is_empty()
        } else {
            verdict.set.contains(&Unread)
        };
        if !right {
            wrong.push(format!("{text} ({expected}): {}", verdict.words()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn how_strangers_write_of_harm_is_heard() {
    all_have(
        Urgent,
        &[
            "he tryed to hang himself last night",
            "somebody help me",
            "please someone help us",
            "he shook the baby",
            "i will kill that teacher",
            "im gonna come down there and smash her face in",
            "my ex took sam and wont give him back",
        ],
    );
    all_have(
        Review,
        &[
            "he came home with brusies all over his back",
            "My childs been sexualy abused",
            "i think shes being groomed",
            "sombody is messaging my daughter on snapchat asking for pics",
            "my uncle is sending pics to her",
            "she has burns on her legs",
            "shes scratching her arms till they bleed",
            "my daughter told me a boy at school put his hand down her pants",
            "my son has been touched by another pupil in the toilets",
            "he says dad does things to him at night",
            "i think my husband is doing things to our daughter",
            "my brother came into my room again last night",
            "my mum's boyfriend comes in my bed",
            "she came home with no knickers on",
            "they left him in wet pants all day and she laughed at him",
            "the bus driver takes pictures of the kids",
            "I've done something bad to my son",
            "my ex is threatning to take the kids",
            "he was in the car park watching the kids",
            "i have nothing to feed them",
            "they're talking about fighting for allah in syria",
        ],
    );
    all_have(
        Staff,
        &[
            "they strap him in a chair all day",
            "his carer is too rough with him and pulls his hair",
            "the head mr wright told her to keep a secret",
            "mrs cole told sam not to tell me",
            "the safeguarding lead slapped my son",
            "mr lewis asked her to send photos",
        ],
    );
}

#[test]
fn a_slip_in_a_word_about_risk_is_forgiven_and_its_neighbours_are_not_taken_for_it() {
    all_have(
        Review,
        &[
            "his uncle assulted him",
            "dad keeps hiting me",
            "my stepdad slaped him",
            "she was sexualy touched",
            "he keeps pucnhing me",
            "mum strangeld him",
            "theres bruies on her arms and neck",
        ],
    );
    for innocent in [
        "he slipped on the ice at lunch",
        "is the sacred heart service today",
        "violet loves her times tables",
        "the letter is attached",
        "he tapped his foot through the whole concert",
        "she likes grouping and rapping",
        "she keeps staring out of the window",
        "she was scarred by chicken pox",
        "he brushes his teeth now",
    ] {
        let verdict = SCREEN.verdict(innocent, false, &staff());
        assert!(!verdict.alerts(), "{innocent}: {:?}", verdict.why);
    }
}

#[test]
fn near_sayings_and_everyday_collecting_alert_nobody() {
    for text in [
        "he's been beaten at chess",
        "can anyone help me with the form",
        "hi can someone help me",
        "nan sent pictures to him from spain",
        "my sister did something to her hair",
        "mrs cole told sam to keep it up",
        "he told her about the mothers day surprise, mrs cole told them to keep it a secret",
        "he left his coat in the wet room",
        "we are going to syria to see family",
        "he plays rough with his brother",
        "he has no pants in his bag",
        "i will come in and do the form",
        "the coach takes photos of the boys at football",
        "mrs cole told him not to talk in lessons",
        "mr hughes asked her to send in her homework",
        "she was left in wet clothes after swimming",
        "he was kissed by the dog",
        "stop or i will kill you lol",
        "the boys were touched by your card",
        "i cant go on friday",
        "i cant go on thursday can we move it",
        "cant go on the trip",
        "i cant go on the 5th",
        "we cant find her coat",
        "i cant find her book bag",
        "cant find her homework anywhere",
        "the class are doing secret santa",
        "they have a secret plan for sports day",
        "a cut and blow dry before the meeting",
    ] {
        let verdict = SCREEN.verdict(text, false, &staff());
        assert!(!verdict.alerts(), "{text}: {:?}", verdict.why);
    }
}

#[test]
fn a_misspelt_name_after_a_title_is_still_that_person() {
    let staff: Vec<StaffName> = [
        "Mr Wright",
        "Mrs Adeyemi",
        "Mr Hughes",
        "Mr Lee",
        "Mrs Wrigley",
    ]
    .map(|name| StaffName {
        name: name.to_owned(),
        role_words: Vec::new(),
    })
    .to_vec();
    for (text, named) in [
        ("mr wrigt slapped him", vec![0]),
        ("Mr Right slapped him", vec![0]),
        ("mrs adeyeme pushed her", vec![1]),
        ("mr hugh hit him", vec![2]),
        ("mr hughs hit him", vec![2]),
        ("mr wright hit him", vec![0]),
        ("that is right", vec![]),
        ("mr bee hit him", vec![]),
        ("mr baker hit him", vec![]),
    ] {
        assert_eq!(SCREEN.staff_named(text, &staff), named, "{text}");
    }
}

/// Every language's patterns read every message, so a Polish word must not hide in an English one:
/// `sińce` (bruises) folds to `since`.
#[test]
fn no_english_word_is_a_polish_alarm() {
    let file: toml::Table = locale("en").parse().unwrap();
    let known = file["screen"]["known"].as_array().unwrap();
    let words = known
        .iter()
        .flat_map(|line| line.as_str().unwrap().split_whitespace());
    let alarms: Vec<String> = words
        .filter(|word| !word.contains('*'))
        .filter_map(|word| {
            let verdict =
                SCREEN.verdict(&format!("he has been {word} since monday"), false, &staff());
            let polish: Vec<&String> = verdict
                .why
                .iter()
                .filter(|w| w.starts_with("pl "))
                .collect();
            (!polish.is_empty()).then(|| format!("{word}: {polish:?}"))
        })
        .collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}
