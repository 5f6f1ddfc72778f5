//! Fragments of a schema that declare what others define (Cedar RFC 116) link as in the reference.
//!
//! The reference links schemas that are each complete; we link fragments. So each generated fragment declares all that
//! it mentions, and there the two must agree: on what is accepted, and on what is above what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use arbitrary::Unstructured;
use deodar_compiler::Schema;
use deodar_grammar::Sources;
use deodar_tests::world::Random;

/// The ancestors of every entity type and of every action that is defined.
type Hierarchies = BTreeMap<String, BTreeSet<String>>;

/// What a fragment says of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    External,
    Defined,
    Enumerated,
}

fn said(random: &mut Random<'_, '_>, is_entity_type: bool) -> Said {
    match random.below(20) {
        0..=8 => Said::Nothing,
        9..=15 => Said::External,
        16 if is_entity_type => Said::Enumerated,
        _ => Said::Defined,
    }
}

/// The declarations of one kind in one fragment; each is a member of some others.
fn declarations(random: &mut Random<'_, '_>, keyword: &str, names: &[&str], text: &mut String) {
    let declared: Vec<_> = names.iter().map(|name| (*name, said(random, keyword == "entity"))).collect();
    let declared: Vec<_> = declared.into_iter().filter(|(_, said)| *said != Said::Nothing).collect();
    for (at, (name, said)) in declared.iter().enumerate() {
        let external = if *said == Said::External { "external " } else { "" };
        let _ = write!(text, "{external}{keyword} {name}");
        if *said == Said::Enumerated {
            text.push_str(" enum [\"x\"];\n");
            continue;
        }
        // Mostly without cycles.
        let mut is_above = |other| (other > at || random.below(40) == 0) && random.below(2) == 0;
        let above = declared.iter().enumerate().filter(|(other, _)| is_above(*other));
        let parents: Vec<_> = above.map(|(_, (name, _))| *name).collect();
        let list = if parents.is_empty() { String::new() } else { format!(" in [{}]", parents.join(", ")) };
        let _ = writeln!(text, "{list};");
    }
}

fn fragment(random: &mut Random<'_, '_>) -> String {
    let mut text = String::new();
    declarations(random, "entity", &["A", "B", "C", "D"], &mut text);
    declarations(random, "action", &["a", "b", "c"], &mut text);
    text
}

/// What the reference links; nothing if a fragment is no schema by itself.
fn reference(fragments: &[String]) -> Option<Result<Hierarchies, String>> {
    let schemas = fragments.iter().map(|text| Some(cedar_policy::Schema::from_cedarschema_str(text).ok()?.0));
    let schemas: Vec<_> = schemas.collect::<Option<_>>()?;
    let linked = match cedar_policy::Schema::schema_link(schemas) {
        Ok(linked) => linked,
        Err(error) => return Some(Err(error.to_string())),
    };
    let mut hierarchies = Hierarchies::new();
    for name in linked.entity_types() {
        let ancestors = linked.ancestors(name).into_iter().flatten().map(ToString::to_string);
        hierarchies.insert(name.to_string(), ancestors.collect());
    }
    let actions = linked.action_entities().expect("entities of the actions");
    for action in linked.actions() {
        // Those that stay external are not among the entities.
        if let Some(ancestors) = actions.ancestors(action) {
            hierarchies.insert(action.to_string(), ancestors.map(ToString::to_string).collect());
        }
    }
    Some(Ok(hierarchies))
}

fn ours(fragments: &[String]) -> Result<Hierarchies, String> {
    let mut sources = Sources::new();
    let fragments = fragments.iter().map(|text| {
        let source = sources.add("fragment", text.clone());
        deodar_grammar::parse_schema(&sources, source).0
    });
    let fragments: Vec<_> = fragments.collect();
    let (schema, diagnostics) = Schema::resolve(&fragments);
    let messages: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    let schema = schema.ok_or_else(|| messages.join("; "))?;
    let shapes = schema.shapes();
    let types = (shapes.entity_types.iter())
        .map(|(name, shape)| (name.to_string(), shape.ancestor_types.iter().map(ToString::to_string).collect()));
    let actions = (shapes.actions.iter().filter(|(_, shape)| !shape.external))
        .map(|(name, shape)| (name.to_string(), shape.ancestors.iter().map(ToString::to_string).collect()));
    Ok(types.chain(actions).collect())
}

#[test]
fn fragments_link_as_in_the_reference() {
    let (mut linked, mut refused, mut skipped) = (0, 0, 0);
    arbtest::arbtest(|bytes: &mut Unstructured<'_>| {
        let mut random = Random::new(bytes);
        let n = random.between(2, 3);
        let fragments: Vec<String> = (0..n).map(|_| fragment(&mut random)).collect();
        let Some(reference) = reference(&fragments) else {
            skipped += 1;
            return Ok(());
        };
        let shown = fragments.join("////\n");
        match (reference, ours(&fragments)) {
            (Ok(reference), Ok(ours)) => {
                assert_eq!(ours, reference, "\n{shown}");
                linked += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            (Ok(_), Err(ours)) => panic!("only the reference links:\n{shown}{ours}"),
            (Err(reference), Ok(_)) => panic!("only Deodar links:\n{shown}{reference}"),
        }
        Ok(())
    })
    .size_min(400)
    .size_max(2_000)
    .budget_ms(5_000);
    assert!(linked > 20 && refused > 20, "{linked} linked, {refused} refused, {skipped} skipped");
}

/// Where linking in the reference asks for more: each schema must be complete there, and may not bring in the name of a
/// builtin type. We resolve all names over all fragments.
#[test]
fn fragments_need_not_be_complete() {
    let fragments = ["entity A in [B];".to_owned(), "entity B; entity C; external entity A;".to_owned()];
    assert!(reference(&fragments).is_none());
    assert!(ours(&fragments).is_ok());
    let fragments = ["entity A;".to_owned(), "entity ipaddr;".to_owned()];
    assert!(reference(&fragments).is_some_and(|linked| linked.is_err()));
    assert!(ours(&fragments).is_ok());
}
