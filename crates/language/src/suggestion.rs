//! "Did you mean": names of the schema that are like the one that was written.
use strsim::damerau_levenshtein;

use crate::Schema;

/// The largest number of names that are suggested.
const MOST: usize = 3;

impl Schema {
    /// A sentence with the names that are like this one; nothing where there are none, or where the schema is hidden.
    pub(crate) fn suggestion<'a, N: AsRef<str> + ?Sized + 'a>(
        &self,
        written: &str,
        names: impl IntoIterator<Item = &'a N>,
    ) -> String {
        if !self.suggests {
            return String::new();
        }
        let folded = written.to_lowercase();
        let distances =
            names.into_iter().map(|name| (damerau_levenshtein(&folded, &name.as_ref().to_lowercase()), name.as_ref()));
        let mut alike: Vec<_> = distances.filter(|(distance, _)| *distance <= written.len() * 2 / 5 + 1).collect();
        alike.sort_unstable();
        let alike: Vec<_> = alike.into_iter().take(MOST).map(|(_, name)| format!("`{name}`")).collect();
        if alike.is_empty() { String::new() } else { format!(" Did you mean {}?", alike.join(" or ")) }
    }
}
