//! Values of a wanted type, and tests of a value of a given type.

use deodar_lexicon::{
    Builtin,
    builtin::{CallStyle, ExtensionType, ParameterType},
};

use super::{
    super::{schema, tree::Expr},
    condition::Conditions,
};
use crate::world::{
    data::INTEGERS,
    literal,
    schema::{Attribute, Ty},
};

const STRINGS: &[&str] = &["a", "b", "abc", "", "x y", "\"", "1.0"];

impl Conditions<'_, '_, '_> {
    /// An expression of that type, if there is one; a record type with optional attributes has no literal.
    pub fn value(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        if self.random.percent(55)
            && let Some(path) = self.path(ty)
        {
            return Some(path);
        }
        if depth > 0 && self.random.percent(8) {
            return self.wrapped(ty, depth - 1);
        }
        let depth = depth.saturating_sub(1);
        Some(match ty {
            Ty::Bool if depth > 0 => self.boolean(depth),
            Ty::Bool => Expr::Bool(self.random.percent(50)),
            Ty::Long => self.integer(depth),
            Ty::String => Expr::text(*self.random.pick(STRINGS)),
            Ty::Entity(index) => Expr::Entity(schema::entity(self.random, self.schema, *index)),
            Ty::Set(element) => {
                let count = self.random.between(1, 3);
                Expr::Set((0..count).map(|_| self.value(element, depth)).collect::<Option<_>>()?)
            }
            Ty::Record(attributes) => self.record(attributes, depth)?,
            Ty::Extension(ty) => self.extension(*ty, depth)?,
        })
    }

    /// The value inside of an expression that it comes out of again.
    fn wrapped(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let value = self.value(ty, depth)?;
        Some(match self.random.below(3) {
            0 => Expr::Record(vec![("k".into(), value), ("l".into(), Expr::Long(1))]).attribute("k"),
            1 => Expr::conditional(self.boolean(depth), value.clone(), self.value(ty, depth)?),
            _ => Expr::conditional(Expr::Bool(self.random.percent(50)), value, self.value(ty, depth)?),
        })
    }

    fn integer(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.random.percent(50) {
            return Expr::Long(*self.random.pick(INTEGERS));
        }
        let operator = *self.random.pick(&["+", "-", "*", "neg", "call"]);
        let mut operand = || self.value(&Ty::Long, depth).unwrap_or(Expr::Long(1));
        match operator {
            "neg" => Expr::Unary("-", Box::new(operand())),
            "call" => self.call(ParameterType::Long, depth).unwrap_or(Expr::Long(2)),
            operator => Expr::binary(operator, operand(), operand()),
        }
    }

    fn record(&mut self, attributes: &[Attribute], depth: usize) -> Option<Expr> {
        let mut members = Vec::new();
        for attribute in attributes {
            if !attribute.required {
                return None;
            }
            members.push((attribute.name.clone(), self.value(&attribute.ty, depth)?));
        }
        Some(Expr::Record(members))
    }

    fn extension(&mut self, ty: ExtensionType, depth: usize) -> Option<Expr> {
        if depth > 0 && self.random.percent(30) {
            return self.call(ParameterType::Extension(ty), depth);
        }
        Some(self.constructed(ty))
    }

    /// A constructor with a good literal.
    pub fn constructed(&mut self, ty: ExtensionType) -> Expr {
        let argument = literal::good_argument(self.random, ty);
        Expr::Call(ty.constructor().name(), vec![Expr::text(argument)])
    }

    /// A call of some builtin with that result.
    fn call(&mut self, result: ParameterType, depth: usize) -> Option<Expr> {
        let fitting: Vec<_> = Builtin::ALL.iter().filter(|builtin| builtin.signature().result == result).collect();
        if fitting.is_empty() {
            return None;
        }
        let builtin = **self.random.pick(&fitting);
        match builtin.constructs() {
            Some(ty) => Some(self.constructed(ty)),
            None => self.call_of(builtin, None, depth),
        }
    }

    /// A call of that builtin, with the first argument given or not.
    fn call_of(&mut self, builtin: Builtin, first: Option<Expr>, depth: usize) -> Option<Expr> {
        let signature = builtin.signature();
        let mut arguments: Vec<Expr> = first.into_iter().collect();
        for parameter in signature.parameters.iter().skip(arguments.len()) {
            arguments.push(self.value(&parameter_type(*parameter), depth.saturating_sub(1))?);
        }
        Some(match signature.style {
            CallStyle::Method => Expr::Method(signature.name, arguments),
            CallStyle::Function => Expr::Call(signature.name, arguments),
        })
    }

    /// A boolean that depends on the value.
    pub fn test(&mut self, value: Expr, ty: &Ty, depth: usize) -> Expr {
        let depth = depth.saturating_sub(1);
        match ty {
            Ty::Bool if self.random.percent(70) => value,
            Ty::String if self.random.percent(40) => {
                Expr::Like(Box::new(value), (*self.random.pick(&["*", "a*", "*b*", "abc", "*\u{e9}"])).into())
            }
            Ty::Long if self.random.percent(60) => self.ordering(value, ty, depth),
            Ty::Entity(index) if self.random.percent(70) => self.entity_test(value, *index, depth),
            Ty::Set(element) if self.random.percent(80) => self.set_test(value, element, depth),
            Ty::Record(attributes) if self.random.percent(70) && !attributes.is_empty() => {
                let attribute = self.random.pick(attributes).clone();
                if attribute.required && self.random.percent(60) {
                    return self.test(value.attribute(&attribute.name), &attribute.ty, depth);
                }
                value.has(&attribute.name)
            }
            Ty::Extension(extension) if self.random.percent(75) => self.extension_test(value, *extension, depth),
            _ => self.equality(value, ty, depth),
        }
    }

    fn equality(&mut self, value: Expr, ty: &Ty, depth: usize) -> Expr {
        let other = self.value(ty, depth).unwrap_or_else(|| value.clone());
        let operator = if self.random.percent(30) { "!=" } else { "==" };
        if self.random.percent(50) {
            Expr::binary(operator, value, other)
        } else {
            Expr::binary(operator, other, value)
        }
    }

    fn ordering(&mut self, value: Expr, ty: &Ty, depth: usize) -> Expr {
        let operator = *self.random.pick(&["<", "<=", ">", ">="]);
        let other = self.value(ty, depth).unwrap_or_else(|| value.clone());
        Expr::binary(operator, value, other)
    }

    fn entity_test(&mut self, value: Expr, index: usize, depth: usize) -> Expr {
        let schema = self.schema;
        let above = *self.random.pick(&schema::ancestors(schema, index));
        let other = self.random.below(schema.types.len());
        let other = if self.random.percent(50) { index } else { other };
        let above = if self.random.percent(10) { other } else { above };
        match self.random.weighted(&[26, 14, 14, 10, 18, 10, 4]) {
            0 => {
                let within = self.value(&Ty::Entity(above), depth).unwrap_or_else(|| value.clone());
                Expr::binary("in", value, within)
            }
            1 => {
                let set = self.value(&Ty::Set(Box::new(Ty::Entity(above))), 2);
                Expr::binary("in", value.clone(), set.unwrap_or(value))
            }
            2 => Expr::Is(Box::new(value), schema.types[other].name()),
            3 => {
                let within = Expr::Entity(schema::entity(self.random, schema, above));
                Expr::IsIn(Box::new([value, within]), schema.types[other].name())
            }
            4 => match schema.types[index].attributes.as_slice() {
                [] => value.has("nothing"),
                attributes => {
                    let attribute = self.random.pick(attributes).clone();
                    if attribute.required {
                        self.test(value.attribute(&attribute.name), &attribute.ty, depth)
                    } else {
                        value.has(&attribute.name)
                    }
                }
            },
            5 => value.method("hasTag", Expr::text("a")),
            // Of another type: false, or a lie that only the run time finds.
            _ => Expr::equal(value, Expr::Entity(schema::entity(self.random, schema, other))),
        }
    }

    fn set_test(&mut self, value: Expr, element: &Ty, depth: usize) -> Expr {
        let name = *self.random.pick(&["contains", "containsAll", "containsAny", "isEmpty"]);
        let argument = match name {
            "contains" => self.value(element, depth),
            "isEmpty" => None,
            _ => self.value(&Ty::Set(Box::new(element.clone())), depth),
        };
        match argument {
            Some(argument) => value.method(name, argument),
            None => Expr::Method("isEmpty", vec![value]),
        }
    }

    fn extension_test(&mut self, value: Expr, ty: ExtensionType, depth: usize) -> Expr {
        if matches!(ty, ExtensionType::Datetime | ExtensionType::Duration) && self.random.percent(60) {
            return self.ordering(value, &Ty::Extension(ty), depth);
        }
        let tests: Vec<_> = Builtin::ALL
            .iter()
            .filter(|builtin| {
                let signature = builtin.signature();
                signature.result == ParameterType::Bool
                    && signature.parameters.first() == Some(&ParameterType::Extension(ty))
            })
            .collect();
        if tests.is_empty() {
            return self.equality(value, &Ty::Extension(ty), depth);
        }
        let builtin = **self.random.pick(&tests);
        self.call_of(builtin, Some(value), depth).unwrap_or(Expr::Bool(true))
    }
}

fn parameter_type(parameter: ParameterType) -> Ty {
    match parameter {
        ParameterType::Bool => Ty::Bool,
        ParameterType::Long => Ty::Long,
        ParameterType::String => Ty::String,
        ParameterType::Extension(ty) => Ty::Extension(ty),
    }
}
