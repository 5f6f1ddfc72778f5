//! From text to a program in one call, for services that embed policies.

use core::fmt;

use deodar_grammar::{Diagnostic, Sources, ast::Dialect, parse_policies, parse_schema};
use deodar_runtime::Program;

use crate::{CheckOptions, Schema, check, compile};

/// Compiles the text of Cedar policies: the short way for services that embed policies.
///
/// `name` stands for the text in reports, like a path.
///
/// # Errors
/// Everything that is wrong with the text, ready to be shown.
pub fn compile_text(name: &str, text: &str) -> Result<Program, CompileErrors> {
    let mut sources = Sources::new();
    let source = sources.add(name, text);
    let (policies, diagnostics) = parse_policies(&sources, source, Dialect::Cedar);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(CompileErrors { sources, diagnostics });
    }
    compile(&[&policies], &sources).map_err(|diagnostics| CompileErrors { sources, diagnostics })
}

/// A program whose policies are valid under a schema.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The program.
    pub program: Program,
    /// The schema, for entities and requests to conform to ([`Schema::shapes`]).
    pub schema: Schema,
    /// What was found besides, like policies that apply to nothing; no errors.
    pub warnings: Vec<Diagnostic>,
    /// The texts that the warnings point into.
    pub sources: Sources,
}

/// Compiles the text of Cedar policies that must be valid under a schema in the Cedar syntax (strict validation).
///
/// Each text comes with a name that stands for it in reports, like a path.
///
/// ```
/// use deodar_compiler::compile_validated;
/// use deodar_runtime::Entities;
///
/// let schema = "entity User; entity File { public: Bool }; action view appliesTo { principal: User, resource: File };";
/// let policies = "permit (principal, action, resource) when { resource.public };";
/// let valid = compile_validated(("files.cedar", policies), ("files.cedarschema", schema))?;
/// assert!(valid.warnings.is_empty());
/// let entities = r#"[{"uid": {"type": "File", "id": "a"}, "attrs": {"public": 1}, "parents": []}]"#;
/// assert!(Entities::from_json(entities, Some(valid.schema.shapes())).is_err());
///
/// let misspelt = policies.replace("public", "pubic");
/// let errors = compile_validated(("files.cedar", &misspelt), ("files.cedarschema", schema)).expect_err("misspelt");
/// assert!(errors.to_string().contains("did you mean `public`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Everything that is wrong with the texts, ready to be shown.
pub fn compile_validated(policies: (&str, &str), schema: (&str, &str)) -> Result<Validated, CompileErrors> {
    let mut sources = Sources::new();
    let [policies, schema] = [policies, schema].map(|(name, text)| sources.add(name, text));
    let (set, mut diagnostics) = parse_policies(&sources, policies, Dialect::Cedar);
    let (tree, of_schema) = parse_schema(&sources, schema);
    diagnostics.extend(of_schema);
    let (schema, of_schema) = Schema::resolve(&[tree]);
    diagnostics.extend(of_schema);
    if let Some(schema) = &schema
        && !diagnostics.iter().any(Diagnostic::is_error)
    {
        diagnostics.extend(check(&[&set], schema, CheckOptions::default()).diagnostics().cloned());
    }
    match schema.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) {
        None => Err(CompileErrors { sources, diagnostics }),
        Some(schema) => match compile(&[&set], &sources) {
            Ok(program) => Ok(Validated { program, schema, warnings: diagnostics, sources }),
            Err(diagnostics) => Err(CompileErrors { sources, diagnostics }),
        },
    }
}

/// Everything that is wrong with a text, with the text itself.
///
/// Its [`Display`](fmt::Display) form is one line per diagnostic, `file:line:column: error[code]: message`.
#[derive(Debug, Clone)]
pub struct CompileErrors {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

impl CompileErrors {
    /// The texts that the diagnostics point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What is wrong; at least one error.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for CompileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let span = diagnostic.span();
            let at = self.sources.position(span);
            let kind = if diagnostic.is_error() { "error" } else { "warning" };
            let (name, code) = (self.sources.name(span.source), diagnostic.code().name);
            write!(f, "{name}:{}:{}: {kind}[{code}]: {diagnostic}", at.line, at.column)?;
            if let Some(help) = diagnostic.help() {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl core::error::Error for CompileErrors {}

#[cfg(test)]
mod tests {
    use deodar_runtime::{Context, Decision, Engine, Entities, Request, Response};

    use super::*;

    fn decide(policies: &str) -> Response {
        let program = compile_text("t.cedar", policies).unwrap_or_else(|errors| panic!("{errors}"));
        let uid = |text: &str| text.parse().expect("an entity");
        let request = Request::new(uid(r#"U::"a""#), uid(r#"Action::"x""#), uid(r#"R::"r""#), Context::empty());
        Engine::new(program, Entities::new()).authorize(&request)
    }

    #[track_caller]
    fn check(condition: &str, expected: Result<bool, ()>) {
        let response = decide(&format!("permit(principal, action, resource) when {{ {condition} }};"));
        let actual = if response.errors().is_empty() { Ok(response.decision() == Decision::Allow) } else { Err(()) };
        assert_eq!(actual, expected, "{condition}");
    }

    #[test]
    fn operators_evaluate_their_operands_in_order() {
        check("1 + 2 * 3 - 4 == 3", Ok(true));
        check("5 - 3 - 1 == 1", Ok(true));
        check("2 > 1 && 2 >= 2 && !(1 > 1) && 1 <= 1 && 1 < 2 && 1 != 2", Ok(true));
        check("if 1 < 2 then true else 1 + true == 2", Ok(true));
        check("false && 1", Ok(false));
        check("true || 1", Ok(true));
        check("false || 1", Err(()));
        check("true && true && 1", Err(()));
        check("1 && true", Err(()));
        check("9223372036854775807 + 1 == 0", Err(()));
    }

    #[test]
    fn has_with_a_path_reads_step_by_step() {
        check("{a: {b: {c: 1}}} has a.b.c", Ok(true));
        check("{a: {b: {}}} has a.b.c", Ok(false));
        check("{a: {}} has a.b.c", Ok(false));
        check("{a: 1} has a.b", Err(()));
        check("principal has a.b", Ok(false));
    }

    #[test]
    fn is_in_looks_at_the_group_only_if_the_type_matches() {
        check("principal is R in 1", Ok(false));
        check("principal is U in 1", Err(()));
        check("principal is U in [U::\"b\", U::\"a\"]", Ok(true));
    }

    #[test]
    fn lists_of_operands_may_be_long_and_nested() {
        let elements: Vec<String> = (0..70_000).map(|n| format!("[{n}, {{a: {n}}}]")).collect();
        check(&format!("[{}].contains([69999, {{a: 69999}}])", elements.join(",")), Ok(true));
    }

    #[test]
    fn conditions_hold_together_and_in_order() {
        let response = decide("permit(principal, action, resource) when { true } unless { false } when { 1 == 1 };");
        assert_eq!(response.determining(), ["policy0"]);
        let response = decide("permit(principal, action, resource) unless { true } when { 1 };");
        assert!(response.errors().is_empty());
    }

    #[test]
    fn errors_show_the_place_and_the_code() {
        let errors =
            compile_text("t.cedar", "permit(principal, action, resource)\nwhen { foo(1) };").expect_err("unknown");
        let shown = errors.to_string();
        assert!(shown.starts_with("t.cedar:2:8: error["), "{shown}");
    }
}
