//! Entity types, tags and common types that nobody uses: neither the rest of the schema nor a policy.

use deodar_grammar::ast::schema::{EntityDeclaration, EntityKind, TypeExprId, TypeExprKind};
use deodar_runtime::{EntityTypeName, EntityUid};
use hashbrown::HashSet;
use smol_str::SmolStr;

use super::{Findings, Ground};
use crate::{
    report::{lint as report, schema::Expected},
    schema::{Site, Target, attributes_by_name},
};

/// What nobody uses.
#[derive(Debug)]
pub(super) struct Unused<'a> {
    pub(super) entity_types: HashSet<&'a str>,
    pub(super) common_types: HashSet<&'a str>,
    pub(super) actions: HashSet<EntityUid>,
}

/// Reports what nobody uses, and gives it together with the unused actions.
pub(super) fn check<'a>(ground: &Ground<'a>, actions: HashSet<EntityUid>, findings: &mut Findings<'_>) -> Unused<'a> {
    let mentions = Mentions::of(ground);
    let mut unused = Unused { entity_types: HashSet::new(), common_types: HashSet::new(), actions };
    for (name, declared) in &ground.definitions.entity_types {
        let index = ground.model.entity_type(name.as_str());
        let (site, declaration) = (declared.site, declared.declaration);
        if !mentions.entity_types.contains(name) && !ground.usage.names_entity_type(name.as_str()) {
            unused.entity_types.insert(name.as_str());
            let allowed = ground.allowed(site, &declaration.annotations);
            findings.push(&allowed, report::unused_entity_type(name, declared.name.span));
        } else if let Some(tags) = tags(declaration)
            && !index.is_some_and(|index| ground.usage.reads_tags(index))
        {
            let allowed = ground.allowed(site, &declaration.annotations);
            findings.push(&allowed, report::unused_tags(name, declared.name.span, site.types.get(tags).span));
        }
    }
    for (name, declared) in &ground.definitions.common_types {
        if !mentions.common_types.contains(name) {
            unused.common_types.insert(name.as_str());
            let allowed = ground.allowed(declared.site, &declared.declaration.annotations);
            findings.push(&allowed, report::unused_common_type(name, declared.name.span));
        }
    }
    unused
}

/// The type of the tags.
fn tags(declaration: &EntityDeclaration) -> Option<TypeExprId> {
    match &declaration.kind {
        EntityKind::Standard { tags, .. } => *tags,
        EntityKind::Enum(_) => None,
    }
}

/// What declarations mention, other than themselves.
#[derive(Debug, Default)]
struct Mentions {
    entity_types: HashSet<EntityTypeName>,
    common_types: HashSet<SmolStr>,
}

impl Mentions {
    fn of(ground: &Ground<'_>) -> Self {
        let mut mentions = Self::default();
        for (name, declared) in &ground.definitions.entity_types {
            if let EntityKind::Standard { member_of, shape, tags } = &declared.declaration.kind {
                for parent in member_of {
                    mentions.entity_type(ground, declared.site, &parent.name, Some(name));
                }
                for root in shape.iter().chain(tags) {
                    mentions.type_expression(ground, declared.site, *root, Some(name));
                }
            }
        }
        for common in ground.definitions.common_types.values() {
            mentions.type_expression(ground, common.site, common.declaration.definition, None);
        }
        for action in ground.definitions.actions.values() {
            let Some(applies_to) = &action.declaration.applies_to else { continue };
            for ty in applies_to.principals.iter().chain(&applies_to.resources) {
                mentions.entity_type(ground, action.site, &ty.name, None);
            }
            if let Some(context) = applies_to.context {
                mentions.type_expression(ground, action.site, context, None);
            }
        }
        mentions
    }

    /// `by` is the entity type that mentions it.
    fn entity_type(&mut self, ground: &Ground<'_>, site: Site<'_>, written: &str, by: Option<&EntityTypeName>) {
        if let Some(Target::EntityType(name)) = ground.definitions.resolve(site.namespace, written, Expected::Entity)
            && Some(&name) != by
        {
            self.entity_types.insert(name);
        }
    }

    fn type_expression(&mut self, ground: &Ground<'_>, site: Site<'_>, root: TypeExprId, by: Option<&EntityTypeName>) {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            match ground.references.target(site.fragment, id) {
                Some(Target::EntityType(name)) if Some(name) != by => {
                    self.entity_types.insert(name.clone());
                }
                Some(Target::CommonType(name)) => {
                    self.common_types.insert(name.clone());
                }
                Some(Target::EntityType(_) | Target::Builtin(..)) | None => {}
            }
            if let TypeExprKind::Set(element) = &site.types.get(id).kind {
                open.push(*element);
            } else if let TypeExprKind::Record { attributes, .. } = &site.types.get(id).kind {
                open.extend(attributes_by_name(attributes).into_values().map(|attribute| attribute.ty));
            }
        }
    }
}
