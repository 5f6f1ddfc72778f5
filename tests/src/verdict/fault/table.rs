//! The planted faults of type checkers.

use super::{Effect, Fault, FaultKind, rules::*};
use crate::verdict::Kind;

macro_rules! faults {
    ($($name:literal $kind:ident($function:expr) $effect:ident [$($of:ident)*] $what:literal;)+) => {
        /// All planted faults.
        pub const FAULTS: &[Fault] = &[$(Fault {
            name: $name,
            what: $what,
            effect: Effect::$effect,
            kinds: &[$(Kind::$of),*],
            kind: FaultKind::$kind($function),
        }),+];
    };
}

faults! {
    "capability-survives-not" Expression(capability_survives_not) Fewer [OptionalAttribute UncheckedTag] "`!(e has a)` proves what `e has a` proves";
    "capability-survives-comparison" Expression(capability_survives_comparison) Fewer [OptionalAttribute UncheckedTag] "`(e has a) == true` proves what `e has a` proves";
    "or-unites-capabilities" Expression(or_unites_capabilities) Fewer [OptionalAttribute UncheckedTag] "`||` proves what either operand proves";
    "else-has-capabilities" Expression(else_has_capabilities) Fewer [OptionalAttribute UncheckedTag] "the `else` branch may rely on the guard";
    "conjunction-loses-its-guard" Expression(guard_is_lost) More [OptionalAttribute UncheckedTag] "a guard that is a conjunction proves only its last part";
    "unless-proves" Policies(unless_proves) Fewer [OptionalAttribute UncheckedTag] "what an `unless` tests may be relied on afterwards";
    "conditions-stand-alone" Policies(conditions_stand_alone) More [OptionalAttribute UncheckedTag] "a condition may not rely on the conditions before it";
    "capability-is-the-name" Expression(capability_is_the_name) Fewer [OptionalAttribute] "a test of one expression is a test of any that has the attribute";
    "any-tag-is-proven" Expression(any_tag_is_proven) Fewer [UncheckedTag] "`hasTag` proves all tags of its entity";
    "required-is-there" Typed(required_is_there) Any [] "`has` of a required attribute of an entity is true";
    "unknown-has-is-an-error" Expression(unknown_has_is_an_error) More [UnknownAttribute] "`has` of an attribute that cannot be there is an error";
    "unequal-types-are-an-error" Expression(unequal_types_are_an_error) More [IncompatibleTypes] "`!=` of different entity types is an error";
    "unequal-literals-are-an-error" Expression(unequal_literals_are_an_error) More [IncompatibleTypes] "`==` of literals of different types is an error";
    "contains-takes-anything" Expression(contains_takes_anything) Fewer [IncompatibleTypes] "`contains` takes an operand of any type";
    "hierarchy-is-ignored" Expression(hierarchy_is_ignored) Fewer [ImpossiblePolicy] "`in` is never known to be false";
    "actions-are-not-compared" Expression(actions_are_not_compared) More [UnknownAttribute OptionalAttribute UnexpectedType IncompatibleTypes] "`action == A` and `action in A` are decided at run time";
    "type-tests-are-not-decided" Expression(type_tests_are_not_decided) More [UnknownAttribute OptionalAttribute UnexpectedType IncompatibleTypes] "`is` is decided at run time";
    "dead-names-are-not-checked" Expression(dead_names_are_not_checked) Fewer [UnknownEntityType UnknownAction InvalidEnumEntity] "unknown names in dead code are no errors";
    "dead-code-is-typed" Expression(dead_code_is_typed) More [UnknownAttribute OptionalAttribute UncheckedTag UnexpectedType IncompatibleTypes EmptySet] "the types of dead code are checked";
    "overflow-is-an-error" Expression(overflow_is_an_error) More [UnexpectedType] "constant arithmetic that overflows is an error";
    "empty-set-is-allowed" Answers(empty_set_is_allowed) Any [] "strict checking allows empty sets";
    "arguments-may-be-computed" Answers(arguments_may_be_computed) Any [] "strict checking allows computed arguments of constructors";
    "records-have-width" Answers(records_have_width) Any [] "strict checking finds least upper bounds of different records and entities";
    "permissive-is-strict" Options(permissive_is_strict) Any [] "permissive checking is as strict as strict checking";
    "inapplicable-is-an-error" Answers(inapplicable_is_an_error) Any [] "a scope that no action fits is an error";
    "impossible-needs-an-action" Answers(impossible_needs_an_action) Any [] "a policy that no action fits is not impossible";
    "links-are-not-checked" Policies(links_are_not_checked) Fewer [UnknownEntityType InapplicableAction] "the entities that fill slots are not checked";
    "scope-is-not-searched" Policies(scope_is_not_searched) Fewer [ConfusableIdentifier MixedScriptIdentifier BidiCharactersInIdentifier] "odd characters in the scope are no warning";
    "scripts-may-mix" Answers(scripts_may_mix) Any [] "an identifier of mixed scripts is a confusable one";
    "external-is-enough" Answers(external_is_enough) Any [] "policies may be checked against an incomplete schema";
    "first-environment-only" Schema(first_environment_only) Fewer [UnknownAttribute OptionalAttribute UnexpectedType IncompatibleTypes] "only the first principal type of an action is checked";
    "enumerations-are-open" Schema(enumerations_are_open) Fewer [InvalidEnumEntity] "any id of an enumerated entity type is accepted";
    "scope-in-is-free" Policies(scope_in_is_free) Fewer [Level] "`in` in the scope costs no level";
    "in-is-free" Policies(in_is_free) Fewer [Level] "`in` in conditions costs no level";
    "path-costs-one" Policies(path_costs_one) Fewer [Level] "`e has a.b.c` costs one level";
    "literals-are-dereferenced" Policies(literals_are_dereferenced) Fewer [Level] "a literal may stand left of `in` at any level";
    "records-hide-nothing" Policies(records_hide_nothing) Fewer [Level] "members of a record that are not read cost no level";
    "level-one-more" Options(level_one_more) Other [Level] "a level allows one dereference more";
    "levels-need-a-verdict" Answers(levels_need_a_verdict) Any [] "levels are not checked in a policy with an error";
}
