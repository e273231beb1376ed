//! Arguments of callers that are text.
use document::characters::{Layout, flaw};

use crate::{Error, Result};

/// Refuses an argument whose characters no text may have (`BAD_USER_INPUT`).
pub fn require_text(argument: &str, text: &str, layout: Layout) -> Result<()> {
    match flaw(text, layout).filter(|_| !text.trim().is_empty()) {
        None => Ok(()),
        Some(flaw) => Err(Error::caller("BAD_USER_INPUT", format!("`{argument}` {flaw}."))),
    }
}
