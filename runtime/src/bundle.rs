//! A compiled policy set in one file: the program, what the schema says about data, and the texts to show.
//!
//! The compiler makes a bundle once; services read it in the time that it takes to copy and verify it, with no parser
//! at hand. The same content gives the same bytes.
//!
//! # Format
//!
//! Numbers are little-endian; lists and texts stand behind their length in 32 bits.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4 | the version of the format |
//! | 8 | the length of the file |
//! | 32 | SHA-256 of all other bytes of the file |
//! | 4 | the number of sections |
//! | 20 each | kind (4), offset in the file (8) and length (8) of each section |
//! | the rest | the sections, in the order of their kinds, without gaps |
//!
//! The sections are those of the table `sections!` below; how their content looks is said in `layout`.
//!
//! # Versions
//!
//! - 1: the first.
//!
//! A reader reads all versions up to its own: a section that came later is empty in an older file.
//!
//! # What a reader establishes
//!
//! - B1: magic, version and length are right.
//! - B2: the digest is that of the bytes.
//! - B3: the table lists exactly the sections of the version; each begins where the one before ends, the first behind
//!   the table, and the last ends with the file.
//! - B4: every section can be read and has nothing left: tags are known, texts are UTF-8, names of types are such, names
//!   of maps and sets are in order.
//! - B5: the program has the properties V1 to V12 of [`verify`](crate::verify), by its only constructor.
//! - B6: places of policies and conditions name a source of the program.
//! - B7: types of the schema mention only types before them; what the schema declares mentions only types that it has,
//!   and without a schema there are none.
//!
//! The digest shows accidents; it is no signature. Who may replace a bundle may replace the policies.

mod error;
mod layout;
pub(crate) mod wire;

use core::fmt;
use std::collections::BTreeMap;

use deodar_lexicon::Pattern;
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

pub use self::error::{BundleCode, BundleError};
use self::wire::{Input, Malformed, Wire};
use crate::{
    instruction::Instruction,
    program::{Constant, Place, Policy, Program, ProgramParts},
    shape::{ActionShape, EntityShape, Shapes, Type},
    uid::{EntityTypeName, EntityUid},
};

/// What a bundle begins with. The first byte is no text, the last ones show conversions of line ends.
pub const MAGIC: [u8; 8] = *b"\x8fDEOD\r\n\0";

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

const DIGEST_AT: usize = MAGIC.len() + 4 + 8;
const TABLE_AT: usize = DIGEST_AT + 32;
const ROW: usize = 4 + 8 + 8;

/// A text that policies or a schema were written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Its name in reports.
    pub name: SmolStr,
    /// All of it.
    pub text: String,
}

/// What was established about policies and schema when a bundle was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validity {
    /// There is no schema.
    #[default]
    NoSchema,
    /// Policies may have other types than the schema says.
    Unchecked,
    /// The policies are valid.
    Valid,
}

/// SHA-256 of a bundle or of a file of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Its bytes.
    pub fn bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

macro_rules! sections {
    ($($(#[doc = $doc:literal])+ $kind:literal since $since:literal $field:ident: $ty:ty;)+) => {
        /// Everything that a bundle consists of, as it was read.
        #[derive(Debug)]
        struct Contents { $($(#[doc = $doc])+ $field: $ty,)+ }

        /// Everything that a bundle consists of, to be written.
        struct Written<'c> { $($field: &'c $ty,)+ }

        /// The kind of each section, the version that it came with, and its name.
        const SECTIONS: &[(u32, u32, &str)] = &[$(($kind, $since, stringify!($field))),+];

        impl Written<'_> {
            fn sections(&self) -> Vec<Vec<u8>> {
                vec![$({
                    let mut bytes = Vec::new();
                    self.$field.write(&mut bytes);
                    bytes
                }),+]
            }
        }

        impl Contents {
            fn read(sections: &BTreeMap<u32, Input<'_>>) -> Result<Self, BundleError> {
                Ok(Self { $($field: section(sections, $kind, stringify!($field))?),+ })
            }
        }
    };
}

sections! {
    /// The names of the sources of the policies.
    1 since 1 sources: Vec<SmolStr>;
    /// The texts of these sources.
    2 since 1 policy_texts: Vec<SourceText>;
    /// The texts of the schema.
    3 since 1 schema_texts: Vec<SourceText>;
    /// Static policies and links.
    4 since 1 policies: Vec<Policy>;
    /// Templates.
    5 since 1 templates: Vec<Policy>;
    /// Code.
    6 since 1 code: Vec<Instruction>;
    /// The source map: where the expression of each instruction stands.
    7 since 1 places: Vec<Place>;
    /// Constants.
    8 since 1 constants: Vec<Constant>;
    /// Attribute names and record keys.
    9 since 1 names: Vec<SmolStr>;
    /// Entity type names.
    10 since 1 type_names: Vec<EntityTypeName>;
    /// Patterns.
    11 since 1 patterns: Vec<Pattern>;
    /// The names of record literals.
    12 since 1 layouts: Vec<Box<[SmolStr]>>;
    /// Whether there is a schema, and whether the policies are valid under it.
    13 since 1 validity: Validity;
    /// The types of the schema.
    14 since 1 types: Vec<Type>;
    /// Its entity types.
    15 since 1 entity_types: BTreeMap<EntityTypeName, EntityShape>;
    /// Its actions.
    16 since 1 actions: BTreeMap<EntityUid, ActionShape>;
    /// The digest of the tests of the policies.
    17 since 1 tests: Option<[u8; 32]>;
}

/// A section's content; a section that the version does not have is empty.
fn section<T: Wire + Default>(sections: &BTreeMap<u32, Input<'_>>, kind: u32, name: &str) -> Result<T, BundleError> {
    let Some(input) = sections.get(&kind) else { return Ok(T::default()) };
    let mut input = input.clone();
    let value = T::read(&mut input).and_then(|value| input.end().map(|()| value));
    value.map_err(|malformed| malformed_section(name, malformed))
}

#[cold]
fn malformed_section(name: &str, malformed: Malformed) -> BundleError {
    let message = format!("the section `{name}` of the bundle cannot be read: {}", malformed.problem);
    BundleError::new(BundleCode::Malformed, message).at(malformed.offset)
}

/// A verified program with what belongs to it.
#[derive(Debug, Clone)]
pub struct Bundle {
    program: Program,
    policy_texts: Vec<SourceText>,
    shapes: Option<Shapes>,
    validity: Validity,
    schema_texts: Vec<SourceText>,
    tests: Option<Digest>,
}

impl Bundle {
    /// A bundle of a program with the texts that it was compiled from, which may be left out.
    pub fn new(program: Program, policy_texts: Vec<SourceText>) -> Self {
        Self {
            program,
            policy_texts,
            shapes: None,
            validity: Validity::NoSchema,
            schema_texts: Vec::new(),
            tests: None,
        }
    }

    /// The same with a schema that the policies are valid under, and the texts that it is written in.
    #[must_use]
    pub fn with_schema(self, shapes: Shapes, schema_texts: Vec<SourceText>) -> Self {
        Self { shapes: Some(shapes), validity: Validity::Valid, schema_texts, ..self }
    }

    /// The same with a schema that the policies may not be valid under.
    #[must_use]
    pub fn with_unchecked_schema(self, shapes: Shapes, schema_texts: Vec<SourceText>) -> Self {
        Self { validity: Validity::Unchecked, ..self.with_schema(shapes, schema_texts) }
    }

    /// The same with the digest of the tests that belong to the policies.
    #[must_use]
    pub fn with_tests(self, tests: Digest) -> Self {
        Self { tests: Some(tests), ..self }
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The program, for an engine.
    pub fn into_program(self) -> Program {
        self.program
    }

    /// What the schema says about data, if the policies were compiled with one.
    pub fn shapes(&self) -> Option<&Shapes> {
        self.shapes.as_ref()
    }

    /// Whether there is a schema, and whether the policies are valid under it.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The texts of the policies.
    pub fn policy_texts(&self) -> &[SourceText] {
        &self.policy_texts
    }

    /// The texts of the schema.
    pub fn schema_texts(&self) -> &[SourceText] {
        &self.schema_texts
    }

    /// The digest of the tests that belong to the policies.
    pub fn tests(&self) -> Option<Digest> {
        self.tests
    }

    /// The digest that stands in the bytes of a bundle.
    pub fn digest_in(bytes: &[u8]) -> Option<Digest> {
        let bytes = bytes.get(DIGEST_AT..TABLE_AT)?;
        bytes.try_into().ok().map(Digest)
    }

    /// The bytes of the bundle.
    pub fn write(&self) -> Vec<u8> {
        let none = &Shapes::default();
        let shapes = self.shapes.as_ref().unwrap_or(none);
        let parts = self.program.parts();
        let written = Written {
            sources: &parts.sources,
            policy_texts: &self.policy_texts,
            schema_texts: &self.schema_texts,
            policies: &parts.policies,
            templates: &parts.templates,
            code: &parts.code,
            places: &parts.places,
            constants: &parts.constants,
            names: &parts.names,
            type_names: &parts.type_names,
            patterns: &parts.patterns,
            layouts: &parts.layouts,
            validity: &self.validity,
            types: &shapes.types().cloned().collect(),
            entity_types: &shapes.entity_types,
            actions: &shapes.actions,
            tests: &self.tests.map(|Digest(tests)| tests),
        };
        file(&written.sections())
    }

    /// Reads a bundle and verifies all that deciding relies on.
    ///
    /// # Errors
    /// The first thing that is wrong; nothing of the bundle is used then.
    pub fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        let version = check_header(bytes)?;
        check_digest(bytes)?;
        let contents = Contents::read(&table(bytes, version)?)?;
        let known = u32::try_from(contents.sources.len()).unwrap_or(u32::MAX);
        check_places(known, contents.policies.iter().chain(&contents.templates))?;
        let shapes = shapes(contents.validity, contents.types, contents.entity_types, contents.actions)?;
        let program = Program::new(ProgramParts {
            sources: contents.sources,
            policies: contents.policies,
            templates: contents.templates,
            code: contents.code,
            places: contents.places,
            constants: contents.constants,
            names: contents.names,
            type_names: contents.type_names,
            patterns: contents.patterns,
            layouts: contents.layouts,
        });
        let program = program.map_err(|invalid| {
            BundleError::new(BundleCode::InvalidProgram, format!("the program of the bundle is not valid: {invalid}"))
        })?;
        Ok(Self {
            program,
            policy_texts: contents.policy_texts,
            shapes,
            validity: contents.validity,
            schema_texts: contents.schema_texts,
            tests: contents.tests.map(Digest),
        })
    }
}

/// The sections behind a header and a table.
fn file(sections: &[Vec<u8>]) -> Vec<u8> {
    let start = TABLE_AT + 4 + ROW * sections.len();
    let length: usize = start + sections.iter().map(Vec::len).sum::<usize>();
    let mut out = Vec::with_capacity(length);
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    MAGIC.write(&mut out);
    VERSION.write(&mut out);
    wide(length).write(&mut out);
    [0; 32].write(&mut out);
    wire::write_length(sections.len(), &mut out);
    let mut offset = start;
    for ((kind, ..), section) in SECTIONS.iter().zip(sections) {
        kind.write(&mut out);
        wide(offset).write(&mut out);
        wide(section.len()).write(&mut out);
        offset += section.len();
    }
    for section in sections {
        out.extend_from_slice(section);
    }
    let digest = digest(&out);
    if let Some(place) = out.get_mut(DIGEST_AT..TABLE_AT) {
        place.copy_from_slice(&digest);
    }
    out
}

/// SHA-256 of all bytes but the digest itself.
fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(bytes.get(..DIGEST_AT).unwrap_or_default());
    hasher.update(bytes.get(TABLE_AT..).unwrap_or_default());
    hasher.finalize().into()
}

/// B1; gives the version.
fn check_header(bytes: &[u8]) -> Result<u32, BundleError> {
    let mut input = Input::new(bytes, 0);
    if input.take(MAGIC.len()).ok() != Some(&MAGIC[..]) {
        return Err(BundleError::new(BundleCode::NotABundle, "this is not a bundle: it does not begin as one"));
    }
    let ends = |_| BundleError::new(BundleCode::WrongLength, "the bundle ends in its header").at(bytes.len());
    let version = u32::read(&mut input).map_err(ends)?;
    if version > VERSION {
        let message = format!("the bundle has version {version}; this version of Deodar reads up to version {VERSION}");
        return Err(BundleError::new(BundleCode::NewerVersion, message));
    }
    if version == 0 {
        return Err(BundleError::new(BundleCode::NotABundle, "this is not a bundle: there is no version 0"));
    }
    let length = u64::read(&mut input).map_err(ends)?;
    if u64::try_from(bytes.len()) != Ok(length) {
        let message = format!("the bundle has {length} bytes and the file {}", bytes.len());
        return Err(BundleError::new(BundleCode::WrongLength, message));
    }
    Ok(version)
}

/// B2.
fn check_digest(bytes: &[u8]) -> Result<(), BundleError> {
    if bytes.get(DIGEST_AT..TABLE_AT) == Some(&digest(bytes)) {
        return Ok(());
    }
    Err(BundleError::new(BundleCode::WrongDigest, "the bundle is damaged: its digest is not that of its bytes"))
}

/// B3; gives each section by its kind.
fn table(bytes: &[u8], version: u32) -> Result<BTreeMap<u32, Input<'_>>, BundleError> {
    let wrong = |at| BundleError::new(BundleCode::Malformed, "the table of sections is not that of its version").at(at);
    let malformed = |malformed: Malformed| wrong(malformed.offset);
    let expected = || SECTIONS.iter().filter(|(_, since, _)| *since <= version).map(|(kind, ..)| *kind);
    let mut input = Input::new(bytes.get(TABLE_AT..).unwrap_or_default(), TABLE_AT);
    if u32::read(&mut input).map_err(malformed)? as usize != expected().count() {
        return Err(wrong(TABLE_AT));
    }
    let mut start = TABLE_AT + 4 + ROW * expected().count();
    let mut sections = BTreeMap::new();
    for kind in expected() {
        let at = input.malformed("").offset;
        let (found, offset) = (u32::read(&mut input).map_err(malformed)?, u64::read(&mut input).map_err(malformed)?);
        let length = usize::try_from(u64::read(&mut input).map_err(malformed)?).map_err(|_| wrong(at))?;
        let end = start.checked_add(length).ok_or_else(|| wrong(at))?;
        let section = bytes.get(start..end).ok_or_else(|| wrong(at))?;
        if found != kind || usize::try_from(offset) != Ok(start) {
            return Err(wrong(at));
        }
        sections.insert(kind, Input::new(section, start));
        start = end;
    }
    if start == bytes.len() { Ok(sections) } else { Err(wrong(start)) }
}

/// B7.
fn shapes(
    validity: Validity,
    types: Vec<Type>,
    entity_types: BTreeMap<EntityTypeName, EntityShape>,
    actions: BTreeMap<EntityUid, ActionShape>,
) -> Result<Option<Shapes>, BundleError> {
    let wrong = |what| BundleError::new(BundleCode::Malformed, format!("B7: the schema of the bundle {what}"));
    let is_empty = types.is_empty() && entity_types.is_empty() && actions.is_empty();
    let shapes = Shapes::from_parts(types, entity_types, actions);
    let shapes = shapes.ok_or_else(|| wrong("mentions types that it does not have"))?;
    match validity {
        Validity::NoSchema if is_empty => Ok(None),
        Validity::NoSchema => Err(wrong("is there and is said not to be")),
        Validity::Unchecked | Validity::Valid => Ok(Some(shapes)),
    }
}

/// B6.
fn check_places<'p>(sources: u32, mut policies: impl Iterator<Item = &'p Policy>) -> Result<(), BundleError> {
    let known = |policy: &Policy| {
        let mut conditions = policy.conditions.iter();
        policy.place.source < sources && conditions.all(|condition| condition.place.source < sources)
    };
    match policies.find(|policy| !known(policy)) {
        None => Ok(()),
        Some(policy) => {
            let message = format!("B6: the policy `{}` of the bundle stands in no source of it", policy.id);
            Err(BundleError::new(BundleCode::Malformed, message))
        }
    }
}
