//! Files at a provider: fetched from its own addresses only, up to a size, and never from this
//! machine's own network, whatever a message, a redirect or a name server says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Response, Url};

use super::{FetchError, http};

/// The most that one file may hold, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

/// How long one file may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// The content of a file, unless it is too large: however much is sent, no more is read.
pub(super) async fn content(whose: &str, mut response: Response) -> Result<Vec<u8>, FetchError> {
    let status = response.status();
    if !status.is_success() {
        let retry_after = http::retry_after(response.headers());
        let why = format!("{whose} answered HTTP {status} to a request for a file");
        return Err(http::not_fetched(status, why, retry_after));
    }
    let too_large = || FetchError::Refused {
        why: format!("it is larger than {} MB", LARGEST / (1024 * 1024)),
    };
    if response
        .content_length()
        .is_some_and(|n| n > LARGEST as u64)
    {
        return Err(too_large());
    }
    let mut content = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(more)) if content.len() + more.len() > LARGEST => return Err(too_large()),
            Ok(Some(more)) => content.extend_from_slice(&more),
            Ok(None) => return Ok(content),
            Err(_) => {
                return Err(FetchError::Unavailable {
                    why: format!("the connection to {whose} broke"),
                    retry_after: None,
                });
            }
        }
    }
}

/// A client for addresses that a provider redirects to: it connects to public addresses only.
pub(super) fn elsewhere() -> reqwest::Result<reqwest::Client> {
    http::builder(TIMEOUT)
        .dns_resolver(Arc::new(PublicOnly))
        .build()
}

/// Whether a provider's redirect may be followed: by https, to a name under one of `hosts`.
pub(super) fn may_follow(url: &Url, hosts: &[&str]) -> bool {
    let host = url.host_str().unwrap_or_default();
    // A name and not a number: numbers are not looked up, so nothing would look at them.
    let named = host.parse::<IpAddr>().is_err() && !host.starts_with('[');
    let theirs = hosts.iter().any(|of| {
        host.strip_suffix(of)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && named && theirs
}

/// Looks names up, and knows only addresses of the public internet.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries name the rest).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b)) // shared, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments, RFC 6890
        || (a == 198 && (b == 18 || b == 19)) // benchmarks, RFC 2544
        || a >= 240; // reserved, RFC 1112
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // 2000::/3 is the public internet; of it, documentation, and tunnels that carry a v4 address.
    let global = first & 0xE000 == 0x2000;
    let documentation = first == 0x2001 && second == 0x0DB8;
    let teredo = first == 0x2001 && second == 0;
    let six_to_four = first == 0x2002;
    global && !documentation && !teredo && !six_to_four
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for ip in [
            "93.184.215.14",
            "1.1.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.170",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn a_redirect_is_followed_to_the_providers_own_names_only() {
        let hosts = ["twiliocdn.com", "amazonaws.com"];
        let good = [
            "https://mms.twiliocdn.com/a/b",
            "https://media.twiliocdn.com.s3-external-1.amazonaws.com/x",
        ];
        for url in good {
            assert!(may_follow(&url.parse().unwrap(), &hosts), "{url}");
        }
        for url in [
            "http://mms.twiliocdn.com/a",
            "https://eviltwiliocdn.com/a",
            "https://twiliocdn.com.evil.example/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/a",
            "https://2130706433/a",
            "https://localhost/a",
            "https://mms.twiliocdn.com:8443/a",
            "https://u@mms.twiliocdn.com/a",
            "file:///etc/passwd",
            "https://evil.example/?twiliocdn.com",
        ] {
            assert!(!may_follow(&url.parse().unwrap(), &hosts), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_connected_to() {
        let error = elsewhere()
            .unwrap()
            .get("https://localhost/")
            .send()
            .await
            .unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    }
}
