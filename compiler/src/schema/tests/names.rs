//! The matrix of name resolution: every way to declare a name in a namespace and outside, every way to refer to it.

use std::fmt::Write as _;

use deodar_runtime::shape::{Type, TypeIndex};

use super::{super::Schema, resolve};

/// How a name may be declared in one namespace.
#[derive(Clone, Copy)]
struct Declared {
    label: &'static str,
    entity: bool,
    common: bool,
}

const DECLARED: [Declared; 4] = [
    Declared { label: "-", entity: false, common: false },
    Declared { label: "entity", entity: true, common: false },
    Declared { label: "common", entity: false, common: true },
    Declared { label: "both", entity: true, common: true },
];

/// How JSON may refer to a name; the Cedar syntax has the first form.
const FORMS: [(&str, &str); 3] = [
    ("name", r#"{ "type": "EntityOrCommon", "name": "NAME" }"#),
    ("entity", r#"{ "type": "Entity", "name": "NAME" }"#),
    ("common", r#"{ "type": "NAME" }"#),
];

impl Declared {
    /// A namespace in JSON. The common type is a set of its own, so that it can be told apart.
    fn namespace(self, name: &str, element: &str, more_types: &str, actions: &str) -> String {
        let common = if self.common {
            format!(r#""{name}": {{ "type": "Set", "element": {{ "type": "{element}" }} }}"#)
        } else {
            String::new()
        };
        let entity = if self.entity { format!(r#""{name}": {{}}"#) } else { String::new() };
        let comma = if self.entity && !more_types.is_empty() { ", " } else { "" };
        format!(
            r#"{{ "commonTypes": {{ {common} }}, "entityTypes": {{ {entity}{comma}{more_types} }}, "actions": {{ {actions} }} }}"#
        )
    }
}

/// What the reference means, or the first thing that is wrong.
fn meaning(inner: Declared, outer: Declared, name: &str, reference: &str, actions: [&str; 2]) -> String {
    let user = format!(
        r#""User": {{ "shape": {{ "type": "Record", "attributes": {{ "x": {} }} }} }}"#,
        reference.replace("NAME", name)
    );
    let declared = name.rsplit("::").next().unwrap_or(name);
    let inner = inner.namespace(declared, "String", &user, actions[0]);
    let outer = outer.namespace(declared, "Boolean", "", actions[1]);
    let (_, schema, diagnostics) = resolve(&format!("//// schema.json\n{{ \"N\": {inner}, \"\": {outer} }}"));
    match schema {
        Some(schema) => ty(&schema, attribute(&schema)),
        None => format!("({})", diagnostics.iter().find(|d| d.is_error()).expect("an error").code().name),
    }
}

fn attribute(schema: &Schema) -> TypeIndex {
    let user = schema.shapes().entity_types.iter().find(|(name, _)| name.as_str() == "N::User").expect("the user").1;
    let deodar_runtime::shape::EntityShapeKind::Standard { attributes, .. } = &user.kind else { panic!("{user:?}") };
    attributes.attributes.get("x").expect("the attribute").ty
}

fn ty(schema: &Schema, index: TypeIndex) -> String {
    match schema.shapes().ty(index) {
        Type::Set(element) if ty(schema, *element) == "String" => "common N::".to_owned(),
        Type::Set(_) => "common ::".to_owned(),
        Type::Entity(name) => format!("entity {name}"),
        Type::Bool => "Bool".to_owned(),
        Type::Long => "Long".to_owned(),
        Type::String => "String".to_owned(),
        Type::Extension(extension) => extension.name().to_owned(),
        Type::Record(_) => "record".to_owned(),
    }
}

/// What a name means in the namespace `N`, for every way to declare it.
pub(super) fn matrix() -> String {
    let mut table = String::new();
    let none = DECLARED[0];
    // `Long` can be no common type, and `Action` no entity type.
    let columns = [
        ("T", &DECLARED[..]),
        ("N::T", &DECLARED[..]),
        ("ipaddr", &DECLARED[..]),
        ("__cedar::ipaddr", &DECLARED[..]),
        ("Long", &DECLARED[..2]),
    ];
    let _ = writeln!(table, "{:16} {:7} {:7} | {:24} {:24} common", "reference", "in N", "outside", "name", "entity");
    for (name, declared) in columns {
        for inner in declared {
            for outer in declared {
                row(&mut table, name, *inner, *outer, ["", ""], [inner.label, outer.label]);
            }
        }
    }
    let action = r#""act": {}"#;
    for name in ["Action", "N::Action"] {
        row(&mut table, name, none, none, [action, ""], ["action", "-"]);
        row(&mut table, name, none, none, ["", action], ["-", "action"]);
        row(&mut table, name, none, none, [r#""a": {}"#, r#""b": {}"#], ["action", "action"]);
        row(&mut table, name, DECLARED[2], none, [action, ""], ["both", "-"]);
        row(&mut table, name, none, DECLARED[2], [action, ""], ["action", "common"]);
    }
    table
}

fn row(table: &mut String, name: &str, inner: Declared, outer: Declared, actions: [&str; 2], labels: [&str; 2]) {
    let [written, entity, common] = FORMS.map(|(_, reference)| meaning(inner, outer, name, reference, actions));
    let _ = writeln!(table, "{name:16} {:7} {:7} | {written:24} {entity:24} {common}", labels[0], labels[1]);
}
