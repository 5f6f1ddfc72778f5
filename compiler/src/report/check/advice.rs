//! What the author of an expression of an unexpected type may have had in mind.

use deodar_grammar::ast::{BinaryOperator, UnaryOperator};
use deodar_lexicon::{Builtin, builtin::ExtensionType};

use super::{describe::Describe, types::is_method};
use crate::check::{Expected, Role, Ty};

const JOINED: &str = "strings cannot be joined; compare with the whole string, or with a part of it by `like`, as in \
                      `like \"start*\"`";
const NO_ORDER: &str = "strings have no order; compare them with `==`, or match one with `like`";
const DECIMALS: &str =
    "decimals are compared with the methods `lessThan`, `lessThanOrEqual`, `greaterThan`, `greaterThanOrEqual`";

/// A sentence that helps, if the mistake is a usual one.
pub(super) fn advice(describe: &Describe<'_>, role: Role, expected: Expected, found: Ty) -> Option<String> {
    let text = constructor_advice(describe, role, expected, found);
    let text = text.or_else(|| time_advice(describe, role, expected, found));
    text.or_else(|| role_advice(describe, role, found).map(str::to_owned))
}

/// A text in the place of a value that is made from a text.
fn constructor_advice(describe: &Describe<'_>, role: Role, expected: Expected, found: Ty) -> Option<String> {
    let extension = match expected {
        Expected::Extension(extension) => Some(extension),
        Expected::LikeOther(ty) => describe.types.extension_type(ty),
        Expected::Bool
        | Expected::Long
        | Expected::String
        | Expected::Entity
        | Expected::EntityOrRecord
        | Expected::EntityOrEntities
        | Expected::Set
        | Expected::Comparable => None,
    }?;
    if found == Ty::STRING {
        return Some(constructed(extension));
    }
    let is_order = |builtin| {
        matches!(
            builtin,
            Builtin::LessThan | Builtin::LessThanOrEqual | Builtin::GreaterThan | Builtin::GreaterThanOrEqual
        )
    };
    let is_decimal_order = matches!(role, Role::Argument(builtin) if is_order(builtin));
    is_decimal_order
        .then(|| "this method compares decimals; compare other values with `<`, `<=`, `>` and `>=`".to_owned())
}

/// Points in time and durations, which are no numbers.
fn time_advice(describe: &Describe<'_>, role: Role, expected: Expected, found: Ty) -> Option<String> {
    let extension = describe.types.extension_type(found)?;
    let is_number = matches!(expected, Expected::Long) || matches!(expected, Expected::LikeOther(Ty::LONG));
    let is_compared = matches!(role, Role::Left(operator) | Role::Right(operator) if !is_method(operator));
    match (role, extension) {
        (Role::Term(_), ExtensionType::Datetime | ExtensionType::Duration) => Some(
            "`durationSince` gives the time between two points in time, `offset` one that is so much later".to_owned(),
        ),
        (_, ExtensionType::Datetime | ExtensionType::Duration) if is_number && is_compared => {
            let constructed = constructed(extension);
            Some(format!("a number is no `{}`; on the other side, {constructed}", extension.name()))
        }
        (_, ExtensionType::Datetime | ExtensionType::Duration | ExtensionType::Decimal | ExtensionType::IpAddr) => None,
    }
}

/// How a value of an extension type is written.
pub(super) fn constructed(extension: ExtensionType) -> String {
    let example = match extension {
        ExtensionType::Decimal => "1.5",
        ExtensionType::IpAddr => "10.0.0.0/8",
        ExtensionType::Datetime => "2026-01-31",
        ExtensionType::Duration => "1h30m",
    };
    format!("write the value with its constructor, as in `{}(\"{example}\")`", extension.constructor().name())
}

fn role_advice(describe: &Describe<'_>, role: Role, found: Ty) -> Option<&'static str> {
    let is_set = describe.types.element(found).is_some();
    let is_entity = describe.types.is_entity(found);
    let is_string = found == Ty::STRING;
    Some(match role {
        Role::Term("+") if is_string => JOINED,
        Role::Term(_) if is_set => "sets cannot be added or subtracted; use `contains`, `containsAll` or `containsAny`",
        Role::Left(BinaryOperator::Contains | BinaryOperator::ContainsAll | BinaryOperator::ContainsAny) => {
            match (is_entity, is_string) {
                (true, _) => {
                    "use `in` to ask whether an entity is in a group; to look into a set, begin with the set, as in \
                     `set.contains(value)`"
                }
                (_, true) => "use `like` to ask whether a string contains another, as in `like \"*text*\"`",
                (false, false) => return None,
            }
        }
        Role::Right(BinaryOperator::ContainsAll | BinaryOperator::ContainsAny) => {
            "use `contains` to look for one element"
        }
        Role::Left(BinaryOperator::In) => {
            "use `contains` to ask whether a set has a value, as in `set.contains(value)`"
        }
        Role::Right(BinaryOperator::In) if is_set => "use `contains` to ask whether a set has a value",
        Role::Right(BinaryOperator::In) | Role::HasBase if is_string => "use `like` to look into a string",
        Role::HasBase if is_set => "use `contains` to ask whether a set has a value",
        Role::LikeBase if is_entity => {
            "use `is` to ask for the type of an entity, and `==` or `in` for which one it is"
        }
        Role::IsBase => "`is` asks for the type of an entity; the types of other values are known from the schema",
        Role::Operand(UnaryOperator::IsEmpty) if is_string => "compare with the empty string: `== \"\"`",
        Role::Left(operator) | Role::Right(operator) if !is_method(operator) && describe.types.is_decimal(found) => {
            DECIMALS
        }
        Role::Left(operator) | Role::Right(operator) if !is_method(operator) && is_string => NO_ORDER,
        Role::Truth if is_entity => "ask something of the entity, as with `==`, `in` or `is`",
        Role::Truth if is_set => "ask something of the set, as with `contains` or `isEmpty`",
        Role::Truth => "compare it with a value, as with `==`",
        Role::AttributeBase if is_set => {
            "a set has no attributes; its methods are called with parentheses, as in `isEmpty()`"
        }
        Role::Term(_)
        | Role::Operand(_)
        | Role::Left(_)
        | Role::Right(_)
        | Role::AttributeBase
        | Role::HasBase
        | Role::LikeBase
        | Role::Argument(_) => return None,
    })
}
