//! Photos that come with a text: fetched from Twilio, told by their content, asked for again while
//! Twilio cannot be reached.

use jiff::SignedDuration;
use schoolgate::channel::Media;
use schoolgate::settle::advance;
use schoolgate::testing::Rig;

use crate::databases;
use crate::service::Deployed;
use crate::twilio::{ACCOUNT, Twilio};

const AMINA: &str = "+447700900101";
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\x00\x10JFIF a photo";

#[tokio::test(flavor = "multi_thread")]
async fn every_photo_of_a_text_is_kept_and_what_could_run_is_not() {
    for database in databases::each().await {
        let twilio = Twilio::unreachable().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let (config, clock) = school.on_a_tuesday();
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        let mut media = Vec::new();
        for (n, content) in [JPEG, b"<html><script>alert(1)</script>", JPEG, JPEG]
            .into_iter()
            .enumerate()
        {
            let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME{n}");
            // The last is on another machine, whatever Twilio is made to say.
            let host = if n == 3 {
                "169.254.169.254".to_owned()
            } else {
                twilio.address.to_string()
            };
            media.push(Media {
                content_type: "image/jpeg".to_owned(),
                reference: format!("http://{host}{path}"),
            });
            twilio.keeps(&path, content);
        }
        rig.hear_with(AMINA, b"im worried about sam, look at his arm", media)
            .await
            .unwrap();
        let case = rig.case("C-1042").await.unwrap();
        let states = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            let files = tx.files_of_case(case.id).await.unwrap();
            files.into_iter().map(|f| f.state).collect::<Vec<_>>()
        };
        assert_eq!(
            states().await,
            ["waiting", "waiting", "waiting", "refused"],
            "{}",
            database.kind
        );
        twilio.connect().await;
        advance(&rig.d, rig.d.clock.now() + SignedDuration::from_mins(2))
            .await
            .unwrap();
        assert_eq!(
            states().await,
            ["kept", "refused", "kept", "refused"],
            "{}",
            database.kind
        );
        let mut tx = rig.d.store.read().await.unwrap();
        let files = tx.files_of_case(case.id).await.unwrap();
        let kept = tx.file_content(files[2].message, 2).await.unwrap();
        assert_eq!(kept, Some(("image/jpeg".to_owned(), JPEG.to_vec())));
    }
}
