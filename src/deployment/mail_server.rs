//! Mail servers: the deployment's, and those of schools that have their own.

use std::sync::Arc;

use crate::channel::Channel;
use crate::channel::email::imap::{self, Imap};
use crate::channel::email::inbound::{MailIn, ReplyAddress};
use crate::channel::email::{ENDPOINT, Email, Settings, own_endpoint};
use crate::config::{self, Config};

use super::NotReady;

/// A mail server, and what answers to its email come to.
#[derive(Debug)]
pub struct MailServer {
    /// The endpoint by which its email leaves and comes: `email`, or a school's `email@kingfisher`.
    pub id: String,
    /// The school it is for alone; without one it is for all that have none of their own.
    pub school: Option<String>,
    /// How email leaves.
    pub channel: Arc<Channel>,
    /// How answers come in, where they are read.
    pub mail_in: Option<MailIn>,
}

impl MailServer {
    /// Where an email provider posts what came.
    pub fn hook(&self) -> String {
        match &self.school {
            Some(school) => format!("/hooks/email/{school}"),
            None => "/hooks/email".to_owned(),
        }
    }
}

/// Every mail server that is configured.
pub(super) fn open_all(config: &Config) -> Result<Vec<MailServer>, NotReady> {
    let servers = config.mail_servers();
    servers
        .map(|(school, email)| {
            let id = school.map_or_else(|| ENDPOINT.to_owned(), |s| own_endpoint(&s.id));
            let opened = open(email).and_then(|channel| {
                let mail_in = email.inbound.as_ref().map(open_mailbox).transpose()?;
                Ok((channel, mail_in))
            });
            let (channel, mail_in) = opened.map_err(|why| NotReady::Channel {
                channel: id.clone(),
                why,
            })?;
            Ok(MailServer {
                id,
                school: school.map(|s| s.id.clone()),
                channel: Arc::new(channel),
                mail_in,
            })
        })
        .collect()
}

fn open(email: &config::Email) -> Result<Channel, String> {
    let login = match (&email.username, &email.password) {
        (Some(user), Some(password)) => {
            let password = password
                .value()
                .ok_or("its password is not set: `schoolgate check` names it")?;
            Some((user.clone(), password.clone()))
        }
        _ => None,
    };
    let settings = Settings {
        host: email.host.clone(),
        port: email.port,
        plain: email.tls == config::Tls::Plain,
        login,
        from: email.from.clone(),
        extra_root: email.certificate.clone(),
        reply: email
            .inbound
            .as_ref()
            .and_then(|i| ReplyAddress::parse(&i.address)),
    };
    Ok(Channel::Email(Box::new(Email::new(&settings)?)))
}

fn open_mailbox(inbound: &config::EmailInbound) -> Result<MailIn, String> {
    let missing = || "a secret of its `inbound` is not set: `schoolgate check` names it".to_owned();
    let address = ReplyAddress::parse(&inbound.address);
    let imap = match &inbound.imap {
        Some(mailbox) => Some(Imap::new(&imap::Settings {
            host: mailbox.host.clone(),
            port: mailbox.port,
            protection: mailbox.tls,
            username: mailbox.username.clone(),
            password: mailbox.password.value().ok_or_else(missing)?.clone(),
            folder: mailbox.folder.clone(),
            done_folder: mailbox.done_folder.clone(),
            extra_root: mailbox.certificate.clone(),
        })?),
        None => None,
    };
    let secret = match &inbound.secret {
        Some(secret) => Some(secret.value().ok_or_else(missing)?.clone()),
        None => None,
    };
    Ok(MailIn {
        address: address.ok_or("the address of its `inbound` is not a mailbox's")?,
        imap,
        secret,
    })
}
