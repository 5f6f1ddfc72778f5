//! What can be wrong in expressions.

use deodar_lexicon::Builtin;

use super::{alternatives, join};
use crate::{
    ast::{BinaryOperator, CallStyle, OperatorStyle, UnaryOperator, Variable},
    codes,
    diagnostic::Diagnostic,
    source::Span,
    suggest,
};

codes! {
    /// `=`
    pub(crate) SINGLE_EQUAL = Error "single-equal", "`=` in the place of `==`";
    /// `/`
    pub(crate) DIVISION = Error "division", "a division";
    /// `%`
    pub(crate) REMAINDER = Error "remainder", "a remainder";
    /// `a < b < c`
    pub(crate) CHAINED_RELATION = Error "chained-relation", "a comparison of a comparison";
    /// `-----1`
    pub(crate) SIGN_RUN = Error "sign-run", "too many `!` or `-` in a row";
    /// An integer beyond 64 bits.
    pub(crate) INTEGER_TOO_LARGE = Error "integer-too-large", "an integer that is too large";
    /// `a.if`
    pub(crate) RESERVED_ATTRIBUTE = Error "reserved-attribute", "a reserved word as an attribute";
    /// `a[1]`
    pub(crate) INDEX = Error "index-not-a-string", "an index that is no string literal";
    /// `a has "b".c`
    pub(crate) HAS_OPERAND = Error "has-operand", "something after `has` that is no attribute";
    /// `a like b`
    pub(crate) LIKE_OPERAND = Error "like-operand", "something after `like` that is no pattern";
    /// `a is "B"`
    pub(crate) IS_OPERAND = Error "is-operand", "something after `is` that is no entity type";
    /// `{1: 2}`
    pub(crate) RECORD_KEY = Error "record-key", "a record key that is no name";
    /// `{1, 2}`
    pub(crate) RECORD_ENTRY = Error "record-entry", "a record entry without a value";
    /// `{a: 1, a: 2}`
    pub(crate) DUPLICATE_KEY = Error "duplicate-key", "a record key that stands twice";
    /// `User::{id: "a"}`
    pub(crate) ENTITY_RECORD = Error "entity-record", "an entity written with braces";
    /// A name that means nothing.
    pub(crate) UNKNOWN_VARIABLE = Error "unknown-variable", "a variable that does not exist";
    /// A function that does not exist.
    pub(crate) UNKNOWN_FUNCTION = Error "unknown-function", "a function that does not exist";
    /// A method that does not exist.
    pub(crate) UNKNOWN_METHOD = Error "unknown-method", "a method that does not exist";
    /// `contains(a, b)`
    pub(crate) METHOD_AS_FUNCTION = Error "method-as-function", "a method that is called like a function";
    /// `a.ip()`
    pub(crate) FUNCTION_AS_METHOD = Error "function-as-method", "a function that is called like a method";
    /// `principal()`
    pub(crate) VARIABLE_CALL = Error "variable-call", "a variable that is called";
    /// `(a)(b)`
    pub(crate) EXPRESSION_CALL = Error "expression-call", "an expression that is called";
    /// A method with too many or too few arguments.
    pub(crate) ARITY = Error "argument-count", "a wrong number of arguments";
}

// Operators

/// `=`
#[cold]
pub(crate) fn single_equal(span: Span) -> Diagnostic {
    Diagnostic::new(SINGLE_EQUAL, span, "`=` is not an operator, expected `==`")
        .with_help("nothing is assigned in a policy")
}

/// `/`
#[cold]
pub(crate) fn division(span: Span) -> Diagnostic {
    Diagnostic::new(DIVISION, span, "`/` is not an operator: there is no division")
        .with_help("multiply the other side, or divide before the request and pass the result in the context")
}

/// `%`
#[cold]
pub(crate) fn remainder(span: Span) -> Diagnostic {
    Diagnostic::new(REMAINDER, span, "`%` is not an operator: there is no remainder")
        .with_help("compute it before the request, and pass the result in the context")
}

/// `a < b < c`
#[cold]
pub(crate) fn chained_relation(first: Span, second: Span) -> Diagnostic {
    Diagnostic::new(CHAINED_RELATION, second, "comparisons cannot follow one another without parentheses")
        .with_label("the second comparison")
        .with_place(first, "the first comparison")
        .with_help("join two comparisons with `&&`, or put one of them into parentheses")
}

/// `-----1`
#[cold]
pub(crate) fn sign_run(span: Span, sign: char) -> Diagnostic {
    Diagnostic::new(SIGN_RUN, span, format!("too many `{sign}` in a row, expected at most four"))
        .with_help("two of them cancel out")
}

/// An integer beyond 64 bits.
#[cold]
pub(crate) fn integer_too_large(span: Span) -> Diagnostic {
    Diagnostic::new(INTEGER_TOO_LARGE, span, "this integer is too large")
        .with_help(format!("the largest integer is `{}`", i64::MAX))
}

/// A negative integer beyond 64 bits.
#[cold]
pub(crate) fn negative_too_large(span: Span) -> Diagnostic {
    Diagnostic::new(INTEGER_TOO_LARGE, span, "this integer is too small")
        .with_help(format!("the smallest integer is `{}`", i64::MIN))
}

/// Something after `has` that is no attribute.
#[cold]
pub(crate) fn has_operand(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(HAS_OPERAND, span, format!("`has` takes names joined by `.`, or one string, found `{found}`"))
        .with_help("write `e has a.b`, or `e has \"a b\"`; for a path with strings, test step by step: `e has \"a b\" && e[\"a b\"] has c`")
}

/// Something after `like` that is no pattern.
#[cold]
pub(crate) fn like_operand(span: Span) -> Diagnostic {
    Diagnostic::new(LIKE_OPERAND, span, "`like` takes a string literal, without parentheses, as its pattern")
        .with_help("write the pattern out: `e like \"prefix*\"`")
}

/// `a is "B"`
#[cold]
pub(crate) fn is_string(span: Span, body: &str) -> Diagnostic {
    let help = if deodar_lexicon::name::is_qualified_name(body) {
        format!("remove the quotes: `is {body}`")
    } else {
        "write the type without quotes: `is Namespace::Type`".to_owned()
    };
    Diagnostic::new(IS_OPERAND, span, "`is` takes an entity type, found a string").with_help(help)
}

/// `a is B::"c"`
#[cold]
pub(crate) fn is_entity(span: Span) -> Diagnostic {
    Diagnostic::new(IS_OPERAND, span, "`is` takes an entity type, found an entity")
        .with_help("compare with `==` to test for one entity")
}

/// Something after `is` that is no entity type.
#[cold]
pub(crate) fn is_operand(span: Span) -> Diagnostic {
    Diagnostic::new(IS_OPERAND, span, "`is` takes an entity type, found an expression")
        .with_help("write the name of a type, without parentheses: `is Namespace::Type`; compare values with `==`")
}

// Names, attributes, records

/// A reserved word as an attribute or record key.
#[cold]
pub(crate) fn reserved_attribute(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        RESERVED_ATTRIBUTE,
        span,
        format!("`{word}` is a reserved word and cannot be an attribute without quotes"),
    )
    .with_help(format!("write `e[\"{word}\"]`, `e has \"{word}\"` or `{{\"{word}\": …}}`"))
}

/// `a[1]`
#[cold]
pub(crate) fn index(span: Span) -> Diagnostic {
    Diagnostic::new(INDEX, span, "an index must be a string literal, without parentheses")
        .with_help("write `e[\"attribute\"]`; sets have no index, use `.contains(…)`; tags are read with `.getTag(…)`")
}

/// `{1: 2}`
#[cold]
pub(crate) fn record_key(span: Span) -> Diagnostic {
    Diagnostic::new(RECORD_KEY, span, "a record key must be a name or a string literal")
        .with_help("write `{name: …}` or `{\"any text\": …}`")
}

/// `{1, 2}`
#[cold]
pub(crate) fn record_entry(span: Span) -> Diagnostic {
    Diagnostic::new(RECORD_ENTRY, span, "a record entry needs a value, expected `:` after the key")
        .with_help("write `{key: value}` for a record, `[a, b]` for a set, and parentheses to group")
}

/// `{a: 1, a: 2}`
#[cold]
pub(crate) fn duplicate_key(span: Span, key: &str, first: Span) -> Diagnostic {
    Diagnostic::new(DUPLICATE_KEY, span, format!("the key `{}` stands twice in this record", key.escape_debug()))
        .with_label("again here")
        .with_place(first, "first here")
}

/// `User::{id: "a"}`
#[cold]
pub(crate) fn entity_record(span: Span) -> Diagnostic {
    Diagnostic::new(ENTITY_RECORD, span, "an entity is written as a type and a string, not with braces")
        .with_help("write `Namespace::Type::\"id\"`")
}

/// A name that means nothing.
#[cold]
pub(crate) fn unknown_variable(span: Span, name: &str) -> Diagnostic {
    let variables = Variable::ALL.map(Variable::name);
    let lower = name.to_lowercase();
    let help = if let Some(meant) = ["true", "false"].into_iter().find(|literal| *literal == lower) {
        format!("did you mean `{meant}`?")
    } else if Builtin::from_name(name).is_some_and(|builtin| builtin.signature().style == CallStyle::Function) {
        format!("`{name}` is a function: call it as `{name}(…)`")
    } else if let Some(meant) = suggest::closest(name, variables) {
        format!("did you mean `{meant}`?")
    } else if name.contains("::") {
        format!("write `{name}::\"id\"` for an entity, or `is {name}` to test for the type")
    } else {
        format!("write `\"{name}\"` for a string, or `context.{name}` for an attribute of the context")
    };
    Diagnostic::new(UNKNOWN_VARIABLE, span, format!("`{name}` is not a variable, expected {}", alternatives(variables)))
        .with_help(help)
}

/// A function that does not exist.
#[cold]
pub(crate) fn unknown_function(span: Span, name: &str) -> Diagnostic {
    let functions = || builtins(CallStyle::Function);
    let meant = match name.to_lowercase().as_str() {
        "ipaddr" | "ipaddress" | "ip_address" | "cidr" => Some("ip"),
        "date" | "time" | "timestamp" => Some("datetime"),
        "interval" | "period" => Some("duration"),
        "float" | "double" | "number" => Some("decimal"),
        _ => suggest::closest(name, functions()),
    };
    let help = meant
        .map(|meant| format!("did you mean `{meant}`?"))
        .or_else(|| suggest::closest(name, methods()).map(|meant| format!("did you mean the method `e.{meant}(…)`?")))
        .unwrap_or_else(|| format!("the functions are {}", join_all(functions())));
    Diagnostic::new(UNKNOWN_FUNCTION, span, format!("`{name}` is not a function")).with_help(help)
}

/// A method that does not exist.
#[cold]
pub(crate) fn unknown_method(span: Span, name: &str) -> Diagnostic {
    let help = match name.to_lowercase().as_str() {
        "startswith" | "hasprefix" => "use a pattern: `e like \"prefix*\"`".to_owned(),
        "endswith" | "hassuffix" => "use a pattern: `e like \"*suffix\"`".to_owned(),
        "matches" | "regex" | "match" => "use a pattern, in which `*` stands for any text: `e like \"a*b\"`".to_owned(),
        "equals" | "eq" => "compare with `==`".to_owned(),
        _ => suggest::closest(name, methods()).map_or_else(
            || {
                let own = join_all(operator_methods());
                format!("an attribute is read without parentheses; methods are {own}, and those of the extension types")
            },
            |meant| format!("did you mean `{meant}`?"),
        ),
    };
    Diagnostic::new(UNKNOWN_METHOD, span, format!("`{name}` is not a method")).with_help(help)
}

fn builtins(style: CallStyle) -> impl Iterator<Item = &'static str> {
    Builtin::ALL.iter().filter(move |builtin| builtin.signature().style == style).map(|builtin| builtin.name())
}

/// The methods of the language and of the extension types.
fn methods() -> impl Iterator<Item = &'static str> {
    operator_methods().chain(builtins(CallStyle::Method))
}

/// The methods of sets and entities.
fn operator_methods() -> impl Iterator<Item = &'static str> {
    let binary = BinaryOperator::ALL.iter().map(|operator| (operator.style(), operator.symbol()));
    let unary = UnaryOperator::ALL.iter().map(|operator| (operator.style(), operator.symbol()));
    binary.chain(unary).filter(|(style, _)| *style == OperatorStyle::Method).map(|(_, symbol)| symbol)
}

fn join_all(words: impl Iterator<Item = &'static str>) -> String {
    join(words.map(|word| format!("`{word}`")), "and")
}

/// `contains(a, b)`
#[cold]
pub(crate) fn method_as_function(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(METHOD_AS_FUNCTION, span, format!("`{name}` is a method, not a function"))
        .with_help(format!("call it on a value: `e.{name}(…)`"))
}

/// `a.ip()`
#[cold]
pub(crate) fn function_as_method(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(FUNCTION_AS_METHOD, span, format!("`{name}` is a function, not a method"))
        .with_help(format!("call it without a value before it: `{name}(…)`"))
}

/// `principal()`
#[cold]
pub(crate) fn variable_call(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(VARIABLE_CALL, span, format!("`{name}` is a variable and cannot be called"))
}

/// `(a)(b)`
#[cold]
pub(crate) fn expression_call(span: Span) -> Diagnostic {
    Diagnostic::new(EXPRESSION_CALL, span, "only functions and methods can be called, found a value before `(`")
        .with_help("a call is `name(…)` or `e.name(…)`")
}

/// A method with too many or too few arguments.
#[cold]
pub(crate) fn arity(span: Span, name: &str, expected: usize, found: usize) -> Diagnostic {
    let plural = if expected == 1 { "" } else { "s" };
    Diagnostic::new(ARITY, span, format!("`{name}` takes {expected} argument{plural}, found {found}"))
}
