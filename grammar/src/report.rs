//! Every diagnostic that the grammar can emit.
//!
//! A diagnostic is built by its constructor, which stands in the same file as the row of its code: one file for each
//! kind of text. Wording lives here and nowhere else, so that it can be read, and kept alike, in one place.

mod collector;
pub(crate) mod expression;
pub(crate) mod json;
pub(crate) mod policy;
#[cfg(test)]
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod syntax;

pub(crate) use self::collector::Collector;
use crate::diagnostic::{Code, Page};

/// Every code of this crate.
pub fn codes() -> impl Iterator<Item = Code> {
    [syntax::CODES, policy::CODES, expression::CODES, schema::CODES, json::CODES].into_iter().flatten().copied()
}

/// The page of every code of this crate.
pub fn pages() -> impl Iterator<Item = Page> {
    [syntax::PAGES, policy::PAGES, expression::PAGES, schema::PAGES, json::PAGES].into_iter().flatten().copied()
}

/// `a`, `b` or `c`, each between backticks.
pub(crate) fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    join(words.into_iter().map(|word| format!("`{word}`")), "or")
}

/// Joins with commas, and a conjunction before the last.
pub(crate) fn join(items: impl IntoIterator<Item = String>, conjunction: &str) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    let Some(last) = items.pop() else { return String::new() };
    if items.is_empty() { last } else { format!("{} {conjunction} {last}", items.join(", ")) }
}

/// Advice that names the word that was probably meant.
pub(crate) fn did_you_mean(word: Option<&str>) -> Option<String> {
    word.map(|word| format!("did you mean `{word}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_kebab_case_and_stand_once() {
        let names: Vec<&str> = codes().map(|code| code.name).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
            assert!(!names.iter().skip(index + 1).any(|other| other == name), "{name} stands twice");
        }
    }
}
