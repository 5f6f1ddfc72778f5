//! Text of users within Markdown and HTML: it is shown as it is written, and never taken for markup.

/// Text in a cell of a table: neither HTML, a link nor a mention, and on one line. Code in backticks stays code.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let has_code = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut in_code = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        in_code ^= c == '`' && has_code;
        match c {
            '&' | '<' | '>' | '@' | '\\' if in_code => escaped.push(c),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("\\|"),
            '@' => escaped.push_str("&#64;"),
            '\\' => escaped.push_str("\\\\"),
            // One that ends no code here would end it in the next cell or word.
            '`' if !has_code => escaped.push_str("\\`"),
            ']' if !in_code && characters.peek() == Some(&'(') => escaped.push_str("\\]"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text in HTML, also in the quotes of an attribute. In Markdown, what a block of HTML has on its lines is HTML, too.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text in a `<summary>` of Markdown: on its line, Markdown is not read.
pub(crate) fn summary(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('@', "&#64;").replace(['\n', '\r'], " ")
}

/// More backticks than stand in a row in the text, and three at least.
pub(crate) fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

/// The most backticks in a row.
pub(crate) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(markdown(text), expected);
    }

    #[test]
    fn text_is_no_markup() {
        check("<b> | @all & co\nx", "&lt;b&gt; \\| &#64;all &amp; co x");
        check("[here](javascript:x) [a, b]", "[here\\](javascript:x) [a, b]");
        check("\\<b>\\|", "\\\\&lt;b&gt;\\\\\\|");
    }

    #[test]
    fn code_stays_code_and_ends() {
        check("`a<b` <c>", "`a<b` &lt;c&gt;");
        check("a ` <b>", "a \\` &lt;b&gt;");
        check("``<b>``", "\\`\\`&lt;b&gt;\\`\\`");
        check("\\`<b>\\`", "\\\\`<b>\\`");
    }
}
