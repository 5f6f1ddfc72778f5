//! The layout of text.

use deodar_grammar::{FormatOptions, Sources, ast::Dialect, format_policies, parse_policies};

const POLICIES: &str = include_str!("format/policies.cedar");

fn format_with(text: &str, options: FormatOptions) -> Option<String> {
    let mut sources = Sources::new();
    let source = sources.add("test.cedar", text);
    let (set, _) = parse_policies(&sources, source, Dialect::Cedar);
    format_policies(&sources, &set, options)
}

/// Formats the text, and checks that formatting the result changes nothing and loses no comment.
#[track_caller]
fn check(text: &str, options: FormatOptions) -> String {
    let formatted = format_with(text, options);
    assert!(formatted.is_some(), "no layout of {text}");
    let formatted = formatted.unwrap_or_default();
    assert_eq!(format_with(&formatted, options).as_deref(), Some(formatted.as_str()), "{text}");
    let comments = |text: &str| text.matches("//").count();
    assert_eq!(comments(&formatted), comments(text), "{text}");
    assert!(formatted.lines().all(|line| line == line.trim_end()), "a line ends in spaces:\n{formatted}");
    formatted
}

#[test]
fn policies_are_laid_out_within_the_width() {
    insta::assert_snapshot!("layout", check(POLICIES, FormatOptions::default()));
    insta::assert_snapshot!("narrow_layout", check(POLICIES, FormatOptions { line_width: 40, indent_width: 4 }));
}

#[test]
fn a_comment_may_stand_anywhere() {
    let text = format_with(POLICIES, FormatOptions::default()).expect("a layout");
    let gaps: Vec<_> = text.match_indices(|c| " \n()[]{},;:.!".contains(c)).map(|(at, _)| at).collect();
    let mut tried = 0;
    for gap in gaps {
        for comment in [" // here\n", "\n// before\n\n// and\n"] {
            let commented = format!("{}{comment}{}", &text[..gap], &text[gap..]);
            let mut sources = Sources::new();
            let source = sources.add("test.cedar", commented.as_str());
            let (set, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
            // In the middle of a string, of `::` or of another comment it is no comment.
            let is_comment = set.comments.len() == text.matches("//").count() - 1 + comment.matches("//").count();
            if diagnostics.is_empty() && is_comment {
                tried += 1;
                check(&commented, FormatOptions::default());
                check(&commented, FormatOptions { line_width: 20, indent_width: 3 });
            }
        }
    }
    assert!(tried > 300, "only {tried} places");
}

#[test]
fn comments_alone_are_kept() {
    insta::assert_snapshot!("comments_alone", check("\n\n  // one \n\n//two", FormatOptions::default()));
    assert_eq!(check("", FormatOptions::default()), "\n");
}

#[test]
fn text_with_errors_has_no_layout() {
    assert_eq!(format_with("permit(principal, action, resource) when { 1 + };", FormatOptions::default()), None);
    assert_eq!(format_with("permit(principal, action, resource); x", FormatOptions::default()), None);
    assert_eq!(format_with("permit(principal, action, resource) when { foo(1) };", FormatOptions::default()), None);
}

#[test]
fn depth_and_length_cost_no_stack() {
    let when = |body: &str| format!("permit(principal, action, resource) when {{ {body} }};");
    let texts = [
        when(&format!("{}1{}", "[".repeat(1_190), "]".repeat(1_190))),
        when(&format!("{}true || false{}", "(".repeat(5_000), ")".repeat(5_000))),
        when(&vec!["true"; 10_000].join(" && ")),
        when(&format!("principal{}", ".a".repeat(1_000))),
        when(&format!("{}1{}", "if true then 1 else ".repeat(1_000), "")),
    ];
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        for text in texts {
            check(&text, FormatOptions::default());
        }
    });
    thread.expect("a thread").join().expect("the test passes");
}
