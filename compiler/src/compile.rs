//! Trees to a program: scopes become data, conditions code, links policies.

use deodar_grammar::{
    Diagnostic, Sources, Span,
    ast::{self, PolicySet},
};
use deodar_runtime::{
    Program,
    program::{
        ActionConstraint, Code, Condition, ConditionKind, Effect, EntityConstraint, EntityOrSlot, Expression,
        LinkError, Place, Policy, ProgramParts, Scope,
    },
};
use hashbrown::{HashMap, hash_map::Entry};
use smol_str::SmolStr;

use crate::{
    lower::{Lowerer, entity_type, entity_uid, slot_operand},
    pool::Pools,
    report::policy as report,
};

/// Compiles policy sets, each from one source, into one program.
///
/// The sets are those of texts without errors; their order is the order of the policies in reports. Ids must be
/// unique over all sets.
///
/// # Errors
/// Every reason why the sets make no program, as diagnostics that point into the sources.
pub fn compile(sets: &[&PolicySet], sources: &Sources) -> Result<Program, Vec<Diagnostic>> {
    let mut compiler = Compiler::new(sources);
    for set in sets {
        compiler.policy_set(set);
    }
    for link in sets.iter().flat_map(|set| &set.links) {
        compiler.claim_id(&link.id.value, link.id.span);
    }
    compiler.link_without_slots(sets);
    let mut program = compiler.finish()?;
    let links = sets.iter().flat_map(|set| &set.links).filter(|link| program.policy(&link.id.value).is_none());
    let links: Vec<_> = links.collect();
    let errors: Vec<_> = links.into_iter().filter_map(|link| apply_link(&mut program, link).err()).collect();
    if errors.is_empty() { Ok(program) } else { Err(errors) }
}

/// Compiles a single expression.
///
/// # Errors
/// Every reason why it cannot be compiled.
pub fn compile_expression(expression: &ast::Expression, sources: &Sources) -> Result<Expression, Vec<Diagnostic>> {
    let mut compiler = Compiler::new(sources);
    let code = compiler.code(&expression.exprs, expression.root).map_err(|error| vec![error])?;
    let span = expression.exprs.span(expression.root);
    let parts = compiler.into_parts();
    Expression::new(parts, code).map_err(|_| vec![report::unresolved_expression(span)])
}

/// A program under construction.
struct Compiler<'s> {
    sources: &'s Sources,
    parts: ProgramParts,
    pools: Pools,
    /// The position of each source in the program's list.
    source_positions: HashMap<deodar_grammar::SourceId, u32>,
    /// Where each id was first given.
    ids: HashMap<SmolStr, Span>,
    errors: Vec<Diagnostic>,
}

impl<'s> Compiler<'s> {
    fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            parts: ProgramParts::default(),
            pools: Pools::default(),
            source_positions: HashMap::new(),
            ids: HashMap::new(),
            errors: Vec::new(),
        }
    }

    fn policy_set(&mut self, set: &PolicySet) {
        for policy in &set.policies {
            self.claim_id(&policy.id, policy.span);
            match self.policy(set, policy) {
                Ok(compiled) if policy.is_template() => self.parts.templates.push(compiled),
                Ok(compiled) => self.parts.policies.push(compiled),
                Err(error) => self.errors.push(error),
            }
        }
    }

    /// Makes the links of templates without slots. A JSON policy set may have them, as in the reference, and only
    /// there: what a program links later must have something to fill.
    fn link_without_slots(&mut self, sets: &[&PolicySet]) {
        let templates = self.parts.templates.iter().filter(|template| template.scope.slots().next().is_none());
        let templates: HashMap<_, _> = templates.map(|template| (template.id.clone(), template.clone())).collect();
        for link in sets.iter().flat_map(|set| &set.links).filter(|link| link.values.is_empty()) {
            let template = templates.get(&link.template.value);
            self.parts.policies.extend(template.map(|template| Policy {
                id: link.id.value.clone(),
                template: Some(template.id.clone()),
                ..template.clone()
            }));
        }
    }

    /// Notes an id and reports it if it is taken.
    fn claim_id(&mut self, id: &SmolStr, span: Span) {
        match self.ids.entry(id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(span);
            }
            Entry::Occupied(first) => self.errors.push(report::duplicate_policy_id(id, span, *first.get())),
        }
    }

    fn policy(&mut self, set: &PolicySet, policy: &ast::Policy) -> Result<Policy, Diagnostic> {
        let conditions = policy.conditions.iter().map(|condition| {
            Ok(Condition {
                kind: match condition.kind {
                    ast::ConditionKind::When => ConditionKind::When,
                    ast::ConditionKind::Unless => ConditionKind::Unless,
                },
                code: self.code(&set.exprs, condition.body)?,
                place: self.place(condition.span),
            })
        });
        let conditions = conditions.collect::<Result<_, Diagnostic>>()?;
        Ok(Policy {
            id: policy.id.clone(),
            effect: match policy.effect.value {
                ast::Effect::Permit => Effect::Permit,
                ast::Effect::Forbid => Effect::Forbid,
            },
            scope: scope(&policy.scope)?,
            conditions,
            annotations: policy.annotations.iter().map(|a| (a.key.value.clone(), a.text().into())).collect(),
            place: self.place(policy.span),
            template: None,
        })
    }

    fn code(&mut self, exprs: &ast::Exprs, root: ast::ExprId) -> Result<Code, Diagnostic> {
        let (sources, parts, positions) = (self.sources, &mut self.parts, &mut self.source_positions);
        let names = &mut parts.sources;
        let place_of = |span| place(sources, positions, names, span);
        Lowerer::new(exprs, &mut self.pools, &mut parts.code, &mut parts.places, place_of).lower(root)
    }

    fn place(&mut self, span: Span) -> Place {
        place(self.sources, &mut self.source_positions, &mut self.parts.sources, span)
    }

    fn finish(self) -> Result<Program, Vec<Diagnostic>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let first = self.ids.values().min().copied();
        // The lowerer establishes what the verifier checks, so this error is a defect of the compiler.
        Program::new(self.into_parts())
            .map_err(|invalid| first.map(|at| report::invalid_program(&invalid, at)).into_iter().collect())
    }

    fn into_parts(self) -> ProgramParts {
        let mut parts = self.parts;
        self.pools.finish(&mut parts);
        parts
    }
}

fn place(
    sources: &Sources,
    positions: &mut HashMap<deodar_grammar::SourceId, u32>,
    names: &mut Vec<SmolStr>,
    span: Span,
) -> Place {
    let source = *positions.entry(span.source).or_insert_with(|| {
        names.push(sources.name(span.source).into());
        u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
    });
    let at = sources.position(span);
    Place { source, start: span.start, end: span.end, line: at.line, column: at.column }
}

fn scope(scope: &ast::Scope) -> Result<Scope, Diagnostic> {
    Ok(Scope {
        principal: entity_constraint(&scope.principal)?,
        action: match &scope.action.kind {
            ast::ActionConstraintKind::All => ActionConstraint::Any,
            ast::ActionConstraintKind::Equal(action) => ActionConstraint::Equal(entity_uid(action)?),
            ast::ActionConstraintKind::In(group) => ActionConstraint::In([entity_uid(group)?].into()),
            ast::ActionConstraintKind::InSet(groups) => {
                ActionConstraint::In(groups.iter().map(entity_uid).collect::<Result<_, _>>()?)
            }
        },
        resource: entity_constraint(&scope.resource)?,
    })
}

fn entity_constraint(constraint: &ast::EntityConstraint) -> Result<EntityConstraint, Diagnostic> {
    Ok(match &constraint.kind {
        ast::EntityConstraintKind::All => EntityConstraint::Any,
        ast::EntityConstraintKind::Equal(entity) => EntityConstraint::Equal(entity_or_slot(entity)?),
        ast::EntityConstraintKind::In(entity) => EntityConstraint::In(entity_or_slot(entity)?),
        ast::EntityConstraintKind::Is(ty) => EntityConstraint::Is(entity_type(ty)?),
        ast::EntityConstraintKind::IsIn(ty, entity) => {
            EntityConstraint::IsIn(entity_type(ty)?, entity_or_slot(entity)?)
        }
    })
}

fn entity_or_slot(entity: &ast::EntityOrSlot) -> Result<EntityOrSlot, Diagnostic> {
    Ok(match entity {
        ast::EntityOrSlot::Entity(entity) => EntityOrSlot::Entity(entity_uid(entity)?),
        ast::EntityOrSlot::Slot(slot) => EntityOrSlot::Slot(slot_operand(slot.value)),
    })
}

fn apply_link(program: &mut Program, link: &ast::TemplateLink) -> Result<(), Diagnostic> {
    let values = link.values.iter().map(|(slot, entity)| Ok((slot_operand(slot.value), entity_uid(entity)?)));
    let values = values.collect::<Result<Vec<_>, Diagnostic>>()?;
    let slot_of =
        |slot: deodar_runtime::instruction::Slot| ast::Slot::from_name(slot.name()).unwrap_or(ast::Slot::Principal);
    program.link(&link.template.value, &link.id.value, &values).map_err(|error| match error {
        LinkError::UnknownTemplate(id) => report::unknown_template(&id, link.template.span),
        LinkError::DuplicateId(id) | LinkError::NotALink(id) | LinkError::NoSlots(id) => {
            report::duplicate_policy_id(&id, link.id.span, link.id.span)
        }
        LinkError::MissingSlot(slot) => report::missing_slot_value(slot_of(slot), link.span),
        LinkError::ExtraSlot(slot) | LinkError::RepeatedSlot(slot) => {
            report::extra_slot_value(slot_of(slot), link.span)
        }
    })
}
