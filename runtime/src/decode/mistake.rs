//! What is said about JSON that cannot be decoded.

use deodar_lexicon::{builtin::ExtensionType, json::Value, limits};

use super::Decoder;
use crate::{InputCode, InputError, input::Place};

impl Decoder<'_> {
    pub(crate) fn place<'d>(&self, value: Value<'d>) -> Place<'d> {
        Place { value, element: self.element }
    }

    #[cold]
    pub(crate) fn error(&self, code: InputCode, value: Value<'_>, message: impl Into<String>) -> InputError {
        InputError::new(code, message).at(self.place(value))
    }

    #[cold]
    pub(super) fn too_deep(&self, value: Value<'_>) -> InputError {
        self.error(InputCode::TooDeep, value, format!("the value exceeds the limit {}", limits::VALUE_NESTING))
    }

    #[cold]
    pub(super) fn null(&self, value: Value<'_>) -> InputError {
        self.error(InputCode::NullValue, value, "found null, which is not a value of Cedar")
            .with_help("leave out an attribute that has no value, and test it with `has`")
    }

    #[cold]
    pub(super) fn not_an_integer(&self, value: Value<'_>) -> InputError {
        let message = format!("the number `{}` is not an integer of 64 bits", value.source());
        let help = if value.source().contains(['.', 'e', 'E']) {
            "write fractions as `{\"__extn\": {\"fn\": \"decimal\", \"arg\": \"1.5\"}}`, integers without point and exponent"
        } else {
            "integers lie between `-9223372036854775808` and `9223372036854775807`, and zero has no sign"
        };
        self.error(InputCode::NotAnInteger, value, message).with_help(help)
    }

    #[cold]
    pub(super) fn expr_escape(&self, value: Value<'_>) -> InputError {
        self.error(InputCode::ExprEscape, value, "the `__expr` escape is no longer supported")
            .with_help("write entities with `__entity` and values of extension types with `__extn`")
    }

    #[cold]
    pub(crate) fn repeated_key(&self, key: Value<'_>) -> InputError {
        let message = format!("the key `{}` stands twice in this object", key.as_str().unwrap_or_default());
        self.error(InputCode::RepeatedKey, key, message)
    }

    #[cold]
    pub(super) fn mismatch(&self, value: Value<'_>, expected: &str) -> InputError {
        self.error(InputCode::TypeMismatch, value, format!("expected {expected}, found {}", shown(value)))
    }

    #[cold]
    pub(super) fn not_an_extension_value(&self, value: Value<'_>, ty: ExtensionType) -> InputError {
        let (name, function) = (ty.name(), ty.constructor().name());
        let message = format!("expected a value of the type `{name}`, found {}", shown(value));
        self.error(InputCode::TypeMismatch, value, message)
            .with_help(format!("write a text, or `{{\"__extn\": {{\"fn\": \"{function}\", \"arg\": …}}}}`"))
    }
}

/// What was found, for a message: short things as they are written, others by kind.
pub(super) fn shown(value: Value<'_>) -> String {
    const LONGEST: usize = 60;
    if value.source().len() <= LONGEST { format!("`{}`", value.source()) } else { value.kind().describe().to_owned() }
}
