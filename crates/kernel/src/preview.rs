//! Preview links: whoever has one sees the draft of one entry, until it expires. It is good for nothing else.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{
    Error, Perspective, Result,
    store::{Database, row_of, signing_key},
};

/// What the key signs.
const PURPOSE: &str = "preview";

/// What a link allows.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    kind: String,
    slug: String,
    /// Seconds since 1970.
    until: i64,
}

/// The token of a link to the draft of an entry: what `?preview=` takes.
pub async fn preview_token(db: &Database, kind: &str, slug: &str, until: DateTime<Utc>) -> Result<String> {
    let claim = Claim { kind: kind.to_owned(), slug: slug.to_owned(), until: until.timestamp() };
    sign(&signing_key(db, PURPOSE).await?, &claim)
}

/// What the holder of a link sees; an error (`BAD_PREVIEW`) where it is not, or no longer, a link of this database.
pub(crate) async fn perspective_of(db: &Database, token: &str) -> Result<Perspective> {
    let bad = || Error::caller("BAD_PREVIEW", "This preview link is not valid, or not any more. Ask for a new one.");
    let claim = read(&signing_key(db, PURPOSE).await?, token, Utc::now()).ok_or_else(bad)?;
    let entry = row_of(db, &claim.kind, &claim.slug).await?.ok_or_else(bad)?;
    Ok(Perspective::Preview(entry))
}

fn sign(key: &[u8], claim: &Claim) -> Result<String> {
    let claim = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claim)?);
    let signature = mac(key, &claim).map_err(Error::internal)?.finalize().into_bytes();
    Ok(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn read(key: &[u8], token: &str, now: DateTime<Utc>) -> Option<Claim> {
    let (claim, signature) = token.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(key, claim).ok()?.verify_slice(&signature).ok()?;
    let claim: Claim = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claim).ok()?).ok()?;
    (now.timestamp() < claim.until).then_some(claim)
}

fn mac(key: &[u8], claim: &str) -> Result<Hmac<Sha256>, hmac::digest::InvalidLength> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(PURPOSE.as_bytes());
    mac.update(claim.as_bytes());
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_is_read_and_only_in_time() {
        let (key, now) = ([7; 32], DateTime::from_timestamp(1_000, 0).expect("a time"));
        let claim = |until| Claim { kind: "career".to_owned(), slug: "nurse".to_owned(), until };
        let token = sign(&key, &claim(1_001)).expect("it can be signed");

        assert_eq!(read(&key, &token, now), Some(claim(1_001)));
        assert_eq!(read(&[8; 32], &token, now), None, "another key");
        assert_eq!(read(&key, &sign(&key, &claim(1_000)).expect("it can be signed"), now), None, "expired");
        let other = sign(&key, &claim(9_999)).expect("it can be signed");
        let (claimed, _) = other.split_once('.').expect("two parts");
        let (_, signature) = token.split_once('.').expect("two parts");
        assert_eq!(read(&key, &format!("{claimed}.{signature}"), now), None, "a signature of something else");
        for broken in ["", ".", "a.b", &token[1..], &token[..token.len() - 1]] {
            assert_eq!(read(&key, broken, now), None, "{broken}");
        }
    }
}
