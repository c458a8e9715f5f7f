//! What a browser says about a request: who is asking, and whether a person is looking.
//!
//! A page that a browser fetches ahead, or another site opens, must not count as a person reading it.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

/// What our own script says when a page renews itself: nobody has done anything.
const REFRESH: &str = "x-schoolgate-refresh";

/// Who is asking, and how.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Where the connection comes from; `None` under a test. Behind a proxy on this machine, where
    /// the proxy says it comes from; behind another, the proxy's own address.
    pub address: Option<IpAddr>,
    /// The browser fetches the page in case somebody wants it.
    pub ahead: bool,
    /// Somebody followed a link here or typed the address, on this site.
    pub looks: bool,
    /// A page renews itself: nobody has done anything.
    pub refresh: bool,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let connection = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        Ok(Self {
            address: connection.map(|peer| address(peer, &parts.headers)),
            ahead: ahead(&parts.headers),
            looks: looks(&parts.method, &parts.headers),
            refresh: parts.headers.contains_key(REFRESH) || is_event_stream(&parts.headers),
        })
    }
}

/// Where somebody is. Only a proxy on this machine is believed, and only what it added itself, the
/// last of `X-Forwarded-For`: whatever stands before could be made up.
fn address(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    const FORWARDED: &str = "x-forwarded-for";
    if !peer.is_loopback() {
        return peer;
    }
    let last = headers.get_all(FORWARDED).iter().next_back();
    last.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer)
}

/// A live page's own connection, on which nothing can be said but this.
fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept == "text/event-stream")
}

/// Whether a browser fetches a page before anybody asks for it.
fn ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .any(|purpose| purpose.to_ascii_lowercase().contains("prefetch"))
}

/// Whether a person has opened the page: a whole page, asked for here (or typed, or from a text),
/// not ahead of time and not by a script. Headers: Fetch Metadata (W3C) and its `Sec-Purpose`.
fn looks(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let here = matches!(says("sec-fetch-site"), None | Some("same-origin" | "none"));
    let page = matches!(says("sec-fetch-dest"), None | Some("document"));
    method == Method::GET && !ahead(headers) && here && page && !headers.contains_key(REFRESH)
}

/// The browser and its machine, roughly, so that people know their own: "Firefox on Windows". The
/// order matters: most browsers name others as well.
pub(super) fn browser(headers: &HeaderMap) -> String {
    const BROWSERS: &[(&str, &str)] = &[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const MACHINES: &[(&str, &str)] = &[
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("CrOS", "a Chromebook"),
        ("Windows", "Windows"),
        ("Macintosh", "a Mac"),
        ("Linux", "Linux"),
    ];
    let said = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let named = |table: &[(&str, &'static str)], otherwise| {
        let known = table.iter().find(|(word, _)| said.contains(word));
        known.map_or(otherwise, |(_, name)| *name)
    };
    let browser = named(BROWSERS, "A browser");
    match named(MACHINES, "") {
        "" => browser.to_owned(),
        machine => format!("{browser} on {machine}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_who_opens_the_page_counts_as_looking() {
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[], true),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-dest", "document"),
                ],
                true,
            ),
            // A link in a text message, or an address typed.
            (
                &[("sec-fetch-site", "none"), ("sec-fetch-dest", "document")],
                true,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-dest", "document"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-dest", "iframe"),
                ],
                false,
            ),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-dest", "empty"),
                ],
                false,
            ),
            (&[("sec-purpose", "prefetch;prerender")], false),
            (&[("purpose", "prefetch")], false),
            (&[("x-moz", "prefetch")], false),
            (&[(REFRESH, "1")], false),
        ];
        for (said, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in *said {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(looks(&Method::GET, &headers), *expected, "{said:?}");
            assert!(!looks(&Method::HEAD, &headers));
        }
    }

    #[test]
    fn a_browser_is_known_roughly_and_never_repeats_what_it_says() {
        let table = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on an iPhone",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
                "Chrome on a Chromebook",
            ),
            (
                "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
                "Firefox on Android",
            ),
            ("<script>", "A browser"),
            ("", "A browser"),
        ];
        for (said, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, said.parse().unwrap());
            assert_eq!(browser(&headers), expected);
        }
    }

    #[test]
    fn a_proxy_on_this_machine_is_believed_and_nobody_else() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let (proxy, elsewhere) = (ip("127.0.0.1"), ip("203.0.113.9"));
        for (peer, said, expected) in [
            (proxy, None, proxy),
            (proxy, Some("198.51.100.7"), ip("198.51.100.7")),
            (proxy, Some("10.0.0.1, 198.51.100.7"), ip("198.51.100.7")),
            (proxy, Some("198.51.100.7, nonsense"), proxy),
            (proxy, Some("2001:db8::7"), ip("2001:db8::7")),
            (elsewhere, Some("198.51.100.7"), elsewhere),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert("x-forwarded-for", said.parse().unwrap());
            }
            assert_eq!(address(peer, &headers), expected, "{said:?}");
        }
    }
}
