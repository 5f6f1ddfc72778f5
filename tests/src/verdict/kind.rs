//! The kinds of errors and warnings of a type checker.
//!
//! One row a kind: its name, which is the code of our diagnostic, and whether it is an error. Two of our codes can be one
//! kind of the reference. What the reference reports but never means (a broken invariant) has no row and is not
//! compared; our lints have none either, for the reference has no lints.

use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $severity:ident $code:literal $(or $other:literal)?;)+) => {
        /// A kind of error or warning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind),+
        }

        impl Kind {
            /// All kinds, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The code of our diagnostic.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code),+
                }
            }

            /// Whether policies with it do not pass.
            pub fn is_error(self) -> bool {
                match self {
                    $(Self::$kind => Severity::$severity == Severity::Error),+
                }
            }

            /// The kind of a diagnostic with that code; none for a lint.
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code $(| $other)? => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

#[derive(PartialEq)]
enum Severity {
    Error,
    Warning,
}

kinds! {
    /// An entity type that the schema does not declare.
    UnknownEntityType Error "unknown-entity-type";
    /// An action that the schema does not declare.
    UnknownAction Error "unknown-action";
    /// An operand of another type than the operator takes.
    UnexpectedType Error "unexpected-type";
    /// Types without a least upper bound.
    IncompatibleTypes Error "incompatible-types";
    /// An attribute that its entity or record cannot have.
    UnknownAttribute Error "unknown-attribute";
    /// An optional attribute without a `has` before it.
    OptionalAttribute Error "optional-attribute";
    /// A tag without a `hasTag` before it.
    UncheckedTag Error "unchecked-tag";
    /// A tag of an entity type that has no tags.
    NoTags Error "no-tags";
    /// An extension function with too few or too many arguments.
    WrongNumberOfArguments Error "wrong-number-of-arguments";
    /// A malformed argument of an extension constructor.
    InvalidExtensionArgument Error "invalid-extension-argument";
    /// An empty set literal.
    EmptySet Error "empty-set";
    /// An argument of an extension constructor that is no literal.
    NonLiteralArgument Error "non-literal-argument";
    /// An id that its enumerated entity type does not have.
    InvalidEnumEntity Error "invalid-enum-entity";
    /// More dereferences than the level allows, or one of a literal.
    Level Error "level-exceeded" or "literal-dereferenced";
    /// A schema with declarations that are only external.
    IncompleteSchema Error "incomplete-schema";
    /// A policy that no request satisfies.
    ImpossiblePolicy Warning "impossible-policy";
    /// A scope that no action fits.
    InapplicableAction Warning "inapplicable-action";
    /// A string with letters of several scripts.
    MixedScriptString Warning "mixed-script-string";
    /// A string with characters that change the direction of text.
    BidiCharactersInString Warning "bidi-characters-in-string";
    /// An identifier with such characters.
    BidiCharactersInIdentifier Warning "bidi-characters-in-identifier";
    /// An identifier with letters of several scripts.
    MixedScriptIdentifier Warning "mixed-script-identifier";
    /// An identifier with a character that looks like another.
    ConfusableIdentifier Warning "confusable-identifier";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
