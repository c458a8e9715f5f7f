//! The console's own files: a style sheet and a little JavaScript, built into the program.
//!
//! An address holds the file's hash, so a browser may keep it for ever and still gets the new one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::error::PageError;

#[derive(Embed)]
#[folder = "src/web/assets"]
struct Files;

/// The first half of each file's SHA-256, in hex.
static HASHES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            Some((name.into_owned(), hash(&file)))
        })
        .collect()
});

fn hash(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The address of a file, for templates.
pub(crate) fn address(name: &str) -> String {
    let hash = HASHES.get(name).map_or("0", String::as_str);
    format!("/assets/{hash}/{name}")
}

/// `GET /assets/{hash}/{file}`
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let (Some(file), Some(known)) = (Files::get(&name), HASHES.get(&name)) else {
        return PageError::NotFound.into_response();
    };
    // An old page asks for an old hash: it gets the file, and does not keep it.
    let keep = if hash == *known {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = if file.metadata.mimetype().starts_with("text/") {
        format!("{}; charset=utf-8", file.metadata.mimetype())
    } else {
        file.metadata.mimetype().to_owned()
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, format!("\"{known}\"")),
    ];
    (StatusCode::OK, headers, file.data.into_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_address_of_its_own_and_no_file_comes_from_elsewhere() {
        for name in ["console.css", "console.js", "LICENSE-govuk-frontend.txt"] {
            assert!(Files::get(name).is_some(), "{name}");
            assert_eq!(address(name).len(), "/assets//".len() + 32 + name.len());
        }
        let css = Files::get("console.css").unwrap();
        let css = String::from_utf8_lossy(&css.data);
        for barred in ["GDS Transport", "@font-face", "@import", "url(", "crest"] {
            assert!(!css.contains(barred), "{barred}");
        }
    }
}
