//! Photos and documents on a case's page, for those who may open it.

use axum::http::{StatusCode, header};

use super::{AMINA, world};
use crate::channel::Media;

#[tokio::test]
async fn what_came_with_a_message_is_shown_to_whoever_may_open_the_case_and_to_nobody_else() {
    let world = world(false).await;
    let media = |kind: &str| Media {
        content_type: kind.to_owned(),
        reference: "somewhere".to_owned(),
    };
    let sent = vec![
        media("image/gif"),
        media("application/pdf"),
        media("image/jpeg"),
    ];
    world
        .rig
        .hear_with(AMINA, b"im worried about sam, see his arm", sent)
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    let mut tx = world.rig.d.store.begin().await.unwrap();
    let files = tx.files_of_case(case.id).await.unwrap();
    assert_eq!(files.len(), 3, "all of them");
    assert!(
        files.iter().all(|f| f.state == "refused"),
        "a handset keeps none"
    );
    tx.keep_file(&files[0], "image/gif", b"GIF89a...")
        .await
        .unwrap();
    tx.keep_file(&files[1], "application/pdf", b"%PDF-1.7 <script>")
        .await
        .unwrap();
    tx.save().await.unwrap();

    let cookie = world.signed_in("cole").await;
    let page = world
        .get("/c/1042", &cookie, &[("sec-fetch-mode", "navigate")])
        .await
        .body;
    let of = |n: usize| format!("/c/1042/files/{}/{n}", files[0].message);
    assert!(page.contains(&format!("src=\"{}\"", of(0))), "{page}");
    assert!(
        page.contains(&format!("href=\"{}\" download", of(1))),
        "{page}"
    );
    assert!(page.contains("Not kept"), "{page}");
    assert!(
        page.contains(">delivered</p>"),
        "what became of an answer: {page}"
    );
    assert!(!page.contains(&format!("src=\"{}\"", of(1))));

    let picture = world.get(&of(0), &cookie, &[]).await;
    assert_eq!(
        (picture.status, picture.body.as_str()),
        (StatusCode::OK, "GIF89a...")
    );
    let said = |answer: &super::Answer, name| {
        answer
            .headers
            .get(name)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(said(&picture, header::CONTENT_TYPE), "image/gif");
    assert!(said(&picture, header::CONTENT_SECURITY_POLICY).starts_with("sandbox"));
    assert_eq!(said(&picture, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(said(&picture, header::CACHE_CONTROL), "no-store");
    let paper = world.get(&of(1), &cookie, &[]).await;
    let saved = said(&paper, header::CONTENT_DISPOSITION);
    assert_eq!(saved, "attachment; filename=\"C-1042-2.pdf\"");

    let nobody = "/c/1042/files/00000000-0000-0000-0000-000000000000/0".to_owned();
    let elsewhere = format!("/c/1043/files/{}/0", files[0].message);
    for path in [
        of(2),
        of(9),
        nobody,
        elsewhere,
        "/c/1042/files/x/y".to_owned(),
    ] {
        let answer = world.get(&path, &cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    for who in ["nair", "shah", "evans", "it"] {
        let cookie = world.signed_in(who).await;
        let answer = world.get(&of(0), &cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who}");
    }
    let signed_out = world.get(&of(0), "", &[]).await;
    assert_ne!(signed_out.status, StatusCode::OK);
}
