//! The request of a webhook, as the command line gives it: secrets come from files or the environment.
use std::{env, fs, path::Path};

use kernel::{
    Error, Result,
    store::{Secret, WebhookHeader, WebhookSettings},
};

use crate::cli::RequestOptions;

/// Settings with the request that the command line gives.
pub(super) fn with_request(mut settings: WebhookSettings, given: &RequestOptions) -> Result<WebhookSettings> {
    for header in headers(given)? {
        match settings.headers.iter_mut().find(|known| known.name == header.name) {
            Some(known) => *known = header,
            None => settings.headers.push(header),
        }
    }
    if let Some(method) = &given.method {
        settings.method.clone_from(method);
    }
    if let Some(body) = &given.body {
        settings.body = Some(read("body", body)?.trim_end().to_owned());
    }
    settings.every_seconds = given.every.or(settings.every_seconds);
    settings.max_tags = given.max_tags.or(settings.max_tags);
    Ok(settings)
}

fn headers(given: &RequestOptions) -> Result<Vec<WebhookHeader>> {
    let mut headers = Vec::new();
    for (index, text) in given.headers.iter().enumerate() {
        headers.push(header(text, &format!("The {}. `--header`", index + 1))?);
    }
    for text in &given.header_variables {
        let (name, variable) = text
            .split_once('=')
            .ok_or_else(|| bad_header("`--header-env` needs the name of a header, `=`, and the name of a variable"))?;
        let value = env::var(variable).map_err(|_| {
            bad_header(&format!("The variable {variable} of the environment, for the header `{name}`, is not set"))
        })?;
        headers.push(WebhookHeader { name: name.to_ascii_lowercase(), value: Secret(value) });
    }
    if let Some(file) = &given.header_file {
        let text = read("headers", file)?;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            headers.push(header(line.trim(), &format!("Line {} of {}", index + 1, file.display()))?);
        }
    }
    Ok(headers)
}

/// A header of a text `NAME=VALUE`, which an error does not show.
fn header(text: &str, place: &str) -> Result<WebhookHeader> {
    let pair = text.split_once('=');
    let (name, value) = pair.ok_or_else(|| bad_header(&format!("{place} has no `=`: write NAME=VALUE")))?;
    Ok(WebhookHeader { name: name.trim().to_ascii_lowercase(), value: value.trim().into() })
}

fn bad_header(message: &str) -> Error {
    Error::caller("BAD_HEADER", format!("{message}."))
}

/// The text of a file that an option names.
pub(super) fn read(what: &str, file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|cause| {
        Error::caller("UNREADABLE_FILE", format!("The {what} in {} cannot be read: {cause}.", file.display()))
    })
}
