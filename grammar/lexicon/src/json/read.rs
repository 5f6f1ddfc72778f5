//! Reading JSON into a flat list of nodes.

use core::{fmt, ops::Range};

use crate::limits;

/// A JSON text that cannot be read, with the byte offset of the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Bytes before the problem.
    pub offset: usize,
    /// What is wrong there.
    pub problem: JsonProblem,
}

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonProblem {
    /// Something else was expected; says what.
    Expected(&'static str),
    /// The text ends inside a value.
    UnexpectedEnd,
    /// A control character in a string must be escaped.
    ControlCharacter,
    /// No such escape in a string.
    BadEscape,
    /// A `\u` escape that is half of a surrogate pair.
    LoneSurrogate,
    /// A number that is not one of JSON, like `01`, `.5` or `1.`.
    BadNumber,
    /// Something follows the value.
    TrailingText,
    /// More open brackets than [`limits::OPEN_BRACKETS`].
    TooDeep,
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::UnexpectedEnd => f.write_str("the JSON text ends inside a value"),
            Self::ControlCharacter => f.write_str("control characters in a JSON string must be escaped"),
            Self::BadEscape => f.write_str("this is not an escape of JSON"),
            Self::LoneSurrogate => f.write_str("this escape is one half of a surrogate pair"),
            Self::BadNumber => f.write_str("this is not a JSON number"),
            Self::TrailingText => f.write_str("expected the end of the text after the JSON value"),
            Self::TooDeep => write!(f, "the nesting exceeds the limit {}", limits::OPEN_BRACKETS),
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.offset)
    }
}

impl core::error::Error for JsonError {}

/// The form of one node; the strings of escaped text lie in [`Document::unescaped`].
#[derive(Debug, Clone)]
enum Form {
    Null,
    Bool(bool),
    Number,
    /// A string without escapes: the source between the quotes.
    PlainString,
    EscapedString(Range<usize>),
    Array,
    /// Keys and values alternate.
    Object,
}

#[derive(Debug, Clone)]
struct Node {
    form: Form,
    /// Where the value stands in the text, quotes and brackets included.
    span: Range<usize>,
    /// The index of the first node that is not part of this one.
    next: usize,
}

/// A JSON text, read.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    unescaped: String,
}

impl<'t> Document<'t> {
    /// Reads a text that is one JSON value.
    ///
    /// # Errors
    /// The first problem, with its byte offset.
    pub fn parse(text: &'t str) -> Result<Self, JsonError> {
        let mut document = Self::empty(text);
        let end = document.read_value(skip_space(text, 0))?;
        let end = skip_space(text, end);
        if end < text.len() {
            return Err(JsonError { offset: end, problem: JsonProblem::TrailingText });
        }
        Ok(document)
    }

    /// A document that holds `null`, to be filled by an [`ArrayStream`].
    pub fn empty(text: &'t str) -> Self {
        Self { text, nodes: Vec::new(), unescaped: String::new() }
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { document: self, index: 0 }
    }

    /// Replaces the document by the value that starts at the offset; returns where it ends.
    fn read_value(&mut self, start: usize) -> Result<usize, JsonError> {
        self.nodes.clear();
        self.unescaped.clear();
        Parser { text: self.text, at: start, nodes: &mut self.nodes, unescaped: &mut self.unescaped }.value()
    }
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    index: usize,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind<'d> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(&'d str),
    /// A string, with its escapes resolved.
    String(&'d str),
    /// An array.
    Array(Array<'d>),
    /// An object.
    Object(Object<'d>),
}

impl Kind<'_> {
    /// The word for messages, with its article.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl<'d> Value<'d> {
    /// What the value is.
    pub fn kind(self) -> Kind<'d> {
        let Some(node) = self.document.nodes.get(self.index) else { return Kind::Null };
        let source = |range: Range<usize>| self.document.text.get(range).unwrap_or_default();
        match &node.form {
            Form::Null => Kind::Null,
            Form::Bool(value) => Kind::Bool(*value),
            Form::Number => Kind::Number(source(node.span.clone())),
            Form::PlainString => Kind::String(source(node.span.start + 1..node.span.end - 1)),
            Form::EscapedString(range) => Kind::String(self.document.unescaped.get(range.clone()).unwrap_or_default()),
            Form::Array => Kind::Array(Array(self.children())),
            Form::Object => Kind::Object(Object(self.children())),
        }
    }

    /// Where the value stands in the text, in bytes.
    pub fn span(self) -> Range<usize> {
        self.document.nodes.get(self.index).map_or(0..0, |node| node.span.clone())
    }

    /// The value as it is written.
    pub fn source(self) -> &'d str {
        self.document.text.get(self.span()).unwrap_or_default()
    }

    /// The string, if it is one.
    pub fn as_str(self) -> Option<&'d str> {
        if let Kind::String(text) = self.kind() { Some(text) } else { None }
    }

    /// The object, if it is one.
    pub fn as_object(self) -> Option<Object<'d>> {
        if let Kind::Object(object) = self.kind() { Some(object) } else { None }
    }

    /// The array, if it is one.
    pub fn as_array(self) -> Option<Array<'d>> {
        if let Kind::Array(array) = self.kind() { Some(array) } else { None }
    }

    /// Where the value stands in the document: keys and positions from the root, as in `.a[3]["b c"]`.
    pub fn path(self) -> String {
        let mut path = String::new();
        let mut at = Value { index: 0, ..self };
        while at.index != self.index {
            let holds = |value: &Value<'d>| value.index <= self.index && self.index < value.next();
            let step = match at.kind() {
                Kind::Array(array) => {
                    array.iter().enumerate().find(|(_, v)| holds(v)).map(|(i, v)| (format!("[{i}]"), v))
                }
                Kind::Object(object) => object.iter().find(|(k, v)| k.index == self.index || holds(v)).map(|(k, v)| {
                    let key = k.as_str().unwrap_or_default();
                    let quoted = !crate::name::has_identifier_form(key);
                    let step = if quoted { format!("[{}]", k.source()) } else { format!(".{key}") };
                    (step, if k.index == self.index { k } else { v })
                }),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
            };
            let Some((step, inner)) = step else { break };
            path.push_str(&step);
            at = inner;
        }
        path
    }

    fn children(self) -> Children<'d> {
        Children { document: self.document, at: self.index + 1, end: self.next() }
    }

    fn next(self) -> usize {
        self.document.nodes.get(self.index).map_or(self.index, |node| node.next)
    }
}

/// Iterates over the direct children of a node.
#[derive(Debug, Clone)]
struct Children<'d> {
    document: &'d Document<'d>,
    at: usize,
    end: usize,
}

impl<'d> Iterator for Children<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { document: self.document, index: self.at };
        self.at = value.next();
        Some(value)
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Array<'d>(Children<'d>);

impl<'d> Array<'d> {
    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'d>> + Clone + use<'d> {
        self.0.clone()
    }
}

/// The members of an object.
#[derive(Debug, Clone)]
pub struct Object<'d>(Children<'d>);

impl<'d> Object<'d> {
    /// Keys and values in order; the key is a string value with a position of its own.
    pub fn iter(&self) -> impl Iterator<Item = (Value<'d>, Value<'d>)> + Clone + use<'d> {
        let mut children = self.0.clone();
        core::iter::from_fn(move || Some((children.next()?, children.next()?))).fuse()
    }

    /// The value of the first member with this key.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        self.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The members as key text and value.
    pub fn members(&self) -> impl Iterator<Item = (&'d str, Value<'d>)> + Clone + use<'d> {
        self.iter().map(|(key, value)| (key.as_str().unwrap_or_default(), value))
    }

    /// The second occurrence of a key that stands twice, if there is one: the earliest in the text.
    pub fn repeated_key(&self) -> Option<Value<'d>> {
        let mut keys: Vec<Value<'d>> = self.iter().map(|(key, _)| key).collect();
        // The sort is stable, so of equal keys the earlier in the text comes first.
        keys.sort_by_key(|key| key.as_str().unwrap_or_default());
        keys.windows(2)
            .filter_map(|pair| match pair {
                [first, second] if first.as_str() == second.as_str() => Some(*second),
                _ => None,
            })
            .min_by_key(|key| key.index)
    }
}

/// Reads the elements of a top-level array one at a time, each into the same [`Document`].
///
/// Memory is bounded by the largest element, whatever the length of the array.
#[derive(Debug)]
pub struct ArrayStream<'t> {
    text: &'t str,
    at: usize,
    state: StreamState,
}

#[derive(Debug, PartialEq, Eq)]
enum StreamState {
    Start,
    AfterElement,
    Done,
}

impl<'t> ArrayStream<'t> {
    /// A stream over a text that is one JSON array.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, state: StreamState::Start }
    }

    /// Reads the next element into `document`; `false` when the array has ended and nothing follows it.
    ///
    /// # Errors
    /// The first problem; the stream ends there.
    pub fn next_into(&mut self, document: &mut Document<'t>) -> Result<bool, JsonError> {
        let more = self.advance();
        if !matches!(more, Ok(true)) {
            self.state = StreamState::Done;
            return more;
        }
        document.text = self.text;
        match document.read_value(self.at) {
            Ok(end) => {
                self.at = end;
                self.state = StreamState::AfterElement;
                Ok(true)
            }
            Err(error) => {
                self.state = StreamState::Done;
                Err(error)
            }
        }
    }

    /// Moves to the start of the next element.
    fn advance(&mut self) -> Result<bool, JsonError> {
        let expected = |offset, what| Err(JsonError { offset, problem: JsonProblem::Expected(what) });
        self.at = skip_space(self.text, self.at);
        let next = self.text.as_bytes().get(self.at).copied();
        match (&self.state, next) {
            (StreamState::Done, _) => return Ok(false),
            (StreamState::Start, Some(b'[')) => {
                self.at = skip_space(self.text, self.at + 1);
                if self.text.as_bytes().get(self.at) != Some(&b']') {
                    return Ok(true);
                }
            }
            (StreamState::Start, _) => return expected(self.at, "an array"),
            (StreamState::AfterElement, Some(b',')) => {
                self.at = skip_space(self.text, self.at + 1);
                return Ok(true);
            }
            (StreamState::AfterElement, Some(b']')) => {}
            (StreamState::AfterElement, Some(_)) => return expected(self.at, "`,` or `]`"),
            (StreamState::AfterElement, None) => {
                return Err(JsonError { offset: self.at, problem: JsonProblem::UnexpectedEnd });
            }
        }
        self.at = skip_space(self.text, self.at + 1);
        if self.at < self.text.len() {
            return Err(JsonError { offset: self.at, problem: JsonProblem::TrailingText });
        }
        Ok(false)
    }
}

fn skip_space(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count()
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    nodes: &'p mut Vec<Node>,
    unescaped: &'p mut String,
}

impl Parser<'_> {
    /// Reads one value and returns where it ends.
    fn value(mut self) -> Result<usize, JsonError> {
        // The open containers, as indices of their nodes.
        let mut open: Vec<usize> = Vec::new();
        loop {
            let container = self.begin_value()?;
            if let Some(index) = container {
                open.push(index);
                if open.len() > limits::OPEN_BRACKETS.as_usize() {
                    return self.fail(JsonProblem::TooDeep);
                }
                self.skip_space();
                if !self.close_if(index, b']', b'}') {
                    self.begin_member(index)?;
                    continue;
                }
                open.pop();
            }
            // A value has ended: close what ends with it, or go on to the next element.
            loop {
                let Some(&index) = open.last() else { return Ok(self.at) };
                self.skip_space();
                if self.close_if(index, b']', b'}') {
                    open.pop();
                } else if self.peek() == Some(b',') {
                    self.at += 1;
                    self.skip_space();
                    self.begin_member(index)?;
                    break;
                } else {
                    let object = matches!(self.nodes.get(index).map(|n| &n.form), Some(Form::Object));
                    return self.expected(if object { "`,` or `}`" } else { "`,` or `]`" });
                }
            }
        }
    }

    /// Reads a scalar, or the opening bracket of a container, whose node index it returns.
    fn begin_value(&mut self) -> Result<Option<usize>, JsonError> {
        let start = self.at;
        let form = match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'[') => return Ok(Some(self.open(Form::Array))),
            Some(b'{') => return Ok(Some(self.open(Form::Object))),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Form::Bool(true))?,
            Some(b'f') => self.word("false", Form::Bool(false))?,
            Some(b'n') => self.word("null", Form::Null)?,
            _ => return self.expected("a JSON value"),
        };
        self.push(form, start);
        Ok(None)
    }

    /// Before a value: the key and the colon, if the container is an object.
    fn begin_member(&mut self, container: usize) -> Result<(), JsonError> {
        if !matches!(self.nodes.get(container).map(|n| &n.form), Some(Form::Object)) {
            return Ok(());
        }
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.expected("a key in double quotes");
        }
        let key = self.string()?;
        self.push(key, start);
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.expected("`:` after the key");
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn open(&mut self, form: Form) -> usize {
        let start = self.at;
        self.at += 1;
        self.push(form, start);
        self.nodes.len() - 1
    }

    fn close_if(&mut self, index: usize, array: u8, object: u8) -> bool {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(index) else { return false };
        let bracket = if matches!(node.form, Form::Array) { array } else { object };
        let closes = self.text.as_bytes().get(self.at) == Some(&bracket);
        if closes {
            self.at += 1;
            node.span.end = self.at;
            node.next = next;
        }
        closes
    }

    fn push(&mut self, form: Form, start: usize) {
        let next = self.nodes.len() + 1;
        self.nodes.push(Node { form, span: start..self.at, next });
    }

    fn word(&mut self, word: &str, form: Form) -> Result<Form, JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return self.expected("a JSON value");
        }
        self.at += word.len();
        Ok(form)
    }

    fn number(&mut self) -> Result<Form, JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.fail(JsonProblem::BadNumber),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.required_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.required_digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fail(JsonProblem::BadNumber);
        }
        Ok(Form::Number)
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn required_digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fail(JsonProblem::BadNumber);
        }
        self.digits();
        Ok(())
    }

    fn string(&mut self) -> Result<Form, JsonError> {
        self.at += 1;
        let start = self.at;
        let unescaped = self.unescaped.len();
        let mut plain_from = start;
        loop {
            match self.peek() {
                None => return self.fail(JsonProblem::UnexpectedEnd),
                Some(b'"') => break,
                Some(b'\\') => {
                    self.copy(plain_from);
                    let c = self.escape()?;
                    self.unescaped.push(c);
                    plain_from = self.at;
                }
                Some(byte) if byte < b' ' => return self.fail(JsonProblem::ControlCharacter),
                Some(_) => self.at += 1,
            }
        }
        let form = if plain_from == start {
            Form::PlainString
        } else {
            self.copy(plain_from);
            Form::EscapedString(unescaped..self.unescaped.len())
        };
        self.at += 1;
        Ok(form)
    }

    /// Appends the source from the offset to here.
    fn copy(&mut self, from: usize) {
        self.unescaped.push_str(self.text.get(from..self.at).unwrap_or_default());
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        self.at += 1;
        let kind = self.peek();
        self.at += 1;
        Ok(match kind {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(JsonError { offset: start, problem: JsonProblem::BadEscape }),
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, JsonError> {
        let fail = |problem| Err(JsonError { offset: start, problem });
        let first = self.four_digits(start)?;
        let mut code = u32::from(first);
        if (0xD800..0xDC00).contains(&first) {
            if self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
                self.at += 2;
                let second = self.four_digits(start)?;
                if !(0xDC00..0xE000).contains(&second) {
                    return fail(JsonProblem::LoneSurrogate);
                }
                code = 0x1_0000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00);
            } else {
                return fail(JsonProblem::LoneSurrogate);
            }
        }
        char::from_u32(code).map_or_else(|| fail(JsonProblem::LoneSurrogate), Ok)
    }

    fn four_digits(&mut self, start: usize) -> Result<u16, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u16::from_str_radix(d, 16).ok());
        self.at += 4;
        code.ok_or(JsonError { offset: start, problem: JsonProblem::BadEscape })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        self.at = skip_space(self.text, self.at);
    }

    fn expected<T>(&self, what: &'static str) -> Result<T, JsonError> {
        self.fail(if self.at < self.text.len() { JsonProblem::Expected(what) } else { JsonProblem::UnexpectedEnd })
    }

    fn fail<T>(&self, problem: JsonProblem) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at, problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Writer;

    /// Copies a document through the writer.
    fn rewrite(text: &str) -> Result<String, JsonError> {
        fn copy(value: Value<'_>, w: &mut Writer) {
            match value.kind() {
                Kind::Null => w.null(),
                Kind::Bool(b) => w.bool(b),
                Kind::Number(n) => w.integer(n.parse().expect("an integer")),
                Kind::String(s) => w.string(s),
                Kind::Array(a) => {
                    w.begin_array();
                    a.iter().for_each(|v| copy(v, w));
                    w.end_array();
                }
                Kind::Object(o) => {
                    w.begin_object();
                    for (k, v) in o.members() {
                        w.key(k);
                        copy(v, w);
                    }
                    w.end_object();
                }
            }
        }
        let document = Document::parse(text)?;
        let mut w = Writer::compact();
        copy(document.root(), &mut w);
        Ok(w.finish())
    }

    #[test]
    fn accepts_and_rejects_what_serde_json_does() {
        let texts = [
            "null",
            " [ ] ",
            "{}",
            "[1,[2,{\"a\":[]}],-5]",
            "{\"a\":{\"b\":\"\\u00e9\\ud83d\\ude00\\n\"},\"c\":[true,false]}",
            "",
            " ",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1e",
            "nul",
            "nullx",
            "\"\\q\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\u12\"",
            "\"a\nb\"",
            "\"",
            "[1 2]",
            "1 2",
            "{\"a\":1 \"b\":2}",
            "\u{feff}1",
            "[\"\\u0000\"]",
            "tru",
            "\"\\ud83d\\u0041\"",
        ];
        for text in texts {
            let ours = rewrite(text);
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}: {ours:?} {theirs:?}");
            if let (Ok(ours), Ok(_)) = (&ours, &theirs) {
                assert_eq!(
                    serde_json::from_str::<serde_json::Value>(ours).ok(),
                    serde_json::from_str::<serde_json::Value>(text).ok()
                );
            }
        }
    }

    #[test]
    fn values_know_where_they_stand() {
        let document = Document::parse(r#"{"a": [10, {"b c": 20}]}"#).expect("valid");
        let inner = document.root().as_object().and_then(|o| o.get("a")).and_then(Value::as_array);
        let object = inner.and_then(|a| a.iter().nth(1)).and_then(Value::as_object).expect("an object");
        let value = object.get("b c").expect("a member");
        assert_eq!((value.source(), value.path().as_str(), value.span()), ("20", r#".a[1]["b c"]"#, 19..21));
    }

    #[test]
    fn the_earliest_repeated_key_is_found() {
        let document = Document::parse(r#"{"x":1,"b":2,"a":3,"b":4,"a":5}"#).expect("valid");
        let key = document.root().as_object().and_then(|o| o.repeated_key()).expect("a repeated key");
        assert_eq!((key.as_str(), key.span().start), (Some("b"), 19));
    }

    #[test]
    fn depth_costs_no_stack() {
        let text = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        std::thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || assert!(Document::parse(&text).is_ok() && Document::parse(&"[".repeat(1_000_000)).is_err()))
            .and_then(|thread| thread.join().map_err(|_| std::io::Error::other("panicked")))
            .expect("reads deep nesting on a small stack");
    }

    #[test]
    fn arrays_are_streamed_element_by_element() {
        let text = r#" [ {"a":1}, 2 , [3] ] "#;
        let (mut stream, mut document) = (ArrayStream::new(text), Document::empty(text));
        let mut seen = Vec::new();
        while stream.next_into(&mut document).expect("valid") {
            seen.push((document.root().source().to_owned(), document.root().span().start));
        }
        assert_eq!(seen, [(r#"{"a":1}"#.to_owned(), 3), ("2".to_owned(), 12), ("[3]".to_owned(), 16)]);
        for bad in ["", "{}", "[1", "[1,]", "[1] 2", "[1 2]"] {
            let (mut stream, mut document) = (ArrayStream::new(bad), Document::empty(bad));
            let outcome = loop {
                match stream.next_into(&mut document) {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            assert!(outcome.is_err(), "{bad:?}");
        }
    }
}
