//! Generated expressions: of a wanted type, over what the request at hand has.
//!
//! `boolean` and `of` choose a form; forms with sub-expressions go one level down, until the depth or the fuel of the
//! expression is used up. Where a type is wanted, an attribute that has it is the first choice, so that the value of
//! most expressions depends on the request.

mod boolean;

use deodar_lexicon::{
    Builtin,
    builtin::{CallStyle, ExtensionType, ParameterType},
};

use super::{
    coverage::{Group, Seen},
    data::{self, Data, INTEGERS, TAGS},
    literal,
    random::Random,
    schema::{self, Attribute, Schema, Ty},
    text::{self, Level, NAMES, Piece, STRINGS},
};

/// Something that the request has: a variable, or an attribute reached from one.
#[derive(Debug, Clone)]
struct Path {
    text: String,
    ty: Ty,
    /// How many attributes lead there.
    length: usize,
    /// Condition under which it is there, if it need not be.
    guard: Option<String>,
}

/// Writes expressions for requests of one shape.
#[derive(Debug)]
pub struct Expressions<'e, 'r, 'b> {
    /// Where choices come from.
    pub random: &'e mut Random<'r, 'b>,
    schema: &'e Schema,
    /// What was generated.
    pub seen: &'e mut Seen,
    paths: Vec<Path>,
    fuel: usize,
}

/// A few expressions of any type, for the first request.
pub fn lone(random: &mut Random<'_, '_>, schema: &Schema, data: &Data, seen: &mut Seen) -> Vec<String> {
    let count = random.below(3);
    let shape = data.shapes[0];
    let expressions = (0..count).map(|_| {
        let ty = schema::ty(random, schema.types.len(), 1);
        Expressions::new(random, schema, seen, shape).of(&ty, 3).text
    });
    expressions.collect()
}

impl<'e, 'r, 'b> Expressions<'e, 'r, 'b> {
    /// Expressions for requests whose principal type, action and resource type these are.
    pub fn new(random: &'e mut Random<'r, 'b>, schema: &'e Schema, seen: &'e mut Seen, shape: [usize; 3]) -> Self {
        let mut this = Self { random, schema, seen, paths: Vec::new(), fuel: 40 };
        this.collect_paths(shape);
        this
    }

    fn collect_paths(&mut self, [principal, action, resource]: [usize; 3]) {
        let variable = |text: &str, ty| Path { text: text.into(), ty, length: 0, guard: None };
        self.paths.push(variable("principal", Ty::Entity(principal)));
        self.paths.push(variable("resource", Ty::Entity(resource)));
        self.paths.push(variable("context", Ty::Record(self.schema.actions[action].context.clone())));
        let mut at = 0;
        while at < self.paths.len() && self.paths.len() < 60 {
            let base = self.paths[at].clone();
            let attributes: &[Attribute] = match &base.ty {
                _ if base.length == 4 => &[],
                Ty::Entity(index) => &self.schema.types[*index].attributes,
                Ty::Record(attributes) => attributes,
                _ => &[],
            };
            for attribute in attributes {
                let path = self.attribute_path(&base, attribute);
                self.paths.push(path);
            }
            at += 1;
        }
    }

    fn attribute_path(&mut self, base: &Path, attribute: &Attribute) -> Path {
        let own = (!attribute.required).then(|| self.guard(base, &attribute.name));
        let guard = match (base.guard.clone(), own) {
            (Some(outer), Some(inner)) => Some(format!("{outer} && {inner}")),
            (outer, inner) => outer.or(inner),
        };
        Path {
            text: self.access(&base.text, &attribute.name),
            ty: attribute.ty.clone(),
            length: base.length + 1,
            guard,
        }
    }

    /// `base has name`, or the same in one node, as in `principal has a.b`.
    fn guard(&mut self, base: &Path, name: &str) -> String {
        if let Some((root, path)) = base.text.split_once('.')
            && path.split('.').all(text::is_plain)
            && text::is_plain(name)
            && self.random.percent(30)
        {
            self.seen.note(Group::Operator, "has a.b");
            return format!("{root} has {path}.{name}");
        }
        let name = self.attribute_name(name);
        format!("{} has {name}", base.text)
    }

    fn attribute_name(&mut self, name: &str) -> String {
        if text::is_plain(name) && self.random.percent(85) {
            self.seen.note(Group::Operator, "has");
            name.to_owned()
        } else {
            self.seen.note(Group::Operator, "has \"…\"");
            text::quote(self.random, name)
        }
    }

    fn access(&mut self, base: &str, name: &str) -> String {
        if text::is_plain(name) && self.random.percent(90) {
            format!("{base}.{name}")
        } else {
            format!("{base}[{}]", text::quote(self.random, name))
        }
    }

    fn note_access(&mut self, text: &str) {
        if text.contains('.') {
            self.seen.note(Group::Operator, ".attribute");
        }
        if text.contains('[') {
            self.seen.note(Group::Operator, "[\"attribute\"]");
        }
    }

    /// An attribute or variable of that type.
    fn path(&mut self, ty: &Ty) -> Option<Path> {
        let fitting: Vec<_> = self.paths.iter().filter(|path| path.ty == *ty).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let path = self.random.pick(&fitting).clone();
        self.note_access(&path.text);
        Some(path)
    }

    fn entity_of_any_type(&mut self, depth: usize) -> Piece {
        let ty = Ty::Entity(self.random.below(self.schema.types.len()));
        match self.random.below(3) {
            0 => Piece::primary("principal"),
            1 => Piece::primary("resource"),
            _ => self.of(&ty, depth),
        }
    }

    fn method(&mut self, receiver: &Piece, name: &str, arguments: &[Piece]) -> Piece {
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.text.as_str()).collect();
        let comma = if !arguments.is_empty() && self.random.percent(3) { "," } else { "" };
        let receiver = receiver.at(self.random, Level::Member);
        Piece::new(format!("{receiver}.{name}({}{comma})", arguments.join(", ")), Level::Member)
    }

    fn tag_key(&mut self, depth: usize) -> Piece {
        if self.random.percent(85) {
            let key = *self.random.pick(TAGS);
            Piece::primary(text::quote(self.random, key))
        } else {
            self.of(&Ty::String, depth)
        }
    }

    fn conditional(&mut self, ty: &Ty, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "if");
        let guard = if self.random.percent(2) { self.any(0) } else { self.boolean(depth - 1) };
        let (then, otherwise) = (self.of(ty, depth - 1), self.of(ty, depth - 1));
        let text = format!("if {} then {} else {}", guard.text, then.text, otherwise.text);
        Piece::new(text, Level::If)
    }

    /// A call of some builtin with that result.
    fn call(&mut self, result: ParameterType, depth: usize) -> Piece {
        let fitting: Vec<_> = Builtin::ALL.iter().filter(|builtin| builtin.signature().result == result).collect();
        let builtin = **self.random.pick(&fitting);
        self.seen.note(Group::Builtin, builtin.name());
        let signature = builtin.signature();
        let mut arguments: Vec<_> = signature.parameters.iter().map(|ty| self.argument(*ty, depth)).collect();
        if let Some(ty) = builtin.constructs()
            && self.random.percent(97)
        {
            let argument = literal::argument(self.random, ty);
            arguments = vec![Piece::primary(text::quote(self.random, &argument))];
        }
        if self.random.permille(45) {
            if self.random.percent(50) && arguments.len() > 1 {
                arguments.pop();
            } else {
                arguments.push(self.any(0));
            }
        }
        match signature.style {
            CallStyle::Method => self.method(&arguments[0].clone(), signature.name, &arguments[1..]),
            CallStyle::Function => {
                let arguments: Vec<_> = arguments.iter().map(|argument| argument.text.as_str()).collect();
                Piece::primary(format!("{}({})", signature.name, arguments.join(", ")))
            }
        }
    }

    fn argument(&mut self, ty: ParameterType, depth: usize) -> Piece {
        let ty = match ty {
            ParameterType::Bool => Ty::Bool,
            ParameterType::Long => Ty::Long,
            ParameterType::String => Ty::String,
            ParameterType::Extension(ty) => Ty::Extension(ty),
        };
        self.of(&ty, depth.saturating_sub(1))
    }

    /// The type of some attribute, or any.
    fn some_type(&mut self) -> Ty {
        if self.random.percent(60) {
            self.random.pick(&self.paths).ty.clone()
        } else {
            schema::ty(self.random, self.schema.types.len(), 1)
        }
    }

    /// An expression of some type.
    fn any(&mut self, depth: usize) -> Piece {
        let ty = self.some_type();
        self.of(&ty, depth)
    }

    /// An expression of that type, with few exceptions.
    pub fn of(&mut self, ty: &Ty, depth: usize) -> Piece {
        self.fuel = self.fuel.saturating_sub(1);
        if self.random.permille(5) && self.fuel > 0 {
            return self.any(depth.saturating_sub(1));
        }
        if self.random.percent(40)
            && let Some(path) = self.path(ty)
        {
            return Piece::new(path.text, Level::Member);
        }
        if depth > 0 && self.fuel > 0 {
            match self.random.weighted(&[84, 6, 5, 5]) {
                0 => {}
                1 => return self.conditional(ty, depth),
                2 => return self.projection(ty, depth),
                _ => return self.tag(depth),
            }
        }
        self.form(ty, depth)
    }

    fn form(&mut self, ty: &Ty, depth: usize) -> Piece {
        let nest = depth > 0 && self.fuel > 0;
        match ty {
            Ty::Bool if nest => self.boolean(depth - 1),
            Ty::Bool => self.simple_boolean(),
            Ty::Long if nest && self.random.percent(60) => self.arithmetic(depth),
            Ty::Long => self.integer(),
            Ty::String => {
                let string = *self.random.pick(STRINGS);
                Piece::primary(text::quote(self.random, string))
            }
            Ty::Entity(index) => {
                let ty = &self.schema.types[*index];
                let id = data::entity_id(self.random, ty);
                Piece::primary(text::entity(self.random, &ty.name(), id))
            }
            Ty::Set(element) => self.set(element, depth),
            Ty::Record(attributes) => self.record(attributes, depth),
            Ty::Extension(ty) if nest && self.random.percent(45) => self.call(ParameterType::Extension(*ty), depth),
            Ty::Extension(ty) => {
                let argument = literal::argument(self.random, *ty);
                self.constructor(*ty, &argument)
            }
        }
    }

    fn constructor(&mut self, ty: ExtensionType, argument: &str) -> Piece {
        let builtin = ty.constructor();
        self.seen.note(Group::Builtin, builtin.name());
        Piece::primary(format!("{}({})", builtin.name(), text::quote(self.random, argument)))
    }

    fn integer(&mut self) -> Piece {
        let value = INTEGERS[self.random.weighted(&[14, 15, 13, 9, 9, 4, 13, 13, 4, 4, 4, 3, 2])];
        let zeros = if self.random.percent(2) { "00" } else { "" };
        if value < 0 {
            Piece::new(format!("-{zeros}{}", value.unsigned_abs()), Level::Unary)
        } else {
            Piece::primary(format!("{zeros}{value}"))
        }
    }

    fn arithmetic(&mut self, depth: usize) -> Piece {
        match self.random.weighted(&[28, 25, 20, 12, 30]) {
            0 => self.sum(depth, "+"),
            1 => self.sum(depth, "-"),
            2 => {
                self.seen.note(Group::Operator, "*");
                let count = self.random.between(2, 3);
                let operands: Vec<_> = (0..count)
                    .map(|index| {
                        let piece = self.of(&Ty::Long, depth - 1);
                        piece.at(self.random, if index == 0 { Level::Multiply } else { Level::Unary })
                    })
                    .collect();
                Piece::new(operands.join(" * "), Level::Multiply)
            }
            3 => {
                self.seen.note(Group::Operator, "-");
                self.seen.note(Group::Operator, "neg");
                let signs = "-".repeat(self.random.weighted(&[0, 160, 24, 8, 6, 1]));
                let operand = self.of(&Ty::Long, depth - 1).at(self.random, Level::Member);
                Piece::new(format!("{signs}{operand}"), Level::Unary)
            }
            _ => self.call(ParameterType::Long, depth),
        }
    }

    fn sum(&mut self, depth: usize, first: &'static str) -> Piece {
        if self.random.percent(7) {
            // Two operands that are both wrong, or the one integer that has no negation.
            let least = || Piece::new("-9223372036854775808", Level::Unary);
            let (left, right) = match self.random.below(4) {
                0 => (self.any(0), self.any(0)),
                1 => (Piece::new("-1", Level::Unary), least()),
                2 => (Piece::primary("\"a\""), Piece::new("context.undeclared", Level::Member)),
                _ => (self.any(0), least()),
            };
            let (left, right) = (left.at(self.random, Level::Add), right.at(self.random, Level::Multiply));
            self.seen.note(Group::Operator, first);
            return Piece::new(format!("{left} {first} {right}"), Level::Add);
        }
        let mut text = self.of(&Ty::Long, depth - 1).at(self.random, Level::Add);
        let mut operator = first;
        for _ in 0..self.random.between(1, 3) {
            self.seen.note(Group::Operator, operator);
            let operand = self.of(&Ty::Long, depth - 1).at(self.random, Level::Multiply);
            text = format!("{text} {operator}{}{operand}", text::gap(self.random));
            operator = *self.random.pick(&["+", "-"]);
        }
        Piece::new(text, Level::Add)
    }

    fn projection(&mut self, ty: &Ty, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "record");
        let value = self.of(ty, depth - 1);
        let name = *self.random.pick(NAMES);
        let key = text::quote(self.random, name);
        let read = if self.random.percent(4) { *self.random.pick(NAMES) } else { name };
        let base = format!("{{{key}: {}}}", value.text);
        let text = self.access(&base, read);
        self.note_access(&text);
        Piece::new(text, Level::Member)
    }

    fn tag(&mut self, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "getTag");
        let entity = self.entity_of_any_type(0);
        let key = self.tag_key(depth - 1);
        self.method(&entity, "getTag", &[key])
    }

    fn set(&mut self, element: &Ty, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "set");
        let count = if self.fuel == 0 { 0 } else { self.random.below(4) };
        let elements: Vec<_> = (0..count)
            .map(|_| {
                let mixed = self.random.percent(5);
                if mixed { self.any(0) } else { self.of(element, depth.saturating_sub(1)) }
            })
            .map(|piece| piece.text)
            .collect();
        let comma = if count > 0 && self.random.percent(3) { "," } else { "" };
        Piece::primary(format!("[{}{comma}]", elements.join(", ")))
    }

    fn record(&mut self, attributes: &[Attribute], depth: usize) -> Piece {
        self.seen.note(Group::Operator, "record");
        let mut members = Vec::new();
        for attribute in attributes {
            if attribute.required || self.random.percent(50) {
                let key = if text::is_plain(&attribute.name) && self.random.percent(70) {
                    attribute.name.clone()
                } else {
                    text::quote(self.random, &attribute.name)
                };
                members.push(format!("{key}: {}", self.of(&attribute.ty, depth.saturating_sub(1)).text));
            }
        }
        Piece::primary(format!("{{{}}}", members.join(", ")))
    }
}
