//! Signing in with a school account, at a small provider of its own on this machine: real HTTP, and
//! proofs that are really signed (RS256).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::url::Url;
use openidconnect::{JsonWebKeyId, PrivateSigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Answer, World, world, world_with};
use crate::config::{self, Config};

const CLIENT: &str = "schoolgate-at-kingfisher";
const SECRET: &str = "the client's secret";
const PROVIDERS_KEY: &str = include_str!("../../../tests/data/oidc/provider.pem");
const ANOTHER_KEY: &str = include_str!("../../../tests/data/oidc/somebody-else.pem");

/// A provider of accounts, which asks nobody for a password.
struct Provider {
    issuer: String,
    /// What each code is good for, once: the challenge it was asked with, and the proof.
    codes: Mutex<HashMap<String, (String, String)>>,
}

impl Provider {
    async fn open() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            codes: Mutex::default(),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(says_of_itself))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    /// Somebody signs in here, sent to `address`: what they bring back. `change` is what is wrong
    /// with their proof; `alg` is how it says it is signed.
    fn lets_in(&self, world: &World, address: &Url, key: &str, change: &Value) -> (String, String) {
        let asked: HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(
            asked["redirect_uri"],
            "https://school.example/sign-in/school/back"
        );
        assert_eq!(asked["code_challenge_method"], "S256");
        let now = world.rig.d.clock.now().as_second();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": "Hughes@kingfisher.example", "email_verified": true,
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = claims.as_object_mut().unwrap();
        claims.retain(|_, value| !value.is_null());
        let algorithm = claims.remove("alg").unwrap_or_else(|| json!("RS256"));
        let proof = signed(key, algorithm.as_str().unwrap(), &json!(claims));
        let code = format!("code-{}", world.rig.d.clock.id());
        let good_for = (asked["code_challenge"].clone(), proof);
        self.codes.lock().unwrap().insert(code.clone(), good_for);
        (asked["state"].clone(), code)
    }
}

/// A proof, made by hand: so can be wrong in every way.
fn signed(key: &str, algorithm: &str, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({ "alg": algorithm, "kid": "one" }));
    let said = format!("{head}.{}", part(claims));
    let key = CoreRsaPrivateSigningKey::from_pem(key, None).unwrap();
    let signature = key
        .sign(
            &CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            said.as_bytes(),
        )
        .unwrap();
    let signature = match algorithm {
        "none" => String::new(),
        _ => BASE64_URL_SAFE_NO_PAD.encode(signature),
    };
    format!("{said}.{signature}")
}

async fn says_of_itself(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

async fn keys() -> Json<Value> {
    let id = Some(JsonWebKeyId::new("one".to_owned()));
    let key = CoreRsaPrivateSigningKey::from_pem(PROVIDERS_KEY, id).unwrap();
    let set = CoreJsonWebKeySet::new(vec![key.as_verification_key()]);
    Json(serde_json::to_value(set).unwrap())
}

/// A proof for a code, once, to whoever knows the secret and asked for the code.
async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let secret = SECRET.replace(' ', "+").replace('\'', "%27");
    let known = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{CLIENT}:{secret}"))
    );
    let ours = headers[header::AUTHORIZATION] == known;
    let good_for = provider.codes.lock().unwrap().remove(&form["code"]);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    match good_for {
        Some((asked, proof)) if ours && asked == challenge => {
            let answer = json!({
                "access_token": "unused", "token_type": "Bearer", "id_token": proof,
            });
            (StatusCode::OK, Json(answer))
        }
        _ => (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_grant" })),
        ),
    }
}

/// `[sign_in.oidc]`, as the configuration reads it.
fn with_accounts(config: &mut Config, issuer: &str) {
    let text = format!(
        "{}\n[sign_in.oidc]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret_env = \"OIDC\"\nlabel = \"Google\"\n",
        config::EXAMPLE
    );
    let env = |name: &str| (name == "OIDC").then(|| SECRET.to_owned());
    let read = Config::parse("schoolgate.toml", &text, &env).unwrap();
    config.school_accounts = read.school_accounts;
}

/// Whoever sets out: the address they are sent to, and the cookie of their way.
async fn sets_out(world: &World) -> (Url, String) {
    let answer = world.get("/sign-in/school?next=%2Fcases", "", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("; Max-Age=600; Path=/; Secure; HttpOnly"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    (answer.location().parse().unwrap(), cookie)
}

async fn comes_back(world: &World, cookie: &str, (state, code): &(String, String)) -> Answer {
    let path = format!("/sign-in/school/back?state={state}&code={code}");
    // From the provider's page, as browsers say.
    world
        .get(&path, cookie, &[("sec-fetch-site", "cross-site")])
        .await
}

#[tokio::test]
async fn a_school_account_stands_in_the_place_of_the_password_and_no_further() {
    let provider = Provider::open().await;
    let world = world_with(false, |c| with_accounts(c, &provider.issuer)).await;
    let page = world.get("/sign-in?next=%2Fcases", "", &[]).await.body;
    assert!(page.contains("/sign-in/school?next=%2Fcases") && page.contains("Sign in with Google"));

    let (address, cookie) = sets_out(&world).await;
    let brought = provider.lets_in(&world, &address, PROVIDERS_KEY, &json!({}));
    let back = comes_back(&world, &cookie, &brought).await;
    assert_eq!(back.location(), "/cases", "{}", back.body);
    let set = back.headers.get_all(header::SET_COOKIE).iter();
    let set: Vec<&str> = set.map(|c| c.to_str().unwrap()).collect();
    assert!(set[1].contains("-detour=; Max-Age=0;"), "{set:?}");
    let signed_in = set[0].split(';').next().unwrap();
    let today = world.get("/today", signed_in, &[]).await;
    assert!(today.body.contains("Mr Hughes"));
    let again = comes_back(&world, &cookie, &brought).await;
    assert!(
        again.body.contains("That took too long"),
        "a way is gone once"
    );

    for (change, next) in [
        // Microsoft's word for a verified address.
        (
            json!({ "email": "park@kingfisher.example", "email_verified": null, "xms_edov": "1" }),
            "/cases",
        ),
        // Whoever has to has a second step all the same.
        (
            json!({ "email": "cole@kingfisher.example" }),
            "/sign-in/set-up?next=%2Fcases",
        ),
    ] {
        let (address, cookie) = sets_out(&world).await;
        let brought = provider.lets_in(&world, &address, PROVIDERS_KEY, &change);
        let back = comes_back(&world, &cookie, &brought).await;
        assert_eq!(back.location(), next, "{change}: {}", back.body);
    }
}

#[tokio::test]
async fn nothing_is_believed_but_a_sound_proof_of_a_verified_address_for_this_one_way() {
    let provider = Provider::open().await;
    let world = world_with(false, |c| with_accounts(c, &provider.issuer)).await;
    let now = world.rig.d.clock.now().as_second();
    const UNSOUND: &str = "Your school account could not be asked.";
    const NOBODY: &str = "That account is nobody&#39;s on the staff here.";
    for (change, key, said) in [
        (json!({ "nonce": "another" }), PROVIDERS_KEY, UNSOUND),
        (json!({ "aud": "another" }), PROVIDERS_KEY, UNSOUND),
        (
            json!({ "iss": "https://evil.example" }),
            PROVIDERS_KEY,
            UNSOUND,
        ),
        (json!({ "exp": now - 1 }), PROVIDERS_KEY, UNSOUND),
        (json!({}), ANOTHER_KEY, UNSOUND),
        (json!({ "email_verified": false }), PROVIDERS_KEY, NOBODY),
        (json!({ "email_verified": null }), PROVIDERS_KEY, NOBODY),
        (
            json!({ "email_verified": false, "xms_edov": "0" }),
            PROVIDERS_KEY,
            NOBODY,
        ),
        (json!({ "email": null }), PROVIDERS_KEY, NOBODY),
        (
            json!({ "email": "cole@elsewhere.example" }),
            PROVIDERS_KEY,
            NOBODY,
        ),
    ] {
        let (address, cookie) = sets_out(&world).await;
        let brought = provider.lets_in(&world, &address, key, &change);
        let back = comes_back(&world, &cookie, &brought).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
        assert!(back.body.contains(said), "{change}: {}", back.body);
        assert!(!back.headers.contains_key(header::SET_COOKIE), "{change}");
    }
    for algorithm in ["none", "HS256"] {
        let (address, cookie) = sets_out(&world).await;
        let change = json!({ "alg": algorithm });
        let brought = provider.lets_in(&world, &address, PROVIDERS_KEY, &change);
        let back = comes_back(&world, &cookie, &brought).await;
        assert!(back.body.contains(UNSOUND), "{algorithm}: {}", back.body);
    }
}

#[tokio::test]
async fn whoever_comes_back_was_sent_from_here_in_this_browser_a_short_while_ago() {
    let provider = Provider::open().await;
    let world = world_with(false, |c| with_accounts(c, &provider.issuer)).await;
    let way = async || {
        let (address, cookie) = sets_out(&world).await;
        let brought = provider.lets_in(&world, &address, PROVIDERS_KEY, &json!({}));
        (cookie, brought)
    };
    let refused = |answer: &Answer, said: &str| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(said), "{}", answer.body);
    };
    // A link that an attacker has half followed signs nobody in as the attacker.
    let (_, brought) = way().await;
    refused(
        &comes_back(&world, "", &brought).await,
        "began in another browser",
    );
    let (mine, _) = way().await;
    refused(&comes_back(&world, &mine, &brought).await, "was given up");
    // Their code, taken and brought with a state of mine: it was asked for with their verifier.
    let (cookie, (state, _)) = way().await;
    let stolen = (state, way().await.1.1);
    refused(
        &comes_back(&world, &cookie, &stolen).await,
        "could not be asked",
    );

    let (cookie, (state, _)) = way().await;
    let denied = world
        .get(
            &format!("/sign-in/school/back?state={state}&error=access_denied"),
            &cookie,
            &[],
        )
        .await;
    refused(&denied, "Signing in with Google was given up.");

    let (cookie, brought) = way().await;
    world.later(SignedDuration::from_mins(10));
    refused(
        &comes_back(&world, &cookie, &brought).await,
        "That took too long",
    );
}

#[tokio::test]
async fn without_school_accounts_there_is_no_such_way() {
    let world = world(false).await;
    for path in ["/sign-in/school", "/sign-in/school/back?state=a&code=b"] {
        let answer = world.get(path, "", &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let page = world.get("/sign-in", "", &[]).await.body;
    assert!(!page.contains("school account"));

    // Nobody is there to ask.
    let nobody = world_with(false, |c| with_accounts(c, "http://127.0.0.1:1")).await;
    let answer = nobody.get("/sign-in/school", "", &[]).await;
    assert!(
        answer.body.contains("could not be asked"),
        "{}",
        answer.body
    );
}
