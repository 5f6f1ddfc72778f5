//! The forms of expressions that are conditions.

use deodar_lexicon::builtin::{ExtensionType, ParameterType};

use super::{
    super::{
        coverage::Group,
        literal,
        schema::Ty,
        text::{self, Level, NAMES, Piece, STRINGS},
    },
    Expressions,
};

impl Expressions<'_, '_, '_> {
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

    pub(super) fn simple_boolean(&mut self) -> Piece {
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
        if self.random.percent(8) {
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
                    .map(|_| if self.random.percent(8) { self.any(0) } else { self.entity_of_any_type(0) })
                    .map(|piece| piece.text)
                    .collect();
                Piece::primary(format!("[{}]", elements.join(", ")))
            }
            _ => self.any(depth - 1),
        };
        self.relation(&entity, "in", &right)
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
}
