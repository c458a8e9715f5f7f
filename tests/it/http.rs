//! A small HTTP server for providers that are made up: it can also close a connection without a
//! word, which a proper one never does.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What was asked.
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query, as it came.
    pub query: String,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is answered.
pub enum Answer {
    /// A status and JSON.
    Json(u16, Value),
    /// Bytes, with 200.
    Bytes(Vec<u8>),
    /// A status and words.
    Plain(u16, String),
    /// A status, and after how many seconds to come back.
    Later(u16, u64),
    /// What is no JSON, whatever its status says.
    Garbage(u16),
    /// A status and half of the JSON; then the connection is closed.
    Half(u16, Value),
    /// Nothing: the connection is closed after the request was read.
    Close,
}

/// What a provider does with a request.
pub type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Answer> + Send + Sync>;

/// A provider that listens until it is dropped.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on `address`; port 0 takes any that is free.
    pub async fn listen(address: SocketAddr, handler: Handler) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            // Dropped with the task: what is under way ends with the server.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&handler)));
            }
        });
        Self { address, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request a connection. A client that goes away in the middle is no matter.
async fn serve(mut stream: TcpStream, handler: Handler) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let answer = handler(request).await;
    if let Answer::Bytes(bytes) = answer {
        let length = bytes.len();
        let head =
            format!("HTTP/1.1 200 \r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        _ = stream.write_all(head.as_bytes()).await;
        _ = stream.write_all(&bytes).await;
        return;
    }
    let mut more = String::new();
    let (status, body, half) = match answer {
        Answer::Close | Answer::Bytes(_) => return,
        Answer::Json(status, body) => (status, body.to_string(), false),
        Answer::Plain(status, words) => (status, words, false),
        Answer::Half(status, body) => (status, body.to_string(), true),
        Answer::Later(status, seconds) => {
            more = format!("Retry-After: {seconds}\r\n");
            (status, "{}".to_owned(), false)
        }
        Answer::Garbage(status) => (status, "<html>It works!".to_owned(), false),
    };
    let length = body.len();
    let sent = if half { &body[..length / 2] } else { &body };
    let answer = format!(
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n{sent}"
    );
    _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |l| l.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}
