//! Signing in with the school's own account at Google or Microsoft (OpenID Connect). It stands in the
//! place of the password: whoever has a second step is still asked for it.
//!
//! Nothing is believed but the signed proof, fetched over our own connection, for us, for this one
//! detour; and of it only an email address that the provider itself has verified.

use std::time::Duration;

use axum::http;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::sync::Mutex;

use super::Web;
use crate::channel::http::client;
use crate::config::SchoolAccounts;
use crate::store::{Detour, Token};

/// Where people come back to.
pub(super) const BACK: &str = "/sign-in/school/back";

/// How long the provider may take to answer, each time it is asked.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the provider says of itself (its addresses and keys) is asked for again after this long.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What the provider has said of itself, and when.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Option<(Timestamp, CoreProviderMetadata)>>);

/// Why somebody is not who they say, or cannot be asked. For the log: it names no person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotProved {
    /// What was configured cannot be used.
    #[error("[sign_in.oidc] {0}")]
    Config(String),
    /// The provider could not be asked, or gave no sense.
    #[error("the provider: {0}")]
    Provider(String),
    /// The proof is not one.
    #[error("the proof: {0}")]
    Proof(String),
    /// The provider has not verified the email address, or gives none.
    #[error("no verified email address")]
    Email,
}

/// Why a request to the provider failed.
#[derive(Debug, thiserror::Error)]
enum Unheard {
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] http::Error),
}

async fn ask(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Unheard> {
    let answer = http.execute(request.try_into()?).await?;
    let mut response = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    Ok(response.body(answer.bytes().await?.to_vec())?)
}

impl Web {
    /// The address at the provider to send somebody to who wants `next`, and what to remember of it.
    pub(crate) async fn detour(
        &self,
        accounts: &SchoolAccounts,
        next: &str,
    ) -> Result<(String, Detour), NotProved> {
        let fresh = || Token::fresh(&self.d.clock).text().to_owned();
        let detour = Detour {
            state: fresh(),
            nonce: fresh(),
            verifier: fresh(),
            next: next.to_owned(),
        };
        let known = self.provider(accounts).await?;
        let redirect = RedirectUrl::new(format!("{}{BACK}", self.d.public_url()))
            .map_err(|why| NotProved::Config(why.to_string()))?;
        let verifier = PkceCodeVerifier::new(detour.verifier.clone());
        let (state, nonce) = (detour.state.clone(), detour.nonce.clone());
        let id = ClientId::new(accounts.client_id.clone());
        let (address, ..) = CoreClient::from_provider_metadata(known, id, None)
            .set_redirect_uri(redirect)
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((address.into(), detour))
    }

    /// The verified email address of whoever comes back from a detour with a code.
    pub(crate) async fn proved_email(
        &self,
        accounts: &SchoolAccounts,
        detour: &Detour,
        code: &str,
    ) -> Result<String, NotProved> {
        let known = self.provider(accounts).await?;
        let redirect = RedirectUrl::new(format!("{}{BACK}", self.d.public_url()))
            .map_err(|why| NotProved::Config(why.to_string()))?;
        let secret = accounts.client_secret.value();
        let secret = secret.map(|s| ClientSecret::new(s.expose_secret().to_owned()));
        let id = ClientId::new(accounts.client_id.clone());
        let us = CoreClient::from_provider_metadata(known, id, secret).set_redirect_uri(redirect);
        let http = http_client()?;
        let answer = us
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|why| NotProved::Provider(why.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(detour.verifier.clone()))
            .request_async(&|request| ask(http.clone(), request))
            .await
            .map_err(|why| NotProved::Provider(why.to_string()))?;
        let proof = answer.id_token().ok_or(NotProved::Email)?;
        let now = self.d.clock.now().as_second();
        let verifier = us
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            ])
            .set_time_fn(move || chrono::DateTime::from_timestamp(now, 0).unwrap_or_default());
        let wrong = |why: &dyn std::fmt::Display| NotProved::Proof(why.to_string());
        let claims = proof
            .claims(&verifier, &Nonce::new(detour.nonce.clone()))
            .map_err(|why| wrong(&why))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = proof.signing_alg().map_err(|why| wrong(&why))?;
            let key = proof.signing_key(&verifier).map_err(|why| wrong(&why))?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
                .map_err(|why| wrong(&why))?;
            if actual != *expected {
                return Err(wrong(&"it is of another access token"));
            }
        }
        let email = claims.email().ok_or(NotProved::Email)?;
        let verified = claims.email_verified() == Some(true) || is_domains_own(proof);
        verified
            .then(|| email.as_str().to_lowercase())
            .ok_or(NotProved::Email)
    }

    /// What the provider says of itself.
    async fn provider(&self, accounts: &SchoolAccounts) -> Result<CoreProviderMetadata, NotProved> {
        let now = self.d.clock.now();
        let mut known = self.provider.0.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && now < *at + KNOWN_FOR
        {
            return Ok(metadata.clone());
        }
        let http = http_client()?;
        let issuer = IssuerUrl::new(accounts.issuer.clone())
            .map_err(|why| NotProved::Config(format!("issuer: {why}")))?;
        let ask = |request| ask(http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &ask)
            .await
            .map_err(|why| NotProved::Provider(why.to_string()))?;
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }
}

fn http_client() -> Result<reqwest::Client, NotProved> {
    client(PATIENCE).map_err(|why| NotProved::Provider(why.to_string()))
}

/// Microsoft's word for a verified address, which it gives when the app registration asks for it:
/// the owner of the address's domain has verified it. Without it, an address at Microsoft can be
/// whatever its tenant wrote. Read from a proof that was found sound.
fn is_domains_own(proof: &CoreIdToken) -> bool {
    let text = proof.to_string();
    let payload = text.split('.').nth(1).unwrap_or_default();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&payload).unwrap_or_default();
    match &claims["xms_edov"] {
        Value::Bool(yes) => *yes,
        Value::String(word) => matches!(word.as_str(), "1" | "true"),
        Value::Number(one) => one.as_i64() == Some(1),
        _ => false,
    }
}
