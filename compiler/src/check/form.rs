//! When two expressions are the same expression.
//!
//! What `has` shows of an expression holds for every expression that is written the same. So each expression of a
//! source gets the number of its form, and equal forms have equal numbers. A form is what Cedar's semantics is defined
//! on: `a != b` is `!(a == b)`, a chain is a tree of pairs, and two literal truth values that are joined are one.

use deodar_grammar::ast::{AddOperator, BinaryOperator, Expr, ExprId, ExprKind, Exprs, Slot, UnaryOperator, Variable};
use deodar_lexicon::{Builtin, Pattern};
use hashbrown::HashMap;
use smol_str::SmolStr;

/// A form of one [`Forms`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FormId(u32);

/// What a form is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Bool(bool),
    Long(i64),
    String(SmolStr),
    Entity(SmolStr, SmolStr),
    Variable(Variable),
    Slot(Slot),
    If(FormId, FormId, FormId),
    And(FormId, FormId),
    Or(FormId, FormId),
    Add(AddOperator, FormId, FormId),
    Multiply(FormId, FormId),
    Unary(UnaryOperator, FormId),
    Binary(BinaryOperator, FormId, FormId),
    Attribute(FormId, SmolStr),
    Has(FormId, Box<[SmolStr]>),
    Like(FormId, Pattern),
    Is(FormId, SmolStr),
    Call(Builtin, Box<[FormId]>),
    Set(Box<[FormId]>),
    Record(Box<[(SmolStr, FormId)]>),
    /// Something that was reported as an error: like nothing else.
    Opaque(ExprId),
}

impl Form {
    /// Whether it is a literal.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Long(_) | Self::String(_) | Self::Entity(..))
    }
}

/// The forms of the expressions of one source.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    table: Vec<Form>,
    ids: HashMap<Form, FormId>,
    /// By position in the arena.
    of: Vec<FormId>,
}

impl Forms {
    pub(crate) fn new(exprs: &Exprs) -> Self {
        let mut forms = Self::default();
        forms.load(exprs);
        forms
    }

    /// Turns to the expressions of another source. Numbers stay, so that forms of several sources can be compared; what
    /// was reported as an error is like nothing else in its own source only.
    pub(crate) fn load(&mut self, exprs: &Exprs) {
        self.of.clear();
        self.of.reserve(exprs.len());
        for (id, expr) in exprs.iter() {
            let form = self.form(id, expr);
            self.of.push(form);
        }
    }

    /// The number of the expression's form.
    pub(crate) fn of(&self, expr: ExprId) -> FormId {
        self.of.get(expr.index()).copied().unwrap_or(FormId(u32::MAX))
    }

    pub(crate) fn get(&self, id: FormId) -> &Form {
        self.table.get(id.0 as usize).unwrap_or(&Form::Bool(false))
    }

    pub(crate) fn intern(&mut self, form: Form) -> FormId {
        let next = FormId(u32::try_from(self.table.len()).unwrap_or(u32::MAX));
        *self.ids.entry(form).or_insert_with_key(|form| {
            self.table.push(form.clone());
            next
        })
    }

    fn form(&mut self, id: ExprId, expr: &Expr) -> FormId {
        let form = match &expr.kind {
            ExprKind::Error | ExprKind::Name(_) | ExprKind::UnknownCall { .. } => Form::Opaque(id),
            ExprKind::Bool(value) => Form::Bool(*value),
            ExprKind::Long(value) => Form::Long(*value),
            ExprKind::String(text) => Form::String(text.clone()),
            ExprKind::Entity(entity) => Form::Entity(entity.ty.name.clone(), entity.id.value.clone()),
            ExprKind::Variable(variable) => Form::Variable(*variable),
            ExprKind::Slot(slot) => Form::Slot(*slot),
            ExprKind::If { condition, then, otherwise } => {
                Form::If(self.of(*condition), self.of(*then), self.of(*otherwise))
            }
            ExprKind::And(operands) => return self.chain(operands, Self::and),
            ExprKind::Or(operands) => return self.chain(operands, Self::or),
            ExprKind::Product(operands) => {
                return self.chain(operands, |forms, left, right| forms.intern(Form::Multiply(left, right)));
            }
            ExprKind::Sum { first, rest } => {
                return rest.iter().fold(self.of(*first), |left, (operator, right)| {
                    let right = self.of(*right);
                    self.intern(Form::Add(*operator, left, right))
                });
            }
            ExprKind::Unary(operator, base) => Form::Unary(*operator, self.of(*base)),
            ExprKind::Binary { operator, left, right } => return self.binary(*operator, *left, *right),
            ExprKind::Attribute { base, name } => Form::Attribute(self.of(*base), name.value.clone()),
            ExprKind::Has { base, path } => {
                Form::Has(self.of(*base), path.iter().map(|name| name.value.clone()).collect())
            }
            ExprKind::Like { base, pattern } => Form::Like(self.of(*base), pattern.clone()),
            ExprKind::Is { base, ty, within } => {
                let base = self.of(*base);
                let is = self.intern(Form::Is(base, ty.name.clone()));
                let Some(within) = within else { return is };
                let within = self.intern(Form::Binary(BinaryOperator::In, base, self.of(*within)));
                return self.and(is, within);
            }
            ExprKind::Call { builtin, arguments } => Form::Call(*builtin, self.all(arguments)),
            ExprKind::Set(elements) => Form::Set(self.all(elements)),
            ExprKind::Record(entries) => {
                let mut entries: Vec<_> =
                    entries.iter().map(|entry| (entry.key.value.clone(), self.of(entry.value))).collect();
                entries.sort_unstable();
                Form::Record(entries.into())
            }
        };
        self.intern(form)
    }

    fn all(&self, exprs: &[ExprId]) -> Box<[FormId]> {
        exprs.iter().map(|expr| self.of(*expr)).collect()
    }

    fn chain(&mut self, operands: &[ExprId], join: fn(&mut Self, FormId, FormId) -> FormId) -> FormId {
        let mut operands = operands.iter().map(|operand| self.of(*operand)).collect::<Vec<_>>().into_iter();
        let first = operands.next().unwrap_or(FormId(u32::MAX));
        operands.fold(first, |left, right| join(self, left, right))
    }

    /// The reference implementation folds literal operands of `&&` and `||` when it builds its tree.
    fn and(&mut self, left: FormId, right: FormId) -> FormId {
        let form = match (self.get(left), self.get(right)) {
            (Form::Bool(left), Form::Bool(right)) => Form::Bool(*left && *right),
            _ => Form::And(left, right),
        };
        self.intern(form)
    }

    fn or(&mut self, left: FormId, right: FormId) -> FormId {
        let form = match (self.get(left), self.get(right)) {
            (Form::Bool(left), Form::Bool(right)) => Form::Bool(*left || *right),
            _ => Form::Or(left, right),
        };
        self.intern(form)
    }

    fn binary(&mut self, operator: BinaryOperator, left: ExprId, right: ExprId) -> FormId {
        let (left, right) = (self.of(left), self.of(right));
        let (negated, operator) = match operator {
            BinaryOperator::NotEqual => (true, BinaryOperator::Equal),
            BinaryOperator::Greater => (true, BinaryOperator::LessOrEqual),
            BinaryOperator::GreaterOrEqual => (true, BinaryOperator::Less),
            BinaryOperator::Equal
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::ContainsAll
            | BinaryOperator::ContainsAny
            | BinaryOperator::HasTag
            | BinaryOperator::GetTag => (false, operator),
        };
        let form = self.intern(Form::Binary(operator, left, right));
        if negated { self.intern(Form::Unary(UnaryOperator::Not, form)) } else { form }
    }
}
