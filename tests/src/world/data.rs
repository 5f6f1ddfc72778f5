//! Generated entities and requests: mostly conforming to the schema, with a few deviations of every kind.

use serde_json::{Map, Value, json};

use super::{
    coverage::{Group, Seen},
    literal,
    random::Random,
    schema::{Attribute, EntityType, Schema, Ty},
    text::STRINGS,
};
use crate::question::{Request, Uid};

/// Integers that occur as values and operands: small ones, and the ends of the range.
pub const INTEGERS: &[i64] =
    &[0, 1, 2, 3, -1, 10, i64::MAX, i64::MIN, -2, i64::MAX - 1, i64::MIN + 1, 3_037_000_500, 86_400_000];

/// Keys of tags.
pub const TAGS: &[&str] = &["a", "b", "é", ""];

const IDS: &[&str] = &["a", "b", "é", "", "q\"\\", "*"];

/// The entities and requests of a case.
#[derive(Debug)]
pub struct Data {
    /// The entities, each a JSON object.
    pub entities: Vec<Value>,
    /// The requests.
    pub requests: Vec<Request>,
    /// For each request, the indices of the principal's type, the action, and the resource's type.
    pub shapes: Vec<[usize; 3]>,
}

/// Entities and requests for a schema, each from bytes of their own.
pub fn generate(
    of_entities: &mut Random<'_, '_>,
    of_requests: &mut Random<'_, '_>,
    schema: &Schema,
    seen: &mut Seen,
) -> Data {
    // Without the escapes, values mean what the schema says; with them, the same with or without a schema.
    let explicit = of_entities.percent(80);
    if !explicit {
        seen.note(Group::Input, "values without escapes");
    }
    let entities = Generator { random: of_entities, schema, seen, explicit }.entities();
    let mut generator = Generator { random: of_requests, schema, seen, explicit };
    let n_requests = generator.random.between(1, 4);
    let (mut requests, mut shapes) = (Vec::new(), Vec::new());
    for _ in 0..n_requests {
        let (request, shape) = generator.request();
        requests.push(request);
        shapes.push(shape);
    }
    Data { entities, requests, shapes }
}

/// The id of an entity of that type: mostly one that is in the store.
pub fn entity_id(random: &mut Random<'_, '_>, ty: &EntityType) -> &'static str {
    match &ty.ids {
        Some(ids) if random.percent(97) => ids[random.below(ids.len())],
        _ if random.percent(6) => "missing",
        _ => IDS[random.weighted(&[40, 25, 12, 8, 5, 5])],
    }
}

struct Generator<'g, 'r, 'b> {
    random: &'g mut Random<'r, 'b>,
    schema: &'g Schema,
    seen: &'g mut Seen,
    explicit: bool,
}

impl Generator<'_, '_, '_> {
    fn entities(&mut self) -> Vec<Value> {
        let schema = self.schema;
        let mut uids: Vec<(usize, &str)> = Vec::new();
        for (index, ty) in schema.types.iter().enumerate() {
            let ids = ty.ids.clone().unwrap_or_else(|| IDS.to_vec());
            uids.extend(ids.into_iter().filter(|_| self.random.percent(75)).map(|id| (index, id)));
        }
        let mut entities: Vec<Value> = (0..uids.len()).map(|at| self.entity(&uids, at)).collect();
        if self.random.percent(4) && !entities.is_empty() {
            self.seen.note(Group::Input, "repeated entity");
            let repeated = self.random.pick(&entities).clone();
            entities.push(repeated);
        }
        if self.random.percent(25) {
            self.seen.note(Group::Input, "action entities");
            for action in &schema.actions {
                let groups: Vec<_> =
                    action.groups.iter().map(|group| self.reference(&schema.actions[*group].uid())).collect();
                let uid = self.reference(&action.uid());
                if self.random.percent(95) {
                    entities.push(json!({ "uid": uid, "attrs": {}, "parents": groups }));
                }
            }
        }
        entities
    }

    fn entity(&mut self, uids: &[(usize, &str)], at: usize) -> Value {
        let (index, id) = uids[at];
        let ty = &self.schema.types[index];
        let mut parents = Vec::new();
        for (other, (parent, id)) in uids.iter().enumerate() {
            // Parents stand later, so there is no cycle; a few cases get one on purpose.
            let candidate = other > at && ty.parents.contains(parent) && self.random.percent(30);
            if candidate || self.random.below(4000) == 3999 {
                parents.push(self.reference(&self.uid(*parent, id)));
            }
        }
        if !ty.parents.is_empty() && self.random.percent(4) {
            self.seen.note(Group::Input, "parent that is no entity");
            parents.push(self.reference(&self.uid(ty.parents.first().copied().unwrap_or(0), "missing")));
        }
        let attributes = self.members(&ty.attributes);
        let uid = self.reference(&self.uid(index, id));
        let mut entity = json!({ "uid": uid, "attrs": attributes, "parents": parents });
        if let Some(value) = &ty.tags {
            let keys: Vec<_> = TAGS.iter().filter(|_| self.random.percent(45)).collect();
            let tags: Map<_, _> = keys.into_iter().map(|key| ((*key).to_owned(), self.value(value))).collect();
            entity["tags"] = Value::Object(tags);
        }
        entity
    }

    fn request(&mut self) -> (Request, [usize; 3]) {
        let applicable: Vec<_> = self.schema.applicable().collect();
        let (index, action) = *self.random.pick(&applicable);
        let mut principal = *self.random.pick(&action.principals);
        let mut resource = *self.random.pick(&action.resources);
        if self.random.percent(3) {
            self.seen.note(Group::Input, "request that the action does not apply to");
            principal = self.random.below(self.schema.types.len());
            resource = self.random.below(self.schema.types.len());
        }
        let mut context = self.members(&action.context);
        if self.random.percent(2) {
            self.seen.note(Group::Input, "undeclared context attribute");
            context.insert("undeclared".into(), json!(1));
        }
        let mut action = action.uid();
        if self.random.percent(1) {
            self.seen.note(Group::Input, "undeclared action");
            action.id = "undeclared".into();
        }
        let request = Request {
            principal: self.some_uid(principal),
            action,
            resource: self.some_uid(resource),
            context: Value::Object(context).to_string(),
            validate: self.random.percent(90),
        };
        (request, [principal, index, resource])
    }

    fn members(&mut self, attributes: &[Attribute]) -> Map<String, Value> {
        let mut members = Map::new();
        for attribute in attributes {
            let present = if attribute.required { !self.random.permille(2) } else { self.random.percent(60) };
            if present {
                let value = self.value(&attribute.ty);
                members.insert(attribute.name.clone(), value);
            }
        }
        members
    }

    fn value(&mut self, ty: &Ty) -> Value {
        if self.random.permille(1) {
            self.seen.note(Group::Input, "odd value");
            return self.odd_value();
        }
        match ty {
            Ty::Bool => json!(self.random.percent(50)),
            Ty::Long => json!(*self.random.pick(INTEGERS)),
            Ty::String => json!(*self.random.pick(STRINGS)),
            Ty::Entity(index) => {
                let uid = self.some_uid(*index);
                if self.explicit { json!({ "__entity": uid_json(&uid) }) } else { uid_json(&uid) }
            }
            Ty::Set(element) => (0..self.random.below(4)).map(|_| self.value(element)).collect(),
            Ty::Record(attributes) => Value::Object(self.members(attributes)),
            Ty::Extension(ty) => {
                let function = ty.constructor().name();
                let argument = literal::good_argument(self.random, *ty);
                match self.random.below(4) {
                    0 if !self.explicit => json!(argument),
                    1 if !self.explicit => json!({ "fn": function, "arg": argument }),
                    2 => json!({ "__extn": { "fn": function, "args": [argument] } }),
                    _ => json!({ "__extn": { "fn": function, "arg": argument } }),
                }
            }
        }
    }

    /// A value that fits no schema, or no value at all.
    fn odd_value(&mut self) -> Value {
        let odd = [
            json!(null),
            json!(1.0),
            json!(1.5),
            json!(u64::MAX),
            json!({ "__entity": { "type": "User" } }),
            json!({ "__entity": "User::a" }),
            json!({ "__entity": { "type": "User", "id": "a" }, "z": 1 }),
            json!({ "__entity": { "type": "User", "id": "a", "q": 1 } }),
            json!({ "__extn": { "fn": "ip" } }),
            json!({ "__extn": { "fn": "ip", "arg": "bad" } }),
            json!({ "__extn": { "fn": "nope", "arg": "1" } }),
            json!({ "__extn": { "fn": "ip", "args": ["1.1.1.1", "2.2.2.2"] } }),
            json!({ "__extn": { "fn": "offset", "args": [
                { "__extn": { "fn": "datetime", "arg": "1970-01-01" } },
                { "__extn": { "fn": "duration", "arg": "1ms" } },
            ] } }),
            json!({ "__expr": "1" }),
            json!({ "fn": "ip", "arg": "1.1.1.1" }),
            json!({ "type": "User", "id": "a" }),
            json!([1, "a", true, 1]),
            json!({ "n": 1 }),
            json!("a"),
            json!(1),
            json!(true),
        ];
        self.random.pick(&odd).clone()
    }

    fn some_uid(&mut self, index: usize) -> Uid {
        let id = entity_id(self.random, &self.schema.types[index]);
        self.uid(index, id)
    }

    fn uid(&self, index: usize, id: &str) -> Uid {
        Uid::new(self.schema.types[index].name(), id)
    }

    /// One of the two forms of a reference where only an entity can stand.
    fn reference(&mut self, uid: &Uid) -> Value {
        if self.random.percent(20) { json!({ "__entity": uid_json(uid) }) } else { uid_json(uid) }
    }
}

/// `{"type": …, "id": …}`
pub fn uid_json(uid: &Uid) -> Value {
    json!({ "type": uid.ty, "id": uid.id })
}
