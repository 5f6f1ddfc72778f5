//! Texts with a small defect: a token inserted, dropped, repeated, replaced or swapped.
//!
//! Most defects make the text malformed, some change its meaning, some do nothing; the engines must agree on which.

use serde_json::Value;

use super::random::Random;

/// What is inserted into policies.
pub const POLICY_TOKENS: &[&str] = &[
    "&&",
    "||",
    "==",
    "=",
    "!=",
    "!",
    "-",
    "--",
    "!!!!!",
    "-----",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "::",
    ".",
    ":",
    "<",
    ">=",
    "+",
    "*",
    "/",
    "%",
    "if true then 1 else 2",
    "else",
    "then",
    "principal",
    "action",
    "resource",
    "context",
    "?principal",
    "?resource",
    "?x",
    "permit",
    "forbid",
    "when",
    "unless",
    "when {}",
    "is",
    "in",
    "has",
    "like",
    "true",
    "\"a\"",
    "\"\\*\"",
    "\"\\q\"",
    "\"\\x80\"",
    "\"\\u{110000}\"",
    "\"\\u{1_0}\"",
    "'a'",
    "\"",
    "9223372036854775808",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1.5",
    "0x1",
    "007",
    "@id(\"x\")",
    "@a",
    "@a(1)",
    "__cedar",
    "__cedar::Long",
    "Action::\"x\"",
    "User::\"a\"",
    "A::B::\"c\"",
    "U::{id: \"a\"}",
    "principal is User",
    ".contains(1)",
    ".contains()",
    ".isEmpty()",
    ".isEmpty(1)",
    ".foo()",
    "[\"a\"]",
    "[1]",
    "ip(\"1.1.1.1\")",
    "ip()",
    "foo(1)",
    "isIpv4(1)",
    ".ip(\"1\")",
    "a::ip(\"1\")",
    "unknown(\"x\")",
    "/* c */",
    "// c\n",
    "\\",
    "\\\n",
    "$",
    "#",
    "é",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "&",
    "|",
    "{a: 1, a: 2}",
    "{if: 1}",
    "{\"if\": 1}",
    "has a.b",
    "has \"a\".b",
    "has if",
    "like \"*\"",
    "like (\"a\")",
    "is User in principal",
    "in [principal]",
    "(true)",
    "error",
];

/// What is inserted into schemas.
pub const SCHEMA_TOKENS: &[&str] = &[
    "entity",
    "action",
    "type",
    "namespace",
    "in",
    "appliesTo",
    "principal",
    "resource",
    "context",
    "tags",
    "enum",
    "attributes",
    "external",
    "Set",
    "Set<Long>",
    "Long",
    "Bool",
    "Boolean",
    "String",
    "Record",
    "Entity",
    "Extension",
    "ipaddr",
    "decimal",
    "__cedar",
    "__cedar::Long",
    "__cedar::Nope",
    "Action",
    "User",
    "Nope",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ",",
    ";",
    ":",
    "?",
    "=",
    "::",
    "\"a\"",
    "\"\"",
    "\"\\q\"",
    "\"\\*\"",
    "if",
    "true",
    "@a",
    "@a(\"b\")",
    "@a @a",
    "{}",
    "attributes {}",
    "entity Z;",
    "entity Z, Z;",
    "entity User;",
    "action zz;",
    "action all;",
    "type T = Long;",
    "type T = T;",
    "type Long = Bool;",
    "type User = Long;",
    "entity Z in [User];",
    "entity Z enum [\"a\"];",
    "entity Z enum [];",
    "namespace Q {}",
    "namespace __cedar {}",
    "external entity Z;",
    "external action zz;",
    "action zz in [zz];",
    "action zz in [\"all\"];",
    "action zz appliesTo { principal: User, resource: User };",
    "action zz appliesTo { principal: [], resource: User };",
    "a: Long,",
    "a?: { b: Set<User> },",
    "1",
    "/* c */",
    "// c\n",
    "é",
    "'",
];

/// What is inserted into JSON.
pub const JSON_TOKENS: &[&str] = &[
    "null",
    "true",
    "1",
    "1.0",
    "1e2",
    "-0",
    "01",
    "9223372036854775808",
    "-9223372036854775808",
    "\"a\"",
    "\"\"",
    "\"\\u00e9\"",
    "\"\\ud800\"",
    "\"\\q\"",
    "{}",
    "[]",
    "{\"a\": 1, \"a\": 2}",
    "\"type\": \"User\",",
    "\"id\": \"a\",",
    "\"effect\"",
    "\"permit\"",
    "\"forbid\"",
    "\"op\"",
    "\"All\"",
    "\"==\"",
    "\"in\"",
    "\"is\"",
    "\"entity\"",
    "\"entities\"",
    "\"slot\"",
    "\"?principal\"",
    "\"?resource\"",
    "\"?action\"",
    "\"entity_type\"",
    "\"conditions\"",
    "\"kind\"",
    "\"when\"",
    "\"unless\"",
    "\"body\"",
    "\"annotations\"",
    "\"Value\"",
    "\"Var\"",
    "\"principal\"",
    "\"context\"",
    "\"Slot\"",
    "\"left\"",
    "\"right\"",
    "\"arg\"",
    "\"attr\"",
    "\"has\"",
    "\"like\"",
    "\"pattern\"",
    "\"Wildcard\"",
    "\"Literal\"",
    "\"if-then-else\"",
    "\"Set\"",
    "\"Record\"",
    "\"ip\"",
    "\"isInRange\"",
    "\"nope\"",
    "\"__entity\"",
    "\"__extn\"",
    "\"__expr\"",
    "\"fn\"",
    "\"uid\"",
    "\"attrs\"",
    "\"parents\"",
    "\"tags\"",
    "\"entityTypes\"",
    "\"actions\"",
    "\"shape\"",
    "\"Entity\"",
    "\"EntityOrCommon\"",
    "\"Extension\"",
    "\"Boolean\"",
    "\"Long\"",
    "\"required\"",
    "\"element\"",
    "{\"__entity\": {\"type\": \"User\", \"id\": \"a\"}}",
    "{\"__extn\": {\"fn\": \"ip\", \"arg\": \"1.1.1.1\"}}",
    "\"zz\": 1,",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "NaN",
    "/* c */",
    "\u{feff}",
    " ",
];

/// The text with one to three defects.
pub fn damage(random: &mut Random<'_, '_>, text: &str, tokens: &[&str]) -> String {
    let mut pieces: Vec<String> = split(text).into_iter().map(str::to_owned).collect();
    for _ in 0..random.weighted(&[0, 75, 17, 8]) {
        let at = random.below(pieces.len().max(1));
        let token = (*random.pick(tokens)).to_owned();
        match random.weighted(&[35, 20, 10, 25, 10]) {
            0 => pieces.insert(at.min(pieces.len()), format!(" {token} ")),
            1 if at < pieces.len() => drop(pieces.remove(at)),
            2 if at < pieces.len() => pieces.insert(at, pieces[at].clone()),
            3 if at < pieces.len() => pieces[at] = token,
            4 if at + 1 < pieces.len() => pieces.swap(at, at + 1),
            _ => {}
        }
    }
    pieces.concat()
}

/// The document with one or two members or elements dropped, renamed, repeated or replaced; always well-formed JSON.
pub fn damage_json(random: &mut Random<'_, '_>, document: &Value) -> String {
    let mut document = document.clone();
    for _ in 0..random.weighted(&[0, 80, 20]) {
        let n_nodes = count_nodes(&document);
        let at = random.below(n_nodes);
        change_node(random, &mut document, at);
    }
    document.to_string()
}

fn count_nodes(value: &Value) -> usize {
    let mut count = 0;
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        count += 1;
        match value {
            Value::Array(elements) => rest.extend(elements),
            Value::Object(members) => rest.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    count
}

/// Changes the node of that number, counted depth first from the end.
fn change_node(random: &mut Random<'_, '_>, document: &mut Value, at: usize) {
    let mut rest = vec![document];
    let mut passed = 0;
    while let Some(value) = rest.pop() {
        if passed == at {
            return change(random, value);
        }
        passed += 1;
        match value {
            Value::Array(elements) => rest.extend(elements),
            Value::Object(members) => rest.extend(members.iter_mut().map(|(_, member)| member)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn change(random: &mut Random<'_, '_>, value: &mut Value) {
    match value {
        Value::Object(members) if !members.is_empty() && random.percent(75) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            let key = random.pick(&keys).clone();
            let member = members.remove(&key).unwrap_or_default();
            match random.below(4) {
                0 => {}
                1 => drop(members.insert(random_key(random), member)),
                2 => drop(members.insert(key, snippet(random))),
                _ => {
                    members.insert(key, member);
                    members.insert(random_key(random), snippet(random));
                }
            }
        }
        Value::Array(elements) if random.percent(75) => {
            let at = random.below(elements.len() + 1);
            match random.below(3) {
                0 if at < elements.len() => drop(elements.remove(at)),
                1 if at < elements.len() => elements.insert(at, elements[at].clone()),
                _ => elements.insert(at, snippet(random)),
            }
        }
        Value::String(text) if random.percent(50) => {
            let more = *random.pick(&[" ", "::", "\0", "é", "x", "\"", "?"]);
            text.push_str(more);
        }
        value => *value = snippet(random),
    }
}

/// One of the tokens that are documents.
fn snippet(random: &mut Random<'_, '_>) -> Value {
    let values: Vec<Value> = JSON_TOKENS.iter().filter_map(|token| serde_json::from_str(token).ok()).collect();
    random.pick(&values).clone()
}

fn random_key(random: &mut Random<'_, '_>) -> String {
    let keys: Vec<_> = JSON_TOKENS.iter().filter_map(|token| serde_json::from_str::<String>(token).ok()).collect();
    random.pick(&keys).clone()
}

/// The words, strings, spaces and other characters of a text.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = if first == '"' {
            string_length(rest)
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if first.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The length of the string literal that the text starts with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
