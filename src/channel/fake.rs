//! A provider that answers as it is told, for the tests of every adapter.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Outbound;

/// A text to a parent.
pub(super) fn text(body: &str) -> Outbound {
    Outbound {
        id: Uuid::from_u128(7),
        to: "+447700900101".to_owned(),
        body: body.to_owned(),
        subject: None,
        buttons: vec![],
        ask_contact: false,
        correspondence: crate::channel::Correspondence::default(),
    }
}

/// Gives the same answer to everything.
pub(super) async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

pub(super) fn json_answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// Takes one request, says so much, and hangs up.
pub(super) async fn hangs_up(answer: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        _ = stream.read(&mut request).await;
        _ = stream.write_all(answer.as_bytes()).await;
    });
    address
}
