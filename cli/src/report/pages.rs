//! The pages that `deodar explain` prints, of all crates.
//!
//! The pages of the run time's codes stand here and not with the run time: a service that only decides has no use for
//! them. A code without a page does not compile, in `codes!` as in the table below.

use deodar_grammar::{Code, Page, Severity};
use deodar_runtime::{BundleCode, InputCode};

use super::{coverage, document, files, input, project, usage};

/// The page of every code that `deodar` can report, sorted by the names of the codes.
pub(crate) fn pages() -> Vec<Page> {
    let own = [coverage::PAGES, document::PAGES, files::PAGES, input::PAGES, project::PAGES, usage::PAGES];
    let own = own.into_iter().flatten().copied();
    let data = InputCode::ALL.iter().copied().map(page_of_input);
    let bundles = BundleCode::ALL.iter().copied().map(page_of_bundle);
    let ours = deodar_grammar::pages().chain(deodar_compiler::pages());
    let mut pages: Vec<Page> = ours.chain(own).chain(data).chain(bundles).collect();
    pages.sort_unstable_by_key(|page| page.code.name);
    pages
}

macro_rules! pages_of {
    ($function:ident, $codes:ident: $($code:ident $name:literal,)+) => {
        /// The page of a code of the run time.
        const fn $function(code: $codes) -> &'static str {
            match code {
                $($codes::$code => include_str!(concat!("../explain/", $name, ".md")),)+
            }
        }
    };
}

pages_of! {
    text_of_bundle, BundleCode:
    NotABundle "bundle-not-a-bundle",
    NewerVersion "bundle-newer-version",
    WrongLength "bundle-wrong-length",
    WrongDigest "bundle-wrong-digest",
    Malformed "bundle-malformed",
    InvalidProgram "bundle-invalid-program",
}

pages_of! {
    text_of_input, InputCode:
    MalformedJson "input-malformed-json",
    TooDeep "input-too-deep",
    RepeatedKey "input-repeated-key",
    UnexpectedForm "input-unexpected-form",
    MissingMember "input-missing-member",
    NotAnEntity "input-not-an-entity",
    InvalidEntityType "input-invalid-entity-type",
    NullValue "input-null",
    NotAnInteger "input-not-an-integer",
    ExprEscape "input-expr-escape",
    UnknownFunction "input-unknown-function",
    InvalidExtensionValue "input-invalid-extension-value",
    DuplicateEntity "input-duplicate-entity",
    EntityCycle "input-entity-cycle",
    HierarchyTooLarge "input-hierarchy-too-large",
    NonActionParent "input-non-action-parent",
    UndeclaredEntityType "input-undeclared-entity-type",
    ExternalEntityType "input-external-entity-type",
    UndeclaredAction "input-undeclared-action",
    ExternalAction "input-external-action",
    ActionMismatch "input-action-mismatch",
    UnexpectedAttribute "input-unexpected-attribute",
    MissingAttribute "input-missing-attribute",
    TypeMismatch "input-type-mismatch",
    UnexpectedTag "input-unexpected-tag",
    InvalidAncestorType "input-invalid-ancestor-type",
    InvalidEnumId "input-invalid-enum-id",
    ContextNotARecord "input-context-not-a-record",
    InvalidPrincipalType "input-invalid-principal-type",
    InvalidResourceType "input-invalid-resource-type",
    ReservedKey "input-reserved-key",
}

/// The titles of the run time are sentences; the page has the phrase.
fn page_of_input(code: InputCode) -> Page {
    page(code.name(), code.title(), text_of_input(code))
}

/// The same for bundles.
fn page_of_bundle(code: BundleCode) -> Page {
    page(code.name(), code.title(), text_of_bundle(code))
}

fn page(name: &'static str, sentence: &'static str, text: &'static str) -> Page {
    let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or(sentence);
    Page { code: Code { name, severity: Severity::Error, title }, text }
}

/// The code of the run time as one of a report.
pub(crate) fn code_of_bundle(code: BundleCode) -> Code {
    page_of_bundle(code).code
}
