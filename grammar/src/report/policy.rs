//! What can be wrong in policies and their scopes.

use deodar_lexicon::{escape::escape, name::is_action_type};

use super::{alternatives, did_you_mean, join};
use crate::{
    ast::{BinaryOperator, ConditionKind, Effect, ExprKind, OperatorStyle, Slot, Variable},
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
}

/// The longest text of the author that advice repeats.
const LONGEST_ECHO: usize = 40;

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

// Scopes

/// A scope without some of its variables.
#[cold]
pub(crate) fn missing_scope_variables(span: Span, variables: &[Variable]) -> Diagnostic {
    let names = join(variables.iter().map(|variable| format!("`{}`", variable.name())), "and");
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
        ExprKind::String(id) => {
            let ty = if variable == Variable::Action { "Action" } else { "Type" };
            let id = if id.len() <= LONGEST_ECHO { id.as_str() } else { "…" };
            Some(format!("put the entity type before the id: `{ty}::\"{}\"`", escape(id)))
        }
        ExprKind::Name(name) if variable == Variable::Action => {
            let name = &name.name;
            Some(if is_action_type(name) {
                format!("put the id of the action behind its type: `{name}::\"id\"`")
            } else {
                format!("write the type and the id of the action: `Action::\"{name}\"`")
            })
        }
        ExprKind::Name(name) => {
            let (name, variable) = (&name.name, variable.name());
            Some(format!("write `{name}::\"id\"` for one entity, or `{variable} is {name}` for all of the type"))
        }
        ExprKind::Or(_) => Some(format!("{one}; write a second policy for the other case")),
        ExprKind::And(_) => Some(format!("{one}; move the rest into a `when` condition")),
        ExprKind::Set(_) if variable == Variable::Action => {
            Some("write one list after `in`: `action in [Action::\"a\", Action::\"b\"]`".to_owned())
        }
        ExprKind::Set(_) => {
            Some("only actions can be listed; put the entities into a group, or write one policy each".to_owned())
        }
        ExprKind::Slot(_) if variable == Variable::Action => {
            Some("actions cannot be filled in by a template".to_owned())
        }
        ExprKind::Slot(slot) => {
            let (slot, variable) = (slot.name(), variable.name());
            Some(format!("`{slot}` stands only with its own variable; write `?{variable}` here"))
        }
        ExprKind::Attribute { .. } => Some(
            "names are joined with `::`, not with `.`; values of attributes belong into a `when` condition".to_owned(),
        ),
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Long(_)
        | ExprKind::Entity(_)
        | ExprKind::Variable(_)
        | ExprKind::If { .. }
        | ExprKind::Sum { .. }
        | ExprKind::Product(_)
        | ExprKind::Unary(..)
        | ExprKind::Binary { .. }
        | ExprKind::Has { .. }
        | ExprKind::Like { .. }
        | ExprKind::Is { .. }
        | ExprKind::Call { .. }
        | ExprKind::UnknownCall { .. }
        | ExprKind::Record(_) => {
            Some("the scope names entities; everything else belongs into a `when` condition".to_owned())
        }
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
        OperatorStyle::Prefix | OperatorStyle::Relation => format!("{} `{symbol}` expression", article(symbol)),
        OperatorStyle::Method => format!("a call of `{symbol}`"),
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
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
    Diagnostic::new(
        SLOT_IN_CONDITION,
        span,
        format!("the slot `{name}` stands in {} `{keyword}` condition", article(keyword)),
    )
    .with_help(format!("slots stand only in the scope: `{variable} == {name}` or `{variable} in {name}`"))
}

/// A slot that does not exist.
#[cold]
pub(crate) fn unknown_slot(span: Span, name: &str) -> Diagnostic {
    let known = Slot::ALL.map(Slot::name);
    Diagnostic::new(UNKNOWN_SLOT, span, format!("`{name}` is not a slot, expected {}", alternatives(known)))
        .with_optional_help(did_you_mean(suggest::closest(name, known)))
}
