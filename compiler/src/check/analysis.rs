//! What is known of policies after they were checked, for all that comes after: specialisation, the index,
//! explanations, coverage, editors.
//!
//! An analysis owns what it knows and can be asked long after the check. It answers for policies with errors too, as
//! far as their types are beyond doubt.

use core::fmt;

use deodar_grammar::{Diagnostic, ast::ExprId};
use deodar_runtime::{EntityTypeName, EntityUid, ValueRef};
use smol_str::SmolStr;

use super::{
    Failure, Level,
    model::{EntityTypeIndex, Model},
    policy::{ConditionClass, PolicyCheck},
    types::{Kind, Ty, Types},
};

/// The names behind the numbers of a model.
#[derive(Debug, Default)]
pub(crate) struct Names {
    entity_types: Vec<EntityTypeName>,
    actions: Vec<EntityUid>,
}

impl Names {
    pub(crate) fn of(model: &Model<'_>) -> Self {
        Self {
            entity_types: model.entity_type_names().cloned().collect(),
            actions: model.actions().map(|(_, action)| action.uid.clone()).collect(),
        }
    }

    fn entity_type(&self, index: EntityTypeIndex) -> Option<&EntityTypeName> {
        self.entity_types.get(index.position())
    }
}

/// What is known of policies after they were checked, whether something is wrong with them or not.
#[derive(Debug, Default)]
pub struct Analysis {
    pub(super) findings: Vec<(SmolStr, Diagnostic)>,
    pub(super) policies: Vec<PolicyAnalysis>,
    pub(super) types: Types,
    pub(super) names: Names,
}

impl Analysis {
    /// Whether nothing is an error.
    pub fn passed(&self) -> bool {
        self.diagnostics().all(|diagnostic| !diagnostic.is_error())
    }

    /// Everything there is to say, in the order of the sources.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().map(|(_, diagnostic)| diagnostic)
    }

    /// Everything there is to say, each with the id of the policy, template or link that it is said of.
    pub fn findings(&self) -> impl Iterator<Item = (&SmolStr, &Diagnostic)> {
        self.findings.iter().map(|(policy, diagnostic)| (policy, diagnostic))
    }

    /// The policies and templates, in the order of the sources.
    pub fn policies(&self) -> &[PolicyAnalysis] {
        &self.policies
    }

    /// The types behind the type tables.
    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// The smallest level at which all policies can be evaluated (Cedar RFC 76).
    pub fn level(&self) -> Level {
        self.policies.iter().map(PolicyAnalysis::level).max().unwrap_or(Level::Steps(0))
    }

    /// The request environments that satisfy the scope of the policy, as far as types tell; those that its conditions
    /// cannot tell apart together.
    pub fn environments<'a>(
        &'a self,
        policy: &'a PolicyAnalysis,
    ) -> impl Iterator<Item = EnvironmentClass<'a>> + use<'a> {
        policy.check.classes.iter().map(move |class| EnvironmentClass { analysis: self, policy, class })
    }
}

/// What is known of one policy or template.
#[derive(Debug)]
pub struct PolicyAnalysis {
    id: SmolStr,
    level: Level,
    check: PolicyCheck,
}

impl PolicyAnalysis {
    pub(super) fn new(id: SmolStr, level: Level, check: PolicyCheck) -> Self {
        Self { id, level, check }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All that was found out.
    pub(crate) fn check(&self) -> &PolicyCheck {
        &self.check
    }

    /// The smallest level at which it can be evaluated; of a policy with type errors, in the environments without.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whether no request that the schema allows satisfies it.
    pub fn is_impossible(&self) -> bool {
        self.check.is_impossible
    }
}

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKind<'a> {
    /// The type of the principal.
    pub principal: &'a EntityTypeName,
    /// The action.
    pub action: &'a EntityUid,
    /// The type of the resource.
    pub resource: &'a EntityTypeName,
}

/// Kinds of requests that the conditions of a policy cannot tell apart.
#[derive(Debug, Clone, Copy)]
pub struct EnvironmentClass<'a> {
    analysis: &'a Analysis,
    policy: &'a PolicyAnalysis,
    class: &'a ConditionClass,
}

impl<'a> EnvironmentClass<'a> {
    /// The kinds of requests; at least one.
    pub fn requests(self) -> impl Iterator<Item = RequestKind<'a>> {
        let names = &self.analysis.names;
        self.class.places.iter().flat_map(move |place| {
            let actions = self.policy.check.groups.get(place.group).map_or(&[][..], Vec::as_slice);
            actions.iter().filter_map(move |action| {
                Some(RequestKind {
                    principal: names.entity_type(place.principal)?,
                    action: names.actions.get(action.position())?,
                    resource: names.entity_type(place.resource)?,
                })
            })
        })
    }

    /// Whether the policy has no type errors here.
    pub fn is_well_typed(self) -> bool {
        self.class.ok && self.policy.check.scope_ok
    }

    /// Whether the conditions are never met.
    pub fn is_false(self) -> bool {
        self.class.is_false
    }

    /// Whether the expression is evaluated for some request.
    pub fn is_reachable(self, expr: ExprId) -> bool {
        !self.class.table.is_dead(expr)
    }

    /// The type of an expression, if it can be reached, has no error, and is the same in all of these requests; that
    /// of a context which is only read from may not be.
    pub fn type_of(self, expr: ExprId) -> Option<StaticType<'a>> {
        let ty = self.class.table.ty(expr)?;
        let is_any_context = self.class.contexts_differ && ty == self.class.context;
        (!is_any_context).then_some(StaticType { analysis: self.analysis, ty })
    }

    /// The expressions whose evaluation may fail although their types are right.
    pub fn failures(self) -> &'a [Failure] {
        &self.class.failures
    }
}

/// The type that the checker gives an expression. Its [`Display`](fmt::Display) form is in the words of the schema.
#[derive(Debug, Clone, Copy)]
pub struct StaticType<'a> {
    analysis: &'a Analysis,
    ty: Ty,
}

impl StaticType<'_> {
    /// The truth value that the expression always has, if it is always the same.
    pub fn always(self) -> Option<bool> {
        match self.ty {
            Ty::TRUE => Some(true),
            Ty::FALSE => Some(false),
            _ => None,
        }
    }

    /// Whether the value is of the type.
    pub fn admits(self, value: ValueRef<'_>) -> bool {
        let mut open = vec![(self.ty, value)];
        while let Some((ty, value)) = open.pop() {
            if !self.admits_outside(ty, value, &mut open) {
                return false;
            }
        }
        true
    }

    /// Whether the value is of the type, but for its parts, which are still to be looked at.
    fn admits_outside<'v>(self, ty: Ty, value: ValueRef<'v>, open: &mut Vec<(Ty, ValueRef<'v>)>) -> bool {
        match self.analysis.types.kind(ty) {
            Kind::Never => false,
            Kind::True => value.as_bool() == Some(true),
            Kind::False => value.as_bool() == Some(false),
            Kind::Bool => value.as_bool().is_some(),
            Kind::Long => value.as_long().is_some(),
            Kind::String => value.as_str().is_some(),
            Kind::AnyEntity => value.as_entity().is_some(),
            Kind::Entity(types) => value.as_entity().is_some_and(|uid| {
                types.iter().any(|ty| self.analysis.names.entity_type(*ty) == Some(uid.entity_type()))
            }),
            Kind::Extension(extension) => value.extension_type() == Some(*extension),
            Kind::Set(element) => {
                let Some(elements) = value.elements() else { return false };
                open.extend(elements.map(|value| (*element, value)));
                true
            }
            Kind::Record(record) => {
                let Some(members) = value.members() else { return false };
                for (name, member) in members {
                    match record.attribute(name) {
                        Some(attribute) => open.push((attribute.ty, member)),
                        None if record.open => {}
                        None => return false,
                    }
                }
                let mut required = record.attributes.iter().filter(|(_, attribute)| attribute.required);
                required.all(|(name, _)| value.member(name).is_some())
            }
        }
    }
}

impl fmt::Display for StaticType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = &self.analysis.names;
        let name_of = |ty| names.entity_type(ty).map_or_else(SmolStr::default, |name| name.as_str().into());
        f.write_str(&self.analysis.types.display(self.ty, &name_of))
    }
}
