//! The values that make a difference to a policy: its literals, and their neighbours.

use std::collections::BTreeSet;

use deodar_compiler::uid;
use deodar_grammar::ast::{ActionConstraintKind, EntityOrSlot, EntityRef, ExprKind, PolicySet};
use deodar_lexicon::{Builtin, builtin::ExtensionType};
use deodar_runtime::{EntityUid, Value};
use smol_str::SmolStr;

/// What one policy mentions.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Attributes, also those that `has` asks for.
    pub(super) names: BTreeSet<SmolStr>,
    pub(super) longs: BTreeSet<i64>,
    pub(super) strings: BTreeSet<SmolStr>,
    pub(super) entities: BTreeSet<EntityUid>,
    pub(super) extensions: Vec<Value>,
}

impl Pool {
    /// What the policies of a set mention.
    pub(super) fn of(set: &PolicySet) -> Self {
        let mut pool =
            Self { longs: [0].into(), strings: [SmolStr::default(), "other".into()].into(), ..Self::default() };
        for policy in &set.policies {
            for constraint in [&policy.scope.principal, &policy.scope.resource] {
                if let Some(EntityOrSlot::Entity(entity)) = constraint.entity() {
                    pool.entity(entity);
                }
            }
            match &policy.scope.action.kind {
                ActionConstraintKind::All => {}
                ActionConstraintKind::Equal(action) | ActionConstraintKind::In(action) => pool.entity(action),
                ActionConstraintKind::InSet(actions) => actions.iter().for_each(|action| pool.entity(action)),
            }
        }
        for (_, expr) in set.exprs.iter() {
            pool.expr(set, &expr.kind);
        }
        for (ty, text) in USUAL {
            pool.extensions.extend(extension(*ty, text));
        }
        pool
    }

    fn entity(&mut self, entity: &EntityRef) {
        self.entities.extend(uid(entity));
    }

    fn expr(&mut self, set: &PolicySet, kind: &ExprKind) {
        if let ExprKind::Long(number) = kind {
            self.longs.extend([Some(*number), number.checked_sub(1), number.checked_add(1)].into_iter().flatten());
        } else if let ExprKind::String(text) = kind {
            self.strings.insert(text.clone());
        } else if let ExprKind::Entity(entity) = kind {
            self.entity(entity);
        } else if let ExprKind::Attribute { name, .. } = kind {
            self.names.insert(name.value.clone());
        } else if let ExprKind::Has { path, .. } = kind {
            self.names.extend(path.iter().map(|name| name.value.clone()));
        } else if let ExprKind::Call { builtin, arguments } = kind {
            let argument = arguments.first().map(|argument| set.exprs.kind(*argument));
            if let (Some(ExprKind::String(text)), Some(ty)) = (argument, Builtin::constructs(*builtin)) {
                self.extensions.extend(extension(ty, text));
            }
        }
    }
}

/// Values of extension types that a policy may not mention.
const USUAL: &[(ExtensionType, &str)] = &[
    (ExtensionType::Decimal, "0.0"),
    (ExtensionType::IpAddr, "192.0.2.1"),
    (ExtensionType::Datetime, "1970-01-01"),
    (ExtensionType::Datetime, "2100-01-01"),
    (ExtensionType::Duration, "0ms"),
];

fn extension(ty: ExtensionType, text: &str) -> Option<Value> {
    match ty {
        ExtensionType::Decimal => Value::decimal(text),
        ExtensionType::IpAddr => Value::ip(text),
        ExtensionType::Datetime => Value::datetime(text),
        ExtensionType::Duration => Value::duration(text),
    }
    .ok()
}
