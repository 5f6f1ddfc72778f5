//! The notation of the recordings.
//!
//! `OK  INPUT …` and `ERR INPUT => message`; inputs are quoted as Rust prints strings, or bare JSON. An expression is
//! `INPUT  =  value`, `INPUT  !!  message` or `PARSE-ERR INPUT => message`, and may span lines.

/// What the reference made of an input.
#[derive(Debug)]
pub enum Recorded {
    /// It accepted it; what follows the input.
    Accepted(String),
    /// It rejected it.
    Rejected,
}

impl Recorded {
    /// Whether it accepted it.
    pub fn accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }
}

/// What the reference made of an expression.
#[derive(Debug, PartialEq)]
pub enum Expected {
    /// It does not parse.
    Rejected,
    /// Its evaluation fails, with this message.
    Failed(String),
    /// Its value.
    Value(String),
}

/// The lines under a heading; before the first heading, for the empty name.
pub fn section<'t>(text: &'t str, name: &str) -> &'t str {
    let start = match name {
        "" => 0,
        name => {
            let heading = format!("== {name}\n");
            text.find(&heading).map(|at| at + heading.len()).unwrap_or_else(|| panic!("no section {name}"))
        }
    };
    let rest = &text[start..];
    &rest[..rest.find("\n== ").map_or(rest.len(), |end| end + 1)]
}

/// The status of a line, and what follows it.
fn status(line: &str) -> (bool, &str) {
    if let Some(rest) = line.strip_prefix("OK  ") {
        (true, rest.trim_start())
    } else if let Some(rest) = line.strip_prefix("ERR ") {
        (false, rest.trim_start())
    } else {
        panic!("neither OK nor ERR: {line}")
    }
}

/// A line with a quoted input.
pub fn quoted(line: &str) -> (String, Recorded) {
    let (accepted, rest) = status(line);
    let (input, rest) = unquote(rest);
    let rest = rest.trim_start();
    let message = rest.strip_prefix("=> ").unwrap_or(rest).to_owned();
    (input, if accepted { Recorded::Accepted(message) } else { Recorded::Rejected })
}

/// A line with a JSON input.
pub fn json(line: &str) -> (String, Recorded) {
    let (accepted, rest) = status(line);
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
    let end = match values.next() {
        Some(Ok(_)) => values.byte_offset(),
        _ => rest.find(" => ").or_else(|| rest.find(" -> ")).unwrap_or(rest.len()),
    };
    let after = rest[end..].trim_start();
    let after = after.strip_prefix("=> ").or_else(|| after.strip_prefix("-> ")).unwrap_or(after).to_owned();
    (rest[..end].to_owned(), if accepted { Recorded::Accepted(after) } else { Recorded::Rejected })
}

/// All quoted strings of a text.
pub fn strings(mut text: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(start) = text.find('"') {
        let (string, rest) = unquote(&text[start..]);
        found.push(string);
        text = rest;
    }
    found
}

/// A string as Rust prints it, at the start of the text, and the rest.
fn unquote(text: &str) -> (String, &str) {
    let mut string = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (string, &text[at + 1..]),
            '\\' => match characters.next().expect("an escape").1 {
                'n' => string.push('\n'),
                't' => string.push('\t'),
                'r' => string.push('\r'),
                '0' => string.push('\0'),
                'u' => {
                    let code: String = characters.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                    let code = u32::from_str_radix(&code, 16).expect("a code point");
                    string.push(char::from_u32(code).expect("a character"));
                }
                other => string.push(other),
            },
            c => string.push(c),
        }
    }
    panic!("unterminated: {text}")
}

/// The expressions of a section with what became of them.
pub fn expressions(section: &str) -> Vec<(String, Expected)> {
    let (mut found, mut entry) = (Vec::new(), String::new());
    for line in section.lines() {
        entry += line;
        match expression(&entry) {
            Some(complete) => {
                found.push(complete);
                entry.clear();
            }
            None => entry.push('\n'),
        }
    }
    assert!(entry.is_empty(), "incomplete: {entry}");
    found
}

fn expression(entry: &str) -> Option<(String, Expected)> {
    if let Some(rest) = entry.strip_prefix("PARSE-ERR ") {
        let (input, _) = rest.split_once(" => ")?;
        return Some((input.to_owned(), Expected::Rejected));
    }
    if let Some((input, message)) = entry.split_once("  !!  ") {
        return Some((input.to_owned(), Expected::Failed(message.to_owned())));
    }
    let (input, value) = entry.split_once("  =  ")?;
    Some((input.to_owned(), Expected::Value(value.to_owned())))
}
