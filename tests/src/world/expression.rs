//! Generated expressions: of a wanted type, over what the request at hand has.
//!
//! `boolean` and `of` choose a form; forms with sub-expressions go one level down, until the depth or the fuel of the
//! expression is used up. Where a type is wanted, an attribute that has it is the first choice, so that the value of
//! most expressions depends on the request.

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
        let variable = |text: &str, ty| Path { text: text.into(), ty, guard: None };
        self.paths.push(variable("principal", Ty::Entity(principal)));
        self.paths.push(variable("resource", Ty::Entity(resource)));
        self.paths.push(variable("context", Ty::Record(self.schema.actions[action].context.clone())));
        let mut at = 0;
        while at < self.paths.len() && self.paths.len() < 60 {
            let base = self.paths[at].clone();
            let attributes: &[Attribute] = match &base.ty {
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
        Path { text: self.access(&base.text, &attribute.name), ty: attribute.ty.clone(), guard }
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

    /// The body of a condition; a few hold whatever their first part says, unless it fails.
    pub fn condition(&mut self, depth: usize) -> Piece {
        let piece = self.boolean(depth);
        if !self.random.percent(10) {
            return piece;
        }
        self.seen.note(Group::Operator, "||");
        Piece::new(format!("{} || true", piece.at(self.random, Level::Or)), Level::Or)
    }

    /// An expression that should be a boolean.
    pub fn boolean(&mut self, depth: usize) -> Piece {
        let piece = self.boolean_form(depth);
        self.negated(piece)
    }

    fn negated(&mut self, piece: Piece) -> Piece {
        if !self.random.percent(7) {
            return piece;
        }
        self.seen.note(Group::Operator, "!");
        let signs = "!".repeat(self.random.weighted(&[0, 160, 24, 8, 6, 1]));
        Piece::new(format!("{signs}{}", piece.at(self.random, Level::Member)), Level::Unary)
    }

    fn boolean_form(&mut self, depth: usize) -> Piece {
        self.fuel = self.fuel.saturating_sub(1);
        if depth == 0 || self.fuel == 0 {
            return self.simple_boolean();
        }
        match self.random.weighted(&[12, 10, 10, 9, 9, 9, 9, 6, 6, 16, 7, 4, 6, 5]) {
            0 => self.simple_boolean(),
            1 => self.chain("&&", Level::And, Level::Relation, depth),
            2 => self.chain("||", Level::Or, Level::And, depth),
            3 => self.equality(depth),
            4 => self.ordering(depth),
            5 => self.membership(depth),
            6 => self.has(depth),
            7 => self.is(depth),
            8 => self.like(depth),
            9 => self.call(ParameterType::Bool, depth),
            10 => self.set_test(depth),
            11 => self.conditional(&Ty::Bool, depth),
            12 => self.tag_test(depth),
            _ => self.guarded(depth),
        }
    }

    fn simple_boolean(&mut self) -> Piece {
        if self.random.percent(60)
            && let Some(path) = self.path(&Ty::Bool)
        {
            return Piece::new(path.text, Level::Member);
        }
        Piece::primary(if self.random.percent(30) { "false" } else { "true" })
    }

    fn chain(&mut self, operator: &'static str, level: Level, operand: Level, depth: usize) -> Piece {
        self.seen.note(Group::Operator, operator);
        let count = self.random.between(2, 4);
        let operands: Vec<_> = (0..count)
            .map(|index| {
                let piece = if self.random.permille(20) { self.any(1) } else { self.boolean(depth - 1) };
                // Chains associate to the left, so the first operand may be one.
                piece.at(self.random, if index == 0 { level } else { operand })
            })
            .collect();
        Piece::new(operands.join(&format!("{}{operator} ", text::gap(self.random))), level)
    }

    fn relation(&mut self, left: &Piece, operator: &str, right: &Piece) -> Piece {
        let (left, right) = (left.at(self.random, Level::Add), right.at(self.random, Level::Add));
        Piece::new(format!("{left}{}{operator} {right}", text::gap(self.random)), Level::Relation)
    }

    fn equality(&mut self, depth: usize) -> Piece {
        let operator = if self.random.percent(30) { "!=" } else { "==" };
        self.seen.note(Group::Operator, operator);
        if self.random.percent(4) {
            let (ty, left, right) = literal::alike(self.random);
            let [left, right] = [left, right].map(|argument| self.constructor(ty, argument));
            return self.relation(&left, operator, &right);
        }
        let ty = self.some_type();
        let left = self.of(&ty, depth - 1);
        let right = match self.random.weighted(&[70, 20, 4, 6]) {
            0 => self.of(&ty, depth - 1),
            1 => left.clone(),
            2 => self.integer(),
            _ => self.any(depth - 1),
        };
        self.relation(&left, operator, &right)
    }

    fn ordering(&mut self, depth: usize) -> Piece {
        let operator = *self.random.pick(&["<", "<=", ">", ">="]);
        self.seen.note(Group::Operator, operator);
        let ty = match self.random.weighted(&[55, 20, 20, 3, 2]) {
            0 => Ty::Long,
            1 => Ty::Extension(ExtensionType::Datetime),
            2 => Ty::Extension(ExtensionType::Duration),
            3 => Ty::Extension(ExtensionType::Decimal),
            _ => Ty::String,
        };
        let (left, right) = (self.of(&ty, depth - 1), self.of(&ty, depth - 1));
        self.relation(&left, operator, &right)
    }

    fn membership(&mut self, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "in");
        if self.random.percent(25) {
            let group = self.some_action();
            let groups = if self.random.percent(40) { format!("[{group}, {}]", self.some_action()) } else { group };
            return self.relation(&Piece::primary("action"), "in", &Piece::primary(groups));
        }
        let entity = self.entity_of_any_type(depth - 1);
        let right = match self.random.weighted(&[45, 50, 5]) {
            0 => self.entity_of_any_type(depth - 1),
            1 => {
                let count = self.random.below(4);
                self.seen.note(Group::Operator, "set");
                let elements: Vec<_> = (0..count)
                    .map(|_| if self.random.percent(5) { self.any(0) } else { self.entity_of_any_type(0) })
                    .map(|piece| piece.text)
                    .collect();
                Piece::primary(format!("[{}]", elements.join(", ")))
            }
            _ => self.any(depth - 1),
        };
        self.relation(&entity, "in", &right)
    }

    fn entity_of_any_type(&mut self, depth: usize) -> Piece {
        let ty = Ty::Entity(self.random.below(self.schema.types.len()));
        match self.random.below(3) {
            0 => Piece::primary("principal"),
            1 => Piece::primary("resource"),
            _ => self.of(&ty, depth),
        }
    }

    fn some_action(&mut self) -> String {
        let uid = self.random.pick(&self.schema.actions).uid();
        text::entity(self.random, &uid.ty, &uid.id)
    }

    fn has(&mut self, depth: usize) -> Piece {
        let ty = if self.random.percent(80) { None } else { Some(self.some_type()) };
        let base = match ty {
            Some(ty) => self.of(&ty, depth - 1),
            None => {
                let bases: Vec<_> =
                    self.paths.iter().filter(|p| matches!(p.ty, Ty::Entity(_) | Ty::Record(_))).cloned().collect();
                Piece::new(self.random.pick(&bases).text.clone(), Level::Member)
            }
        };
        let base = base.at(self.random, Level::Add);
        if self.random.percent(35) {
            self.seen.note(Group::Operator, "has a.b");
            let count = self.random.between(2, 3);
            let plain: Vec<_> = NAMES.iter().copied().filter(|name| text::is_plain(name)).collect();
            let path: Vec<_> = (0..count).map(|_| *self.random.pick(&plain)).collect();
            return Piece::new(format!("{base} has {}", path.join(".")), Level::Relation);
        }
        let name = *self.random.pick(NAMES);
        let name = self.attribute_name(name);
        Piece::new(format!("{base} has {name}"), Level::Relation)
    }

    fn is(&mut self, depth: usize) -> Piece {
        let entity = if self.random.percent(3) { self.any(depth - 1) } else { self.entity_of_any_type(depth - 1) };
        let entity = entity.at(self.random, Level::Add);
        let ty = self.random.pick(&self.schema.types).name();
        if self.random.percent(50) {
            self.seen.note(Group::Operator, "is");
            return Piece::new(format!("{entity} is {ty}"), Level::Relation);
        }
        self.seen.note(Group::Operator, "is in");
        let within = if self.random.percent(10) { self.any(0) } else { self.entity_of_any_type(depth - 1) };
        let within = within.at(self.random, Level::Add);
        Piece::new(format!("{entity} is {ty} in {within}"), Level::Relation)
    }

    fn like(&mut self, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "like");
        let string = *self.random.pick(STRINGS);
        let mut pattern: Vec<Option<char>> = string.chars().map(Some).collect();
        if !pattern.is_empty() && self.random.percent(10) {
            // Like the string but for an asterisk, which matches only itself.
            let at = self.random.below(pattern.len());
            pattern[at] = Some('*');
            let string = text::quote(self.random, string);
            let pattern = text::quote_pattern(self.random, &pattern);
            return Piece::new(format!("{string} like {pattern}"), Level::Relation);
        }
        let base = self.of(&Ty::String, depth - 1).at(self.random, Level::Add);
        for _ in 0..self.random.below(3) {
            let at = self.random.below(pattern.len() + 1);
            if at < pattern.len() && self.random.percent(50) {
                pattern[at] = None;
            } else {
                pattern.insert(at, None);
            }
        }
        Piece::new(format!("{base} like {}", text::quote_pattern(self.random, &pattern)), Level::Relation)
    }

    fn method(&mut self, receiver: &Piece, name: &str, arguments: &[Piece]) -> Piece {
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.text.as_str()).collect();
        let comma = if !arguments.is_empty() && self.random.percent(3) { "," } else { "" };
        let receiver = receiver.at(self.random, Level::Member);
        Piece::new(format!("{receiver}.{name}({}{comma})", arguments.join(", ")), Level::Member)
    }

    fn set_test(&mut self, depth: usize) -> Piece {
        let element = self.some_type();
        let ty = Ty::Set(Box::new(element.clone()));
        let set = if self.random.percent(2) { self.any(depth - 1) } else { self.of(&ty, depth - 1) };
        let name = *self.random.pick(&["contains", "containsAll", "containsAny", "isEmpty"]);
        self.seen.note(Group::Operator, name);
        let odd = self.random.percent(4);
        let argument = match name {
            "isEmpty" => return self.method(&set, name, &[]),
            _ if odd => self.any(depth - 1),
            "contains" => self.of(&element, depth - 1),
            _ => self.of(&ty, depth - 1),
        };
        self.method(&set, name, &[argument])
    }

    fn tag_test(&mut self, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "hasTag");
        let entity = if self.random.percent(3) { self.any(0) } else { self.entity_of_any_type(depth - 1) };
        let key = self.tag_key(depth - 1);
        self.method(&entity, "hasTag", &[key])
    }

    fn tag_key(&mut self, depth: usize) -> Piece {
        if self.random.percent(85) {
            let key = *self.random.pick(TAGS);
            Piece::primary(text::quote(self.random, key))
        } else {
            self.of(&Ty::String, depth)
        }
    }

    /// An optional attribute or a tag behind the test that it is there.
    fn guarded(&mut self, depth: usize) -> Piece {
        let optional: Vec<_> = self.paths.iter().filter(|path| path.guard.is_some()).cloned().collect();
        if optional.is_empty() || self.random.percent(25) {
            return self.guarded_tag(depth);
        }
        let path = self.random.pick(&optional).clone();
        self.note_access(&path.text);
        let value = self.of(&path.ty, depth - 1);
        let test = match path.ty {
            Ty::Bool => Piece::new(path.text, Level::Member),
            _ => self.relation(&Piece::new(path.text, Level::Member), "==", &value),
        };
        self.seen.note(Group::Operator, "&&");
        let guard = path.guard.unwrap_or_default();
        Piece::new(format!("{guard} && {}", test.at(self.random, Level::Relation)), Level::And)
    }

    fn guarded_tag(&mut self, depth: usize) -> Piece {
        self.seen.note(Group::Operator, "hasTag");
        self.seen.note(Group::Operator, "getTag");
        let entity = Piece::primary(*self.random.pick(&["principal", "resource"]));
        let key = self.tag_key(0);
        let has = self.method(&entity, "hasTag", std::slice::from_ref(&key));
        let get = self.method(&entity, "getTag", std::slice::from_ref(&key));
        let ty = self.some_type();
        let value = self.of(&ty, depth - 1);
        let test = self.relation(&get, "==", &value);
        Piece::new(format!("{} && {}", has.text, test.at(self.random, Level::Relation)), Level::And)
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
        if self.random.percent(5) {
            // Two operands that may both be wrong, or the one integer that has no negation.
            let left = if self.random.percent(50) { self.any(0) } else { Piece::new("-1", Level::Unary) };
            let right = match self.random.below(3) {
                0 => self.any(0),
                1 => Piece::new("context.undeclared", Level::Member),
                _ => Piece::new("-9223372036854775808", Level::Unary),
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
