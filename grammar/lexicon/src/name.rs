//! Identifiers, reserved words and qualified names, as Cedar defines them.

macro_rules! reserved {
    ($($word:literal)+) => {
        /// Words that cannot be an identifier: not in a path, as an attribute after `.`, as a record key or after `has`.
        ///
        /// They are allowed as annotation keys and between quotes.
        pub const RESERVED: &[&str] = &[$($word),+];

        /// Whether the word is reserved.
        pub fn is_reserved(word: &str) -> bool {
            matches!(word, $($word)|+)
        }
    };
}

reserved! { "true" "false" "if" "then" "else" "in" "is" "has" "like" "__cedar" }

/// The four variables of a request.
pub const VARIABLES: &[&str] = &["principal", "action", "resource", "context"];

/// Whether the text has the form of an identifier: an ASCII letter or `_`, then letters, digits and `_`.
///
/// A reserved word has the form too; see [`is_identifier`].
pub fn has_identifier_form(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether the text is an identifier that may stand unquoted.
pub fn is_identifier(text: &str) -> bool {
    has_identifier_form(text) && !is_reserved(text)
}

/// Whether the text is a normalised qualified name: identifiers joined by `::`, without white space (Cedar RFC 9).
pub fn is_qualified_name(text: &str) -> bool {
    text.split("::").all(is_identifier)
}

/// Splits a normalised qualified name into its namespace, if any, and its last component.
pub fn split_namespace(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once("::") {
        Some((namespace, basename)) => (Some(namespace), basename),
        None => (None, name),
    }
}

/// The last component of a qualified name.
pub fn basename(name: &str) -> &str {
    split_namespace(name).1
}

/// Whether the normalised name is the type of an action: its last component is `Action`.
pub fn is_action_type(name: &str) -> bool {
    name.strip_suffix("Action").is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_no_identifiers_but_variables_are() {
        for word in RESERVED {
            assert!(has_identifier_form(word) && !is_identifier(word), "{word}");
        }
        for word in VARIABLES {
            assert!(is_identifier(word), "{word}");
        }
    }

    #[test]
    fn qualified_names_take_no_white_space_and_no_empty_component() {
        for good in ["A", "A::B", "_a::b9::Action"] {
            assert!(is_qualified_name(good), "{good}");
        }
        for bad in ["", "A::", "::A", "A :: B", "A::in", "é", "9a", "A:B", "A::B::"] {
            assert!(!is_qualified_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_basename_decides_whether_a_type_is_an_action_type() {
        assert!(is_action_type("Action") && is_action_type("A::B::Action"));
        assert!(!is_action_type("Action::A") && !is_action_type("MyAction"));
        assert_eq!(split_namespace("A::B::C"), (Some("A::B"), "C"));
    }
}
