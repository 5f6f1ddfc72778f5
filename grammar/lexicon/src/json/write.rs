//! Writing JSON without recursion.

/// How the output is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Compact,
    Indented,
}

/// Writes a JSON text value by value.
///
/// Containers are opened and closed by the caller, so depth costs no stack. Commas, colons and indentation are the
/// writer's business. The caller closes what it opens and gives each member of an object a key first; the writer does
/// not check it.
#[derive(Debug)]
pub struct Writer {
    out: String,
    layout: Layout,
    /// For each open container, whether it has an element already.
    open: Vec<bool>,
    /// Whether a key was just written, so that the next value follows it directly.
    after_key: bool,
}

impl Writer {
    /// A writer without any white space.
    pub fn compact() -> Self {
        Self::new(Layout::Compact)
    }

    /// A writer with one line per element, indented by two spaces a level.
    pub fn indented() -> Self {
        Self::new(Layout::Indented)
    }

    fn new(layout: Layout) -> Self {
        Self { out: String::new(), layout, open: Vec::new(), after_key: false }
    }

    /// Opens an object.
    pub fn begin_object(&mut self) {
        self.begin('{');
    }

    /// Closes the innermost object.
    pub fn end_object(&mut self) {
        self.end('}');
    }

    /// Opens an array.
    pub fn begin_array(&mut self) {
        self.begin('[');
    }

    /// Closes the innermost array.
    pub fn end_array(&mut self) {
        self.end(']');
    }

    /// The key of the next member.
    pub fn key(&mut self, key: &str) {
        self.separate();
        write_string(&mut self.out, key);
        self.out.push_str(if self.layout == Layout::Indented { ": " } else { ":" });
        self.after_key = true;
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        self.separate();
        write_string(&mut self.out, text);
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) {
        self.separate();
        self.out.push_str(&value.to_string());
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.separate();
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.separate();
        self.out.push_str("null");
    }

    /// A key and its string.
    pub fn string_member(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text);
    }

    /// The text written so far; complete once every container is closed.
    pub fn finish(self) -> String {
        self.out
    }

    fn begin(&mut self, bracket: char) {
        self.separate();
        self.out.push(bracket);
        self.open.push(false);
    }

    fn end(&mut self, bracket: char) {
        if self.open.pop() == Some(true) {
            self.new_line();
        }
        self.out.push(bracket);
    }

    /// What stands between the value to come and what is before it.
    fn separate(&mut self) {
        if core::mem::take(&mut self.after_key) {
            return;
        }
        let Some(has_elements) = self.open.last_mut() else { return };
        if core::mem::replace(has_elements, true) {
            self.out.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if self.layout == Layout::Indented {
            self.out.push('\n');
            for _ in &self.open {
                self.out.push_str("  ");
            }
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let digit = |shift: u32| char::from_digit(u32::from(c) >> shift & 0xF, 16).unwrap_or('0');
                out.extend(['\\', 'u', '0', '0', digit(4), digit(0)]);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(mut w: Writer) -> String {
        w.begin_object();
        w.key("a");
        w.begin_array();
        w.integer(i64::MIN);
        w.bool(true);
        w.null();
        w.begin_array();
        w.end_array();
        w.begin_object();
        w.end_object();
        w.end_array();
        w.string_member("q\"\u{1}", "é\n\\");
        w.end_object();
        w.finish()
    }

    #[test]
    fn both_layouts_are_those_of_serde_json() {
        let compact = sample(Writer::compact());
        let value: serde_json::Value = serde_json::from_str(&compact).expect("valid JSON");
        assert_eq!(compact, serde_json::to_string(&value).expect("a string"));
        assert_eq!(sample(Writer::indented()), serde_json::to_string_pretty(&value).expect("a string"));
    }
}
