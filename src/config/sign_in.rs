//! `[sign_in]`: a way in besides the password.

use super::read::is_loopback_address;
use super::secret::{Outside, Secret};
use crate::document::Table;

/// The school's accounts elsewhere (Google, Microsoft), by OpenID Connect.
#[derive(Debug, Clone)]
pub struct SchoolAccounts {
    /// Who says who somebody is, to the letter: an `https` address.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Secret,
    /// What people call it: "Google".
    pub label: String,
}

/// Addresses at Microsoft that stand for everybody's accounts, not for one school's.
const EVERYBODYS: [&str; 3] = ["/common", "/organizations", "/consumers"];

/// Reads `[sign_in]`.
pub(super) fn sign_in(
    table: Table<'_>,
    outside: &Outside<'_>,
    public: bool,
) -> Option<SchoolAccounts> {
    let accounts = table
        .table("oidc")
        .and_then(|oidc| school_accounts(oidc, outside));
    if table.has("oidc") && !public {
        table.document().fault(
            table.span_of("oidc"),
            "people would be sent back to no address after signing in",
            "set `public_url`",
        );
    }
    table.no_more();
    accounts
}

fn school_accounts(table: Table<'_>, outside: &Outside<'_>) -> Option<SchoolAccounts> {
    const SECRET: [&str; 3] = ["client_secret", "client_secret_env", "client_secret_file"];
    const ISSUER: &str = "an https address, such as \"https://accounts.google.com\"";
    let issuer = table.need_parsed("issuer", ISSUER, |url| {
        (url.starts_with("https://") || is_loopback_address(url)).then(|| url.to_owned())
    });
    let everybodys = |issuer: &String| {
        let tenant = issuer.strip_prefix("https://login.microsoftonline.com");
        tenant.is_some_and(|tenant| EVERYBODYS.iter().any(|all| tenant.starts_with(all)))
    };
    if issuer.as_ref().is_some_and(everybodys) {
        table.document().fault(
            table.span_of("issuer"),
            "this is the issuer of everybody's accounts at Microsoft, not of your school's",
            "write \"https://login.microsoftonline.com/<your tenant's id>/v2.0\"",
        );
    }
    let client_id = table.need_text("client_id");
    let client_secret = Secret::need(&table, SECRET, outside);
    let label = table.need_text("label");
    table.no_more();
    Some(SchoolAccounts {
        issuer: issuer?,
        client_id: client_id?.value,
        client_secret: client_secret?,
        label: label?.value,
    })
}
