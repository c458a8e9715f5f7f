//! The school's mailbox, read by IMAP: what nobody has read yet, and what came since the last look.
//!
//! A look hands over emails one by one and marks each as read only when it is told that it is safe.
//! What is read by somebody else meanwhile is not lost: it is known by its number, too.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_imap::Session;
use async_imap::types::Uid;
use futures::TryStreamExt as _;
use jiff::Timestamp;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::channel::{FetchError, http};

/// How long one step of the conversation with the server may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest email that is fetched whole; of a larger one, its beginning.
pub const LARGEST: u32 = 30 * 1024 * 1024;

/// Emails of one look.
const AT_ONCE: usize = 50;

/// What is older than this and unread was there before us, and is nobody's question any more.
const DAYS_BACK: i64 = 14;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte (993).
    Tls,
    /// STARTTLS, required (143).
    Starttls,
    /// None: only to this machine.
    Plain,
}

/// The mailbox and our account there.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's name, which its certificate must hold.
    pub host: String,
    /// 993, or 143 with STARTTLS.
    pub port: u16,
    /// How the connection is protected.
    pub protection: Protection,
    /// The account.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// `INBOX`, or another folder.
    pub folder: String,
    /// Where what was read is moved to; left in its folder, marked as read, without it.
    pub done_folder: Option<String>,
    /// A certificate authority (PEM) to trust besides the public ones.
    pub extra_root: Option<std::path::PathBuf>,
}

/// A mailbox, ready to be looked into. A connection is made for each look.
pub struct Imap {
    settings: Settings,
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for Imap {
    /// The password is nobody's to print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imap")
            .field("host", &self.settings.host)
            .finish_non_exhaustive()
    }
}

/// A stream of either kind.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for T {}
type Client = async_imap::Client<Box<dyn Stream>>;

/// One look into the mailbox.
pub struct Look {
    session: Session<Box<dyn Stream>>,
    waiting: Vec<Uid>,
    validity: u32,
    done_folder: Option<String>,
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look")
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

/// An email as it lies in the mailbox.
#[derive(Debug)]
pub struct Lying {
    /// Its number there.
    pub uid: Uid,
    /// Its bytes; only the beginning of one that is too large.
    pub raw: Vec<u8>,
    /// Whether it is whole.
    pub whole: bool,
}

/// How far a mailbox has been read: the numbers are good for one `validity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The mailbox's UIDVALIDITY.
    pub validity: u32,
    /// The highest number read.
    pub uid: Uid,
}

impl Mark {
    /// As one number, for the database.
    pub fn packed(self) -> i64 {
        let packed = (u64::from(self.validity) << 32) | u64::from(self.uid);
        i64::from_be_bytes(packed.to_be_bytes())
    }

    /// From one number; `None` for 0, which stands for never.
    pub fn unpacked(packed: i64) -> Option<Self> {
        let packed = u64::from_be_bytes(packed.to_be_bytes());
        let validity = u32::try_from(packed >> 32).ok().filter(|v| *v > 0)?;
        let uid = u32::try_from(packed & u64::from(u32::MAX)).ok()?;
        Some(Self { validity, uid })
    }
}

impl Imap {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let here = super::is_this_machine(&settings.host);
        if settings.protection == Protection::Plain && !here {
            return Err("a mailbox without TLS is only for a server on this machine".to_owned());
        }
        let folders = [Some(&settings.folder), settings.done_folder.as_ref()];
        let odd = |name: &&String| name.is_empty() || name.chars().any(char::is_control);
        if folders.into_iter().flatten().any(|name| odd(&name)) {
            return Err("a folder of the mailbox has no name".to_owned());
        }
        let tls = match settings.protection {
            Protection::Plain => None,
            _ => Some(connector(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            tls,
        })
    }

    /// Whether the mailbox opens, for `doctor`.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub async fn probe(&self) -> Result<String, String> {
        match self.open().await {
            Ok((mut session, _)) => {
                if let Some(done) = &self.settings.done_folder
                    && within(session.examine(done)).await.is_err()
                {
                    return Err(format!(
                        "the mailbox has no folder {done}: make it, or leave out `done_folder`"
                    ));
                }
                _ = tokio::time::timeout(TIMEOUT, session.logout()).await;
                Ok(format!(
                    "the mailbox opens, folder {}",
                    self.settings.folder
                ))
            }
            Err(FetchError::Refused { why }) => Err(format!(
                "{why}: compare username, password and folder with the mailbox's (Microsoft 365 takes no passwords here)"
            )),
            Err(FetchError::Unavailable { why, .. }) => Err(format!(
                "{why}: see whether this machine may reach its host and port"
            )),
        }
    }

    /// Looks for what is unread, and what came after `last`.
    ///
    /// # Errors
    /// Where the mailbox cannot be opened.
    pub async fn look(&self, last: Option<Mark>, now: Timestamp) -> Result<Look, FetchError> {
        let (mut session, validity) = self.open().await?;
        let since = now - jiff::SignedDuration::from_hours(24 * DAYS_BACK);
        let since = since.strftime("%-d-%b-%Y").to_string();
        let unread = format!("UNSEEN SINCE {since}");
        let mut waiting: BTreeSet<Uid> = within(session.uid_search(unread))
            .await?
            .into_iter()
            .collect();
        if let Some(last) = last.filter(|l| l.validity == validity) {
            let newer = format!("UID {}:*", last.uid.saturating_add(1));
            let newer = within(session.uid_search(newer)).await?;
            // `*` is the newest, whatever its number.
            waiting.extend(newer.into_iter().filter(|uid| *uid > last.uid));
        }
        Ok(Look {
            session,
            waiting: waiting.into_iter().take(AT_ONCE).collect(),
            validity,
            done_folder: self.settings.done_folder.clone(),
        })
    }

    async fn open(&self) -> Result<(Session<Box<dyn Stream>>, u32), FetchError> {
        let client = self.connect().await?;
        let (user, password) = (
            &self.settings.username,
            self.settings.password.expose_secret(),
        );
        let login = tokio::time::timeout(TIMEOUT, client.login(user, password)).await;
        let mut session = match login {
            Ok(Ok(session)) => session,
            Ok(Err((async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_), _))) => {
                return Err(FetchError::Refused {
                    why: "the mail server refused our login".to_owned(),
                });
            }
            Ok(Err(_)) | Err(_) => return Err(broken()),
        };
        let mailbox = within(session.select(&self.settings.folder)).await?;
        Ok((session, mailbox.uid_validity.unwrap_or(1)))
    }

    async fn connect(&self) -> Result<Client, FetchError> {
        let address = (self.settings.host.as_str(), self.settings.port);
        let tcp = tokio::time::timeout(http::CONNECT_TIMEOUT, TcpStream::connect(address)).await;
        let tcp = match tcp {
            Ok(Ok(tcp)) => tcp,
            _ => return Err(broken()),
        };
        match (self.settings.protection, &self.tls) {
            (Protection::Tls, Some(tls)) => greeted(self.encrypted(tls, tcp).await?).await,
            (Protection::Starttls, Some(tls)) => {
                let mut client = async_imap::Client::new(tcp);
                match tokio::time::timeout(TIMEOUT, client.read_response()).await {
                    Ok(Ok(Some(_))) => {}
                    _ => return Err(broken()),
                }
                let asked = client.run_command_and_check_ok("STARTTLS", None);
                within(asked).await?;
                let stream = self.encrypted(tls, client.into_inner()).await?;
                Ok(async_imap::Client::new(stream))
            }
            _ => greeted(Box::new(tcp)).await,
        }
    }

    async fn encrypted(
        &self,
        tls: &TlsConnector,
        tcp: TcpStream,
    ) -> Result<Box<dyn Stream>, FetchError> {
        let host = self.settings.host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| FetchError::Refused {
            why: "the mail server's name cannot be one".to_owned(),
        })?;
        match tokio::time::timeout(TIMEOUT, tls.connect(name, tcp)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(_)) => Err(FetchError::Unavailable {
                why: "no TLS with the mail server: its certificate was not accepted".to_owned(),
                retry_after: None,
            }),
            Err(_) => Err(broken()),
        }
    }
}

impl Look {
    /// The next email, the oldest first; `None` when there is no more.
    ///
    /// # Errors
    /// Where the connection broke: what was not marked is there at the next look.
    pub async fn next(&mut self) -> Result<Option<Lying>, FetchError> {
        while !self.waiting.is_empty() {
            let uid = self.waiting.remove(0);
            let size = self.size(uid).await?;
            let whole = size <= LARGEST;
            let what = if whole {
                "BODY.PEEK[]"
            } else {
                "BODY.PEEK[]<0.65536>"
            };
            let fetched: Vec<_> = within(async {
                let fetched = self.session.uid_fetch(uid.to_string(), what).await?;
                fetched.try_collect().await
            })
            .await?;
            let of_it = fetched
                .iter()
                .find(|f| f.uid == Some(uid) && f.body().is_some());
            if let Some(raw) = of_it.and_then(|f| f.body()) {
                let raw = raw.to_vec();
                return Ok(Some(Lying { uid, raw, whole }));
            }
            // Somebody has deleted it meanwhile.
        }
        Ok(None)
    }

    async fn size(&mut self, uid: Uid) -> Result<u32, FetchError> {
        let sizes: Vec<_> = within(async {
            let sizes = self
                .session
                .uid_fetch(uid.to_string(), "RFC822.SIZE")
                .await?;
            sizes.try_collect().await
        })
        .await?;
        Ok(sizes.iter().find_map(|f| f.size).unwrap_or(0))
    }

    /// An email is safe with us: it is marked as read, and moved where a folder is named for it.
    ///
    /// # Errors
    /// Where the connection broke: it is handed over again at the next look, which does no harm.
    pub async fn done(&mut self, uid: Uid) -> Result<Mark, FetchError> {
        let marked: Vec<_> = within(async {
            let marked = self
                .session
                .uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)")
                .await?;
            marked.try_collect().await
        })
        .await?;
        drop(marked);
        if let Some(folder) = &self.done_folder {
            match within(self.session.uid_mv(uid.to_string(), folder)).await {
                // It stays where it is, marked as read: `doctor` says that the folder is missing.
                Ok(()) | Err(FetchError::Refused { .. }) => {}
                Err(broken) => return Err(broken),
            }
        }
        Ok(Mark {
            validity: self.validity,
            uid,
        })
    }

    /// Says goodbye; whatever the server says to that.
    pub async fn end(mut self) {
        _ = tokio::time::timeout(TIMEOUT, self.session.logout()).await;
    }
}

async fn greeted(stream: Box<dyn Stream>) -> Result<Client, FetchError> {
    let mut client = async_imap::Client::new(stream);
    match tokio::time::timeout(TIMEOUT, client.read_response()).await {
        Ok(Ok(Some(_))) => Ok(client),
        _ => Err(broken()),
    }
}

async fn within<T>(
    step: impl Future<Output = async_imap::error::Result<T>>,
) -> Result<T, FetchError> {
    match tokio::time::timeout(TIMEOUT, step).await {
        Ok(Ok(done)) => Ok(done),
        // What the server says may quote a folder's or a person's name.
        Ok(Err(async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_))) => {
            Err(FetchError::Refused {
                why: "the mail server refused what it was asked".to_owned(),
            })
        }
        Ok(Err(_)) | Err(_) => Err(broken()),
    }
}

fn broken() -> FetchError {
    FetchError::Unavailable {
        why: "no connection to the mailbox, or it broke".to_owned(),
        retry_after: None,
    }
}

fn connector(settings: &Settings) -> Result<TlsConnector, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = &settings.extra_root {
        let unusable = || format!("{} holds no certificate (PEM)", path.display());
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| unusable())?;
            roots.add(certificate).map_err(|_| unusable())?;
            found += 1;
        }
        if found == 0 {
            return Err(unusable());
        }
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|_| "this program has no TLS".to_owned())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_mailbox_was_read_is_one_number() {
        for (validity, uid) in [(1, 0), (1_795_769_998, 12), (u32::MAX, u32::MAX)] {
            let mark = Mark { validity, uid };
            assert_eq!(Mark::unpacked(mark.packed()), Some(mark));
        }
        assert_eq!(Mark::unpacked(0), None);
    }
}
