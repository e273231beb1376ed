//! The URL of the database, taken apart, so that it can be shown and read without its secrets.
use std::fmt;

use kernel::{Error, Result};
use sea_orm::sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use url::Url;

/// The parameters of a URL that the driver knows, beside `options[NAME]`.
const PARAMETERS: [&str; 17] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];
/// The way out where a character of a password ends the part of the URL that it stands in.
const ESCAPES: &str = "The form is postgres://USER:PASSWORD@HOST:PORT/NAME, with one host. In a user name or a password, write \
    `@` as %40, `:` as %3A, `/` as %2F, `?` as %3F, `#` as %23 and `%` as %25.";

/// The URL of a database as it was given. It is shown without its secrets, also where it is printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL with its secrets, for whoever connects.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for DatabaseUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// A database by its kind.
pub(super) enum Location {
    /// An SQLite file, or an SQLite database in memory, by its URL.
    Sqlite(String),
    /// A Postgres server.
    Postgres(Box<PgConnectOptions>),
}

impl Location {
    /// Takes the URL apart.
    pub(super) fn of(url: &str) -> Result<Self> {
        let url = url.trim();
        if url.is_empty() {
            return Err(invalid("The database URL is empty; it must start with sqlite:// or postgres://.".to_owned()));
        }
        match scheme(url).as_deref() {
            Some("sqlite") => Ok(Self::Sqlite(format!("sqlite:{}", &url["sqlite:".len()..]))),
            Some("postgres" | "postgresql") => Ok(Self::Postgres(Box::new(postgres(url)?))),
            _ => Err(invalid(format!(
                "The database URL {} does not name a supported database; it must start with sqlite:// or postgres://.",
                shown(url)
            ))),
        }
    }
}

/// The URL as it may be shown: what leads to the database, without passwords and other parameters. Where a secret could stand in
/// any part, because the URL cannot be taken apart with certainty, only its scheme is shown.
pub(crate) fn shown(url: &str) -> String {
    let url = url.trim();
    let hidden = |scheme: &str| format!("{scheme}://…");
    match scheme(url).as_deref() {
        Some("sqlite") => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
        Some(scheme @ ("postgres" | "postgresql")) => parts(url).map_or_else(|_| hidden(scheme), |parts| parts.shown()),
        Some(scheme) => hidden(scheme),
        None => "…".to_owned(),
    }
}

fn scheme(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = !scheme.is_empty()
        && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    // What stands before a colon elsewhere may be the user of a URL without a scheme.
    let is_named = url[scheme.len()..].starts_with("://")
        || matches!(&*scheme.to_lowercase(), "sqlite" | "postgres" | "postgresql");
    (is_scheme && is_named).then(|| scheme.to_lowercase())
}

/// The parts of a URL of Postgres.
struct UrlParts {
    url: Url,
}

/// The parts, or why they cannot be told apart.
fn parts(url: &str) -> Result<UrlParts, String> {
    let after = url.split_once(':').map_or("", |(_, after)| after);
    if !after.starts_with("//") {
        return Err("it has no `//`".to_owned());
    }
    let parsed = Url::parse(url).map_err(|cause| cause.to_string())?;
    // Each of them belongs to a password that was not escaped, as a rule.
    if parsed.fragment().is_some() {
        return Err("it has a `#`".to_owned());
    }
    if parsed.path().contains('@') {
        return Err("it has an `@` after the host".to_owned());
    }
    let is_certain = |key: &str, value: &str| is_known(key) || (!key.contains(['@', '/', ':']) && !value.contains('@'));
    if !parsed.query_pairs().all(|(key, value)| is_certain(&key, &value)) {
        return Err("it has an `@` after its `?`".to_owned());
    }
    if parsed.host_str().is_some_and(|host| host.contains(',')) {
        return Err("it has several hosts".to_owned());
    }
    Ok(UrlParts { url: parsed })
}

fn is_known(parameter: &str) -> bool {
    PARAMETERS.contains(&parameter) || parameter == "statement-cache-capacity" || parameter.starts_with("options[")
}

impl UrlParts {
    /// Parts of the place, whether they stand in the URL or among its parameters.
    fn shown(&self) -> String {
        let url = &self.url;
        let named = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let user = named("user").or_else(|| given(url.username()));
        let host = named("hostaddr").or_else(|| named("host")).or_else(|| given(url.host_str().unwrap_or_default()));
        let port = named("port").or_else(|| url.port().map(|port| port.to_string()));
        let name = named("dbname").or_else(|| given(url.path().trim_start_matches('/')));
        format!(
            "{}://{}{}{}{}",
            url.scheme(),
            user.map(|user| format!("{user}@")).unwrap_or_default(),
            host.unwrap_or_default(),
            port.map(|port| format!(":{port}")).unwrap_or_default(),
            name.map(|name| format!("/{name}")).unwrap_or_default(),
        )
    }
}

/// Options for the driver. It is not shown parameters that it does not know, as it would log their values.
fn postgres(url: &str) -> Result<PgConnectOptions> {
    let mut url = match parts(url) {
        Ok(parts) => parts.url,
        Err(why) => return Err(invalid(format!("The database URL {} cannot be read: {why}. {ESCAPES}", shown(url)))),
    };
    let (known, others): (Vec<_>, Vec<_>) = url
        .query_pairs()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .partition(|(key, _)| is_known(key));
    for (key, _) in others {
        tracing::warn!(parameter = key, "a parameter of the database URL is unknown and has no effect");
    }
    url.set_query(None);
    if !known.is_empty() {
        url.query_pairs_mut().extend_pairs(known);
    }
    PgConnectOptions::from_url(&url).map_err(|cause| {
        let why = cause.to_string();
        let why = why.strip_prefix("error with configuration: ").unwrap_or(&why).to_owned();
        invalid(format!("The database URL {} has a parameter that cannot be read: {why}.", shown(url.as_str())))
    })
}

fn invalid(message: String) -> Error {
    Error::caller("DATABASE_URL_INVALID", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown_wherever_it_stands() {
        for (url, known) in [
            ("postgres://me:s3cret@host:5432/db", "postgres://me@host:5432/db"),
            ("postgresql://me:s3cret@host/db", "postgresql://me@host/db"),
            ("postgres://host/db?user=me&password=s3cret", "postgres://me@host/db"),
            ("postgres://me:s3cret@host/db?sslpassword=s3cret&password=s3cret", "postgres://me@host/db"),
            ("postgres://me:s3%23cret@host/db", "postgres://me@host/db"),
            ("postgres://me:s3@cret@host/db", "postgres://me@host/db"),
            ("postgres://me:s3cret@[::1]:5432/db", "postgres://me@[::1]:5432/db"),
            ("postgres://?host=/run/pg&user=me&password=s3cret&dbname=db", "postgres://me@/run/pg/db"),
            ("postgres://me:s3#cret@host/db", "postgres://…"),
            ("postgres://me:s3/cret@host/db", "postgres://…"),
            ("postgres://me:3/cret@host/db", "postgres://…"),
            ("postgres://me:s3?cret@host/db", "postgres://…"),
            ("postgres://me:3?cret@host/db", "postgres://…"),
            ("postgres://me:3?s=3&cret@host/db", "postgres://…"),
            ("postgres://me:3?s=s3cret@host/db", "postgres://…"),
            ("postgres://me:s3cret@a:1,b:2/db", "postgres://…"),
            ("postgres://me:s3cret@a,b/db", "postgres://…"),
            ("postgres:me:s3cret@host/db", "postgres://…"),
            ("postgres:/me:s3cret@host/db", "postgres://…"),
            ("postgres://me:s3cret@ho st/db", "postgres://…"),
            ("POSTGRES://me:s3cret@host/db", "postgres://me@host/db"),
            ("mysql://me:s3cret@host/db", "mysql://…"),
            ("me:s3cret@host/db", "…"),
            ("\"postgres://me:s3cret@host/db\"", "…"),
            (" postgres://me:s3cret@host/db\n", "postgres://me@host/db"),
            ("sqlite://careerql.sqlite", "sqlite://careerql.sqlite"),
            ("sqlite://careerql.sqlite?key=s3cret", "sqlite://careerql.sqlite"),
        ] {
            assert_eq!(shown(url), known, "{url}");
            assert_eq!(format!("{:?}", DatabaseUrl::from(url)), known);
            if let Err(error) = Location::of(url) {
                assert!(!error.to_string().contains("cret"), "{url}: {error}");
            }
        }
    }

    #[test]
    fn a_password_stands_where_it_may() {
        for url in
            ["postgres://me:s3cret@h/db", "postgres://h/db?user=me&password=s3cret", "postgres://me:s3%40@[::1]:1/db"]
        {
            let Ok(Location::Postgres(options)) = Location::of(url) else { panic!("{url}") };
            assert_eq!((options.get_username(), options.get_database()), ("me", Some("db")), "{url}");
        }
    }
}
