//! How fast the demo answers and how much it needs: `cargo bench --bench demo`.
//!
//! Machines are noisy, so every figure is printed beside a reference measured in the same run: pages
//! and webhooks beside `/healthz` of the same process, the start beside `schoolgate --version`.
//! Fails when a page or a text takes 50 ms or more at the median, when the start on an existing
//! database takes a second, or when the idle process needs 60 MB or more.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_schoolgate");
const ROUNDS: usize = 60;

struct Demo {
    child: Child,
    url: String,
    ready: Duration,
}

impl Demo {
    fn start(data: &std::path::Path) -> Self {
        let began = Instant::now();
        let mut child = Command::new(BINARY)
            .args(["demo", "--port", "0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{BINARY}: {e}"));
        let out = child.stdout.take().unwrap_or_else(|| panic!("no output"));
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let line = lines.find(|l| l.contains("/handset")).unwrap_or_default();
        let url = line
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .replace("/handset", "");
        while get(&url, "/readyz", None).is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        Self {
            child,
            url,
            ready: began.elapsed(),
        }
    }

    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status
            .lines()
            .find(|l| l.starts_with("VmRSS"))
            .unwrap_or_default();
        line.split_whitespace()
            .nth(1)
            .and_then(|k| k.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
            / 1024.0
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a fresh connection; the body of a 2xx or 3xx answer.
fn request(url: &str, head: &str, body: &str) -> Option<String> {
    use std::io::Write as _;
    let address = url.strip_prefix("http://")?;
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "{head}\r\nHost: {address}\r\nOrigin: {url}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split_whitespace().nth(1)?;
    (status.starts_with('2') || status.starts_with('3')).then_some(answer)
}

fn get(url: &str, path: &str, cookie: Option<&str>) -> Option<String> {
    let cookie = cookie
        .map(|c| format!("\r\nCookie: {c}"))
        .unwrap_or_default();
    request(url, &format!("GET {path} HTTP/1.1{cookie}"), "")
}

fn post(url: &str, path: &str, body: &str) -> Option<String> {
    let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded");
    request(url, &head, body)
}

fn median(mut once: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            once();
            began.elapsed()
        })
        .collect();
    all.sort();
    all[ROUNDS / 2]
}

fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let mut failed = Vec::new();
    // The first start makes the database and everybody's password; the second finds them there.
    drop(Demo::start(folder.path()));
    let demo = Demo::start(folder.path());

    let bare = median(|| {
        let _ = Command::new(BINARY)
            .arg("--version")
            .stdout(Stdio::null())
            .status();
    });
    println!(
        "start on an existing database   {:>9.1?}   {:>6.1} × --version ({bare:.1?})",
        demo.ready,
        ratio(demo.ready, bare)
    );
    if demo.ready >= Duration::from_secs(1) {
        failed.push("the start takes a second or more".to_owned());
    }
    std::thread::sleep(Duration::from_secs(2));
    let memory = demo.memory();
    println!(
        "idle memory                     {memory:>6.1} MB   {:>6.2} × 60 MB",
        memory / 60.0
    );
    if memory >= 60.0 {
        failed.push(format!("the idle process needs {memory:.0} MB"));
    }

    let url = &demo.url;
    let text = |words: &str| {
        let body = format!("as=%2B447700900101&words={}", words.replace(' ', "+"));
        assert!(
            post(url, "/handset", &body).is_some(),
            "the handset did not take a text"
        );
    };
    text("im worried about sam, not sleeping");
    std::thread::sleep(Duration::from_millis(500));
    let signed = post(
        url,
        "/sign-in",
        "email=cole%40kingfisher.example&password=kingfisher+in+the+reeds",
    );
    let cookie = signed
        .as_deref()
        .and_then(|a| {
            a.lines()
                .find(|l| l.to_ascii_lowercase().starts_with("set-cookie:"))
        })
        .and_then(|l| l.split_once(": "))
        .map(|(_, c)| c.split(';').next().unwrap_or_default().to_owned())
        .unwrap_or_else(|| panic!("Mrs Cole could not sign in"));

    let reference = median(|| {
        let _ = get(url, "/healthz", None);
    });
    println!("{:<32}{reference:>9.1?}   the reference", "/healthz");
    for path in ["/", "/sign-in", "/handset", "/today", "/cases", "/c/1042"] {
        let took = median(|| {
            assert!(
                get(url, path, Some(&cookie)).is_some(),
                "{path} did not answer"
            )
        });
        println!(
            "{path:<32}{took:>9.1?}   {:>6.1} × /healthz",
            ratio(took, reference)
        );
        if took >= Duration::from_millis(50) {
            failed.push(format!("{path} takes {took:.0?} at the median"));
        }
    }
    let took = median(|| text("he still does not sleep"));
    println!(
        "{:<32}{took:>9.1?}   {:>6.1} × /healthz",
        "a text: durable, and accepted",
        ratio(took, reference)
    );
    if took >= Duration::from_millis(50) {
        failed.push(format!("a text takes {took:.0?} at the median"));
    }
    for what in &failed {
        println!("TOO MUCH: {what}");
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
