//! Trees to a bundle: the program with its texts, and the schema.

use deodar_grammar::{
    Diagnostic, SourceId, Sources,
    ast::{PolicySet, schema},
};
use deodar_runtime::{Bundle, bundle::SourceText};

use crate::{Schema, compile};

/// Compiles policy sets into one bundle, with the texts of the policies and of the schema.
///
/// The schema is one that the policies are valid under, with the fragments that it was resolved from; whether they are
/// is [`check()`](crate::check())'s to say, before.
///
/// # Errors
/// See [`compile()`].
pub fn bundle(
    sets: &[&PolicySet],
    schema: Option<(&Schema, &[schema::Schema])>,
    sources: &Sources,
) -> Result<Bundle, Vec<Diagnostic>> {
    let program = compile(sets, sources)?;
    let texts = |ids: &mut dyn Iterator<Item = SourceId>| ids.map(|id| source_text(sources, id)).collect();
    let bundle = Bundle::new(program, texts(&mut sets.iter().map(|set| set.source)));
    Ok(match schema {
        Some((schema, fragments)) => {
            let fragments = texts(&mut fragments.iter().map(|fragment| fragment.source));
            bundle.with_schema(schema.shapes().clone(), fragments)
        }
        None => bundle,
    })
}

fn source_text(sources: &Sources, source: SourceId) -> SourceText {
    SourceText { name: sources.name(source).into(), text: sources.text(source).to_owned() }
}
