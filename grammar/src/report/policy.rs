//! What can be wrong in policies and expressions.

use deodar_lexicon::{Builtin, name::RESERVED};

use super::{alternatives, join};
use crate::{
    ast::{BinaryOperator, CallStyle, ConditionKind, Effect, ExprKind, OperatorStyle, Slot, UnaryOperator, Variable},
    codes,
    diagnostic::Diagnostic,
    source::Span,
    suggest,
};

codes! {
    /// A policy without `;`.
    pub(crate) MISSING_SEMICOLON = Error "missing-semicolon", "a policy without a semicolon";
    /// A policy that breaks off.
    pub(crate) UNFINISHED_POLICY = Error "unfinished-policy", "a policy that breaks off where the next one starts";
    /// Neither `permit` nor `forbid`.
    pub(crate) UNKNOWN_EFFECT = Error "unknown-effect", "an effect that does not exist";
    /// Neither `when` nor `unless`.
    pub(crate) UNKNOWN_CONDITION = Error "unknown-condition", "a kind of condition that does not exist";
    /// `when {}`
    pub(crate) EMPTY_CONDITION = Error "empty-condition", "a condition without an expression";
    /// A scope without one of its variables.
    pub(crate) MISSING_SCOPE_VARIABLE = Error "missing-scope-variable", "a scope without one of its variables";
    /// A scope with a fourth element.
    pub(crate) EXTRA_SCOPE_ELEMENT = Error "extra-scope-element", "a scope with too many elements";
    /// Variables of the scope in another order.
    pub(crate) MISPLACED_SCOPE_VARIABLE = Error "misplaced-scope-variable", "a scope in the wrong order";
    /// Something else than a variable of the scope.
    pub(crate) UNKNOWN_SCOPE_VARIABLE = Error "unknown-scope-variable", "a variable that a scope does not have";
    /// `principal: User`
    pub(crate) SCOPE_COLON = Error "scope-colon", "a type after a colon in a scope";
    /// An operator that a scope does not have.
    pub(crate) SCOPE_OPERATOR = Error "scope-operator", "an operator that a scope does not have";
    /// `principal is User == …`
    pub(crate) IS_WITH_EQUAL = Error "is-with-equal", "`is` together with `==` in a scope";
    /// `principal in … is User`
    pub(crate) IN_BEFORE_IS = Error "in-before-is", "`in` before `is`";
    /// `action is …`
    pub(crate) ACTION_IS = Error "action-is", "a type test of the action in a scope";
    /// Something in the scope that is no entity.
    pub(crate) SCOPE_OPERAND = Error "scope-operand", "something in a scope that is no entity";
    /// An entity in the place of an action.
    pub(crate) NOT_AN_ACTION = Error "not-an-action", "an entity that is no action in the place of one";
    /// A slot outside the scope.
    pub(crate) SLOT_IN_CONDITION = Error "slot-in-condition", "a slot in a condition";
    /// A slot that does not exist.
    pub(crate) UNKNOWN_SLOT = Error "unknown-slot", "a slot that does not exist";
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

const SCOPE_HELP: &str = "a scope is `(principal, action, resource)`, in this order, each with at most one constraint";

// Policies

/// A policy without `;`.
#[cold]
pub(crate) fn missing_semicolon(span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_SEMICOLON, span, "this policy does not end with `;`").with_label("expected `;` after this")
}

/// A policy that another one follows before it is complete.
#[cold]
pub(crate) fn unfinished_policy(span: Span, expected: &str, opened: Option<(Span, &str)>) -> Diagnostic {
    let message = format!("this policy is not complete, expected {expected} before the next policy");
    let diagnostic = Diagnostic::new(UNFINISHED_POLICY, span, message).with_label("the policy breaks off here");
    match opened {
        Some((place, bracket)) => diagnostic.with_place(place, format!("this `{bracket}` is not closed")),
        None => diagnostic,
    }
}

/// Neither `permit` nor `forbid`.
#[cold]
pub(crate) fn unknown_effect(span: Span, word: &str) -> Diagnostic {
    let keywords = Effect::ALL.map(Effect::keyword);
    let meant = match word.to_lowercase().as_str() {
        "allow" | "grant" | "accept" | "permitted" => Some(Effect::Permit.keyword()),
        "deny" | "reject" | "disallow" | "block" | "forbidden" | "refuse" => Some(Effect::Forbid.keyword()),
        _ => suggest::closest(word, keywords),
    };
    Diagnostic::new(UNKNOWN_EFFECT, span, format!("`{word}` is not an effect, expected {}", alternatives(keywords)))
        .with_optional_help(did_you_mean(meant))
}

/// Neither `when` nor `unless`.
#[cold]
pub(crate) fn unknown_condition(span: Span, word: &str) -> Diagnostic {
    let keywords = ConditionKind::ALL.map(ConditionKind::keyword);
    let meant = match word.to_lowercase().as_str() {
        "if" | "where" | "while" => Some(ConditionKind::When.keyword()),
        "except" | "without" => Some(ConditionKind::Unless.keyword()),
        _ => suggest::closest(word, keywords),
    };
    Diagnostic::new(
        UNKNOWN_CONDITION,
        span,
        format!("`{word}` starts no condition, expected {}", alternatives(keywords)),
    )
    .with_optional_help(did_you_mean(meant))
}

/// `when {}`
#[cold]
pub(crate) fn empty_condition(span: Span, kind: ConditionKind) -> Diagnostic {
    let keyword = kind.keyword();
    Diagnostic::new(EMPTY_CONDITION, span, format!("this `{keyword}` condition is empty, expected an expression"))
        .with_help(format!("remove `{keyword} {{}}` if the policy has no condition"))
}

fn did_you_mean(word: Option<&str>) -> Option<String> {
    word.map(|word| format!("did you mean `{word}`?"))
}

// Scopes

/// A scope without some of its variables.
#[cold]
pub(crate) fn missing_scope_variables(span: Span, variables: &[Variable]) -> Diagnostic {
    let names = join(variables.iter().map(|variable| format!("`{}`", variable.name())).collect(), "and");
    Diagnostic::new(MISSING_SCOPE_VARIABLE, span, format!("this scope lacks {names}")).with_help(SCOPE_HELP)
}

/// A scope with a fourth element.
#[cold]
pub(crate) fn extra_scope_element(span: Span) -> Diagnostic {
    Diagnostic::new(EXTRA_SCOPE_ELEMENT, span, "this scope has more than three elements")
        .with_label("one too many")
        .with_help(format!("{SCOPE_HELP}; everything else belongs into a `when` condition"))
}

/// Variables of the scope in another order.
#[cold]
pub(crate) fn misplaced_scope_variable(span: Span, found: Variable, expected: Variable) -> Diagnostic {
    let (found, expected) = (found.name(), expected.name());
    Diagnostic::new(MISPLACED_SCOPE_VARIABLE, span, format!("found `{found}` where `{expected}` must stand"))
        .with_help(SCOPE_HELP)
}

/// Something else than a variable of the scope.
#[cold]
pub(crate) fn unknown_scope_variable(span: Span, word: &str) -> Diagnostic {
    let scope = [Variable::Principal, Variable::Action, Variable::Resource].map(Variable::name);
    let meant = match word.to_lowercase().as_str() {
        "user" | "subject" | "actor" | "who" => Some(Variable::Principal.name()),
        "verb" | "operation" | "method" => Some(Variable::Action.name()),
        "object" | "target" => Some(Variable::Resource.name()),
        _ => suggest::closest(word, scope),
    };
    let help = if word == Variable::Context.name() {
        Some("what the policy demands of the context belongs into a `when` condition".to_owned())
    } else {
        did_you_mean(meant).or_else(|| Some(SCOPE_HELP.to_owned()))
    };
    let message = format!("`{word}` is not a variable of the scope, expected {}", alternatives(scope));
    Diagnostic::new(UNKNOWN_SCOPE_VARIABLE, span, message).with_optional_help(help)
}

/// `principal: User`
#[cold]
pub(crate) fn scope_colon(span: Span, variable: Variable) -> Diagnostic {
    let name = variable.name();
    let help = if variable == Variable::Action {
        "the type of an action cannot be constrained; list the actions: `action in [Action::\"view\"]`".to_owned()
    } else {
        format!("write `{name} is` and the type")
    };
    Diagnostic::new(SCOPE_COLON, span, format!("a type after `{name}:` is not supported")).with_help(help)
}

/// An operator that a scope does not have.
#[cold]
pub(crate) fn scope_operator(span: Span, operator: BinaryOperator, variable: Variable) -> Diagnostic {
    let (symbol, name) = (operator.symbol(), variable.name());
    let (accepted, place) = if variable == Variable::Action {
        ("`==` or `in`", "the action")
    } else {
        ("`==`, `in`, `is`, or `is … in`", "the scope")
    };
    let message = format!("`{symbol}` cannot constrain {place}, expected {accepted}");
    Diagnostic::new(SCOPE_OPERATOR, span, message)
        .with_help(format!("move the comparison into a condition: `when {{ {name} {symbol} … }}`"))
}

/// `principal is User == …`
#[cold]
pub(crate) fn is_with_equal(span: Span) -> Diagnostic {
    Diagnostic::new(IS_WITH_EQUAL, span, "`is` cannot stand together with `==`, expected `in`")
        .with_help("an entity includes its type: `==` alone says everything")
}

/// `principal in … is User`
#[cold]
pub(crate) fn in_before_is(span: Span, is: Span) -> Diagnostic {
    Diagnostic::new(IN_BEFORE_IS, span, "`in` stands before `is`, expected `is` first")
        .with_place(is, "the type test")
        .with_help("write `… is Type in entity`")
}

/// `action is …`
#[cold]
pub(crate) fn action_is(span: Span) -> Diagnostic {
    Diagnostic::new(ACTION_IS, span, "`is` cannot constrain the action in a scope, expected `==` or `in`")
        .with_help("move the test into a condition: `when { action is … }`")
}

/// Something in the scope that is no entity.
#[cold]
pub(crate) fn scope_operand(span: Span, expected: &str, found: &ExprKind, variable: Variable) -> Diagnostic {
    let one = "a scope has one constraint for each variable";
    let help = match found {
        ExprKind::String(_) => Some("put the entity type before the id: `Type::\"id\"`".to_owned()),
        ExprKind::Name(_) if variable == Variable::Action => {
            Some("put the id of the action behind the type: `Action::\"id\"`".to_owned())
        }
        ExprKind::Name(name) => {
            let (name, variable) = (&name.name, variable.name());
            Some(format!("write `{name}::\"id\"` for one entity, or `{variable} is {name}` for all of the type"))
        }
        ExprKind::Or(_) => Some(format!("{one}; write a second policy for the other case")),
        ExprKind::And(_) => Some(format!("{one}; move the rest into a `when` condition")),
        ExprKind::Set(_) => {
            Some("only actions can be listed; put the entities into a group, or write one policy each".to_owned())
        }
        ExprKind::Slot(_) if variable == Variable::Action => {
            Some("actions cannot be filled in by a template".to_owned())
        }
        ExprKind::Attribute { .. } => Some(
            "names are joined with `::`, not with `.`; values of attributes belong into a `when` condition".to_owned(),
        ),
        _ => Some("the scope names entities; everything else belongs into a `when` condition".to_owned()),
    };
    Diagnostic::new(SCOPE_OPERAND, span, format!("expected {expected}, found {}", noun(found))).with_optional_help(help)
}

/// What the expression is, with an article.
fn noun(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Error => "an error".to_owned(),
        ExprKind::Bool(value) => format!("`{value}`"),
        ExprKind::Long(value) => format!("the number `{value}`"),
        ExprKind::String(_) => "a string".to_owned(),
        ExprKind::Entity(_) => "an entity".to_owned(),
        ExprKind::Variable(variable) => format!("the variable `{}`", variable.name()),
        ExprKind::Slot(slot) => format!("the slot `{}`", slot.name()),
        ExprKind::Name(name) => format!("the name `{}`", name.name),
        ExprKind::If { .. } => "an `if` expression".to_owned(),
        ExprKind::And(_) => "an `&&` expression".to_owned(),
        ExprKind::Or(_) => "an `||` expression".to_owned(),
        ExprKind::Sum { .. } => "a sum".to_owned(),
        ExprKind::Product(_) => "a product".to_owned(),
        ExprKind::Unary(operator, _) => call_or_operator(operator.style(), operator.symbol()),
        ExprKind::Binary { operator, .. } => call_or_operator(operator.style(), operator.symbol()),
        ExprKind::Attribute { .. } => "an attribute".to_owned(),
        ExprKind::Has { .. } => "a `has` expression".to_owned(),
        ExprKind::Like { .. } => "a `like` expression".to_owned(),
        ExprKind::Is { .. } => "an `is` expression".to_owned(),
        ExprKind::Call { builtin, .. } => format!("a call of `{}`", builtin.name()),
        ExprKind::UnknownCall { name, .. } => format!("a call of `{}`", name.name),
        ExprKind::Set(_) => "a list".to_owned(),
        ExprKind::Record(_) => "a record".to_owned(),
    }
}

fn call_or_operator(style: OperatorStyle, symbol: &str) -> String {
    match style {
        OperatorStyle::Prefix | OperatorStyle::Relation => format!("a `{symbol}` expression"),
        OperatorStyle::Method => format!("a call of `{symbol}`"),
    }
}

/// An entity in the place of an action.
#[cold]
pub(crate) fn not_an_action(span: Span, ty: &str) -> Diagnostic {
    Diagnostic::new(NOT_AN_ACTION, span, format!("expected an action, found an entity of type `{ty}`")).with_help(
        "actions have the type `Action`, with or without a namespace before it: `Namespace::Action::\"view\"`",
    )
}

// Slots

/// A slot outside the scope.
#[cold]
pub(crate) fn slot_in_condition(span: Span, slot: Slot, kind: ConditionKind) -> Diagnostic {
    let (name, keyword) = (slot.name(), kind.keyword());
    let variable = name.trim_start_matches('?');
    Diagnostic::new(SLOT_IN_CONDITION, span, format!("the slot `{name}` stands in a `{keyword}` condition"))
        .with_help(format!("slots stand only in the scope: `{variable} == {name}` or `{variable} in {name}`"))
}

/// A slot that does not exist.
#[cold]
pub(crate) fn unknown_slot(span: Span, name: &str) -> Diagnostic {
    let known = Slot::ALL.map(Slot::name);
    Diagnostic::new(UNKNOWN_SLOT, span, format!("`{name}` is not a slot, expected {}", alternatives(known)))
        .with_optional_help(did_you_mean(suggest::closest(name, known)))
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

/// Something after `is` that is no entity type.
#[cold]
pub(crate) fn is_operand(span: Span, entity: bool) -> Diagnostic {
    let (found, help) = if entity {
        ("an entity", "compare with `==` to test for one entity")
    } else {
        ("an expression", "write the name of a type: `is Namespace::Type`; compare values with `==`")
    };
    Diagnostic::new(IS_OPERAND, span, format!("`is` takes an entity type, found {found}")).with_help(help)
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
    let help = suggest::closest(name, functions())
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
        _ => suggest::closest(name, methods())
            .map(|meant| format!("did you mean `{meant}`?"))
            .unwrap_or_else(|| format!("the methods are {}", join_all(methods()))),
    };
    Diagnostic::new(UNKNOWN_METHOD, span, format!("`{name}` is not a method")).with_help(help)
}

fn builtins(style: CallStyle) -> impl Iterator<Item = &'static str> {
    Builtin::ALL.iter().filter(move |builtin| builtin.signature().style == style).map(|builtin| builtin.name())
}

/// The methods of the language and of the extension types.
fn methods() -> impl Iterator<Item = &'static str> {
    let binary = BinaryOperator::ALL.iter().map(|operator| (operator.style(), operator.symbol()));
    let unary = UnaryOperator::ALL.iter().map(|operator| (operator.style(), operator.symbol()));
    let operators = binary.chain(unary).filter(|(style, _)| *style == OperatorStyle::Method).map(|(_, symbol)| symbol);
    operators.chain(builtins(CallStyle::Method))
}

fn join_all(words: impl Iterator<Item = &'static str>) -> String {
    join(words.map(|word| format!("`{word}`")).collect(), "and")
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

/// Whether a word that stands where a name is expected is reserved.
pub(crate) fn is_reserved_word(word: &str) -> bool {
    RESERVED.contains(&word)
}
