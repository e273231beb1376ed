//! Preview links: whoever has one sees the draft of one entry, until it ends. It is good for nothing else.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{
    preview_link::previewed,
    signing_key::{Model as SigningKey, signing_key},
};
use crate::{Database, Error, Perspective, Result};

/// Purpose for which the key signs.
pub const PURPOSE: &str = "preview";

/// Claims that are signed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    /// The row of the link.
    link: i64,
    /// The number of the key.
    key: i32,
    /// Seconds since 1970.
    until: i64,
}

/// The token of a link: what `?preview=` takes.
pub fn signed(key: &SigningKey, link: i64, until: DateTime<Utc>) -> Result<String> {
    sign(&key.bytes()?, &Claim { link, key: key.number, until: until.timestamp() })
}

/// Perspective of the holder of a link; an error (`BAD_PREVIEW`) where it is not, or no longer, a link of this database. Nothing is asked
/// of the database for what is no link or has expired, nothing but the key where the signature is wrong, and nothing is written.
pub async fn perspective_of(db: &Database, token: &str) -> Result<Perspective> {
    let bad = || Error::caller("BAD_PREVIEW", "This preview link is invalid, expired or revoked. Ask for a new one.");
    let claimed = Claimed::read(token, db.clock().now()).ok_or_else(bad)?;
    let key = signing_key(&**db, PURPOSE).await?.filter(|key| key.number == claimed.claim.key).ok_or_else(bad)?;
    if !claimed.is_signed_with(&key.bytes()?) {
        return Err(bad());
    }
    let entry = previewed(db, claimed.claim.link).await?.ok_or_else(bad)?;
    Ok(Perspective::Preview(entry))
}

fn sign(key: &[u8], claim: &Claim) -> Result<String> {
    let claim = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claim)?);
    let signature = mac(key, &claim).map_err(Error::internal)?.finalize().into_bytes();
    Ok(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// A claim that has not expired, and its signature, which is still to be verified.
struct Claimed<'a> {
    claim: Claim,
    text: &'a str,
    signature: Vec<u8>,
}

impl<'a> Claimed<'a> {
    fn read(token: &'a str, now: DateTime<Utc>) -> Option<Self> {
        let (text, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let claim: Claim = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (signature.len() == 32 && now.timestamp() < claim.until).then_some(Self { claim, text, signature })
    }

    fn is_signed_with(&self, key: &[u8]) -> bool {
        mac(key, self.text).is_ok_and(|mac| mac.verify_slice(&self.signature).is_ok())
    }
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
        let claim = |until| Claim { link: 3, key: 1, until };
        let signed = |until| sign(&key, &claim(until)).expect("it can be signed");
        let read = |key: &[u8], token: &str| {
            let claimed = Claimed::read(token, now)?;
            claimed.is_signed_with(key).then_some(claimed.claim)
        };
        let token = signed(1_001);

        assert_eq!(read(&key, &token), Some(claim(1_001)));
        assert_eq!(read(&[8; 32], &token), None, "another key");
        assert_eq!(read(&key, &signed(1_000)), None, "expired");
        let other = signed(9_999);
        let (claimed, _) = other.split_once('.').expect("two parts");
        let (_, signature) = token.split_once('.').expect("two parts");
        assert_eq!(read(&key, &format!("{claimed}.{signature}")), None, "a signature of something else");
        for broken in ["", ".", "a.b", &token[1..], &token[..token.len() - 1]] {
            assert_eq!(read(&key, broken), None, "{broken}");
        }
    }
}
