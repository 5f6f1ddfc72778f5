//! The tokens of a text, each with the comments that belong to it.

use crate::{
    ast::Comment,
    lexer::{Item, Lexer},
    source::SourceId,
    token::{POLICIES, Token},
};

/// A token with its comments.
#[derive(Debug, Clone)]
pub(super) struct CommentedToken<'t> {
    pub(super) token: Token,
    /// As it is written.
    pub(super) text: &'t str,
    /// The comments before it, on lines of their own or after the comment of the token before.
    pub(super) leading: Vec<&'t str>,
    /// The comment behind it on the same line.
    pub(super) trailing: Option<&'t str>,
}

/// All tokens of a text.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    pub(super) tokens: Vec<CommentedToken<'t>>,
    /// The comments after the last one.
    pub(super) rest: Vec<&'t str>,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str, source: SourceId) -> Self {
        let mut lexer = Lexer::new(text, source, &POLICIES);
        let list: Vec<Item> = lexer.by_ref().collect();
        let mut comments = lexer.into_comments().into_iter().peekable();
        let mut tokens: Vec<CommentedToken<'t>> = Vec::with_capacity(list.len());
        let mut end = 0;
        for (start, token, next_end) in list {
            let between =
                core::iter::from_fn(|| comments.next_if(|comment| comment.span.start < start)).collect::<Vec<_>>();
            let leading = split(text, end, &between, tokens.last_mut());
            let text = slice(text, start, next_end);
            tokens.push(CommentedToken { token, text, leading, trailing: None });
            end = next_end;
        }
        let rest = split(text, end, &comments.collect::<Vec<_>>(), tokens.last_mut());
        Self { tokens, rest }
    }
}

/// Gives the first comment to the token before it if it stands on its line; returns the others.
fn split<'t>(text: &'t str, end: u32, comments: &[Comment], before: Option<&mut CommentedToken<'t>>) -> Vec<&'t str> {
    let content = |comment: &Comment| slice(text, comment.span.start, comment.span.end).trim_end();
    let mut leading: Vec<_> = comments.iter().map(content).collect();
    let first = comments.first().map_or("\n", |comment| slice(text, end, comment.span.start));
    if let Some(before) = before.filter(|_| !first.contains(['\n', '\r'])) {
        before.trailing = Some(leading.remove(0));
    }
    leading
}

fn slice(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}
