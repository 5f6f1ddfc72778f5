//! A store under another schema: the entities stay, and must conform to it; actions are those of the schema.

use super::{Draft, Entities, Entity, conform};
use crate::{EntityUid, InputError, Shapes, Value};

impl Entities {
    /// These entities under a schema, as [`from_entities`](Self::from_entities) would make them, with the handles of
    /// this store. Actions are data of the schema: those of the store are left out, and those of the schema put in.
    ///
    /// # Errors
    /// The first mistake.
    pub fn under_schema(&self, shapes: &Shapes) -> Result<Self, InputError> {
        let mut checker = conform::Checker::new(shapes);
        let mut actions = Vec::new();
        for row in self.rows.iter().flatten() {
            if deodar_lexicon::name::is_action_type(self.type_text(row.ty)) {
                actions.push(row.uid);
                continue;
            }
            let draft = Draft {
                uid: row.uid,
                attributes: row.attributes.clone(),
                tags: row.tags.clone(),
                parents: row.parents.to_vec(),
            };
            checker.entity(&self.pool, &draft).map_err(|(_, error)| error)?;
        }
        let mut next = self.clone();
        for action in actions {
            next.remove(&self.uid_of(action))?;
        }
        for (uid, shape) in &shapes.actions {
            let nothing: [(&str, Value); 0] = [];
            next.upsert(&Entity::new(uid.clone(), nothing, shape.parents.iter().cloned()), None)?;
        }
        Ok(next)
    }

    fn type_text(&self, ty: crate::pool::TypeId) -> &str {
        crate::pool::Lookup::type_text(&self.pool, ty)
    }

    fn uid_of(&self, id: crate::pool::EntityId) -> EntityUid {
        crate::pool::Lookup::entity_uid(&self.pool, id)
    }
}
