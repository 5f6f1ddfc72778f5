//! Text laid out anew, with all of its comments.
//!
//! The formatter works on the tokens of the text, not on the tree: the tree has dropped parentheses, the spelling of
//! literals and comments, all of which people want back. The layout is that of Cedar's formatter. It is described by a
//! flat document of texts, possible line breaks and groups, which any depth and length of text passes through without
//! recursion; a printer crate was not taken, as its documents are trees that are dropped and measured recursively.
//!
//! Before a layout is handed out it is parsed again: it has the same tree and the same comments, or there is none.

mod clause;
mod document;
mod expr;
mod tokens;

use crate::{ast::PolicySet, json::policy::policies_to_json, policy::parse_policies, source::Sources};

use self::{clause::Layout, tokens::Tokens};

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatOptions {
    /// Lines are broken to be no longer, where the language allows it.
    pub line_width: usize,
    /// How far each level is indented.
    pub indent_width: usize,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self { line_width: 80, indent_width: 2 }
    }
}

/// The text of the policies in the layout of Cedar's formatter. Formatting it again changes nothing.
///
/// The policies are those of [`parse_policies`], without errors; there is no layout of a text with errors.
pub fn format_policies(sources: &Sources, set: &PolicySet, options: FormatOptions) -> Option<String> {
    let tokens = Tokens::new(sources.text(set.source), set.source);
    let formatted = Layout::new(&tokens, options).policies()?;
    is_same(&formatted, sources, set).then_some(formatted)
}

/// Whether the text has the tree and the comments of the policies.
fn is_same(formatted: &str, sources: &Sources, set: &PolicySet) -> bool {
    let mut again = Sources::new();
    let source = again.add(sources.name(set.source), formatted);
    let (parsed, diagnostics) = parse_policies(&again, source, set.dialect);
    let comments = |sources: &Sources, set: &PolicySet| -> Vec<String> {
        let mut comments: Vec<_> = set.comments.iter().map(|c| sources.slice(c.span).trim_end().to_owned()).collect();
        comments.sort_unstable();
        comments
    };
    !diagnostics.iter().any(crate::Diagnostic::is_error)
        && policies_to_json(&parsed) == policies_to_json(set)
        && comments(&again, &parsed) == comments(sources, set)
}
