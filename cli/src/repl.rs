//! Expressions and requests, one line after the other, against policies, entities and a schema that stay loaded.
//!
//! A line is a command, which begins with a colon, or an expression. Whatever is wrong with a line is reported, and the
//! next one is read: only `:quit` and the end of the input end it. What is loaded changes only if all of the new can be
//! read.

mod command;
mod line;
mod types;

use deodar_compiler::{Schema, compile_expression};
use deodar_runtime::{Context, Decision, Engine, EntityUid, Program, Request};

use self::command::Command;
pub(crate) use self::line::Lines;
use crate::{
    args::SettingArgs,
    command::evaluate,
    explanation::{Scene, Why},
    input::{Policies, RequestParts, given_entities, parse_expression, read_schema, validated},
    io::Colour,
    render, report,
    session::{Session, Stop},
    setting::Setting,
};

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Line,
    End,
}

/// What is loaded, and the request so far.
#[derive(Debug)]
pub(crate) struct Repl<'a> {
    args: &'a SettingArgs,
    setting: Setting,
    engine: Engine,
    principal: Option<EntityUid>,
    action: Option<EntityUid>,
    resource: Option<EntityUid>,
    /// As it is written; what it means depends on the action.
    context: Option<String>,
}

impl<'a> Repl<'a> {
    pub(crate) fn new(session: &mut Session<'_>, args: &'a SettingArgs) -> Result<Self, Stop> {
        let setting = load(session, args)?;
        let engine = setting.engine(&setting.entities);
        Ok(Self { args, setting, engine, principal: None, action: None, resource: None, context: None })
    }

    /// What is loaded, in a line.
    pub(crate) fn greeting(&self) -> String {
        let schema = if self.setting.shapes().is_some() { "a schema" } else { "no schema" };
        format!(
            "{}, {}, {schema}; :help lists the commands\n",
            crate::output::counted(self.setting.policies.count(), "policy"),
            crate::output::counted(self.setting.entities.len(), "entity")
        )
    }

    /// Words that complete what is being written.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = command::NAMES.iter().map(|(name, ..)| format!(":{name}")).collect();
        words.extend(["principal", "action", "resource", "context"].map(str::to_owned));
        let entities = self.setting.entities.iter().map(|entity| entity.uid().to_string());
        words.extend(entities.take(10_000));
        if let Some(shapes) = self.setting.shapes() {
            words.extend(shapes.entity_types.keys().map(ToString::to_string));
            words.extend(shapes.actions.keys().map(ToString::to_string));
        }
        words.sort();
        words.dedup();
        words
    }

    /// Answers a line: results go to standard output, what is wrong with it to standard error.
    pub(crate) fn answer(&mut self, session: &mut Session<'_>, line: &str) -> std::io::Result<Next> {
        let line = line.trim();
        if line.is_empty() || line.starts_with("//") {
            return Ok(Next::Line);
        }
        let done = match line.strip_prefix(':') {
            Some(rest) => self.command(session, rest),
            None => self.evaluate(session, line),
        };
        let next = match done {
            Ok(next) => next,
            Err(Stop::Output(error)) => return Err(error),
            Err(Stop::Problems | Stop::Invalid | Stop::CannotRun) => Next::Line,
        };
        let problems = std::mem::take(session.problems_mut());
        session.io.flush()?;
        let reports = render::reports(&problems, &session.sources, session.error_format(), &session.io);
        session.io.stderr(&reports)?;
        session.io.flush()?;
        Ok(next)
    }

    fn command(&mut self, session: &mut Session<'_>, line: &str) -> Result<Next, Stop> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let Some(command) = Command::from_name(name) else {
            let names = command::NAMES.iter().map(|(name, ..)| *name);
            return session.stop(report::no_line_command(name, deodar_grammar::closest(name, names)));
        };
        match command {
            Command::Quit => return Ok(Next::End),
            Command::Help => session.io.stdout(&command::help())?,
            Command::Show => session.io.stdout(&self.shown())?,
            Command::Set => self.set(session, rest)?,
            Command::Unset => self.unset(session, rest)?,
            Command::Authorize => self.authorize(session, rest)?,
            Command::Why => self.why(session, rest)?,
            Command::Type => self.type_of(session, rest)?,
            Command::Load => self.load(session, rest)?,
            Command::Policies => {
                let ids = self.engine.program().policies().iter().map(|policy| format!("{}\n", policy.id));
                session.io.stdout(&ids.collect::<String>())?;
            }
        }
        Ok(Next::Line)
    }

    fn shown(&self) -> String {
        let part =
            |name: &str, value: Option<String>| format!("{name:<9} {}\n", value.unwrap_or_else(|| "–".to_owned()));
        let uid = |uid: &Option<EntityUid>| uid.as_ref().map(ToString::to_string);
        part("principal", uid(&self.principal))
            + &part("action", uid(&self.action))
            + &part("resource", uid(&self.resource))
            + &part("context", self.context.clone())
    }

    fn set(&mut self, session: &mut Session<'_>, rest: &str) -> Result<(), Stop> {
        let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let value = value.trim();
        if name == "context" {
            if let Err(error) = Context::from_json(value, None) {
                let source = session.add_source("<context>", value);
                return session.stop(report::input(&error, source, 0));
            }
            self.context = Some(value.to_owned());
            return Ok(());
        }
        let Some(part) = self.part(name) else {
            return session.stop(report::no_request_part(name));
        };
        match value.parse() {
            Ok(uid) => *part = Some(uid),
            Err(error) => return session.stop(report::value_not_an_entity(name, &error)),
        }
        Ok(())
    }

    fn part(&mut self, name: &str) -> Option<&mut Option<EntityUid>> {
        match name {
            "principal" => Some(&mut self.principal),
            "action" => Some(&mut self.action),
            "resource" => Some(&mut self.resource),
            _ => None,
        }
    }

    fn unset(&mut self, session: &mut Session<'_>, name: &str) -> Result<(), Stop> {
        if name == "context" {
            self.context = None;
        } else if let Some(part) = self.part(name) {
            *part = None;
        } else {
            return session.stop(report::no_request_part(name));
        }
        Ok(())
    }

    fn parts(&self, session: &mut Session<'_>) -> Result<RequestParts, Stop> {
        let shapes = self.setting.shapes().zip(self.action.as_ref());
        let text = self.context.as_deref().unwrap_or("{}");
        let context = match Context::from_json(text, shapes) {
            Ok(context) => context,
            Err(error) => {
                let source = session.add_source("<context>", text);
                return session.stop(report::input(&error, source, 0));
            }
        };
        Ok(RequestParts {
            principal: self.principal.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            context,
            has_context: self.context.is_some(),
        })
    }

    /// The request that was set, or that of three entities.
    fn request(&mut self, session: &mut Session<'_>, rest: &str) -> Result<Request, Stop> {
        let words = command::words(rest);
        if !words.is_empty() {
            for (name, word) in ["principal", "action", "resource"].into_iter().zip(&words) {
                self.set(session, &format!("{name} {word}"))?;
            }
        }
        let parts = self.parts(session)?;
        let missing: Vec<&str> = [
            ("principal", parts.principal.is_none()),
            ("action", parts.action.is_none()),
            ("resource", parts.resource.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        let (Some(principal), Some(action), Some(resource)) = (parts.principal, parts.action, parts.resource) else {
            return session.stop(report::request_not_set(&missing));
        };
        let request = Request::new(principal, action, resource, parts.context);
        match validated(request, self.setting.shapes()) {
            Ok(request) => Ok(request),
            Err(error) => session.stop(report::invalid_request(&error)),
        }
    }

    fn authorize(&mut self, session: &mut Session<'_>, rest: &str) -> Result<(), Stop> {
        let request = self.request(session, rest)?;
        let texts = crate::explanation::Texts { sources: &session.sources, sets: &self.setting.policies.sets };
        let explanation = crate::explanation::Explanation::new(&self.engine, &request, texts);
        let text = decision(session, explanation.decision) + "\n" + &explanation.to_text("");
        Ok(session.io.stdout(&text)?)
    }

    fn why(&mut self, session: &mut Session<'_>, rest: &str) -> Result<(), Stop> {
        let (all, rest) = match rest.strip_prefix("--all") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let request = self.request(session, rest.trim())?;
        let scene =
            Scene { policies: &self.setting.policies, sources: &session.sources, schema: self.setting.schema.as_ref() };
        let why = Why::new(&self.engine, &request, scene, all);
        let text = decision(session, why.explanation.decision) + "\n\n" + &why.to_text();
        Ok(session.io.stdout(&text)?)
    }

    fn evaluate(&mut self, session: &mut Session<'_>, line: &str) -> Result<Next, Stop> {
        let source = session.add_source("<line>", line);
        let expression = parse_expression(session, source).ok_or(Stop::Problems)?;
        let parts = self.parts(session)?;
        if let Some((variable, span)) = evaluate::missing(&parts, &expression) {
            return session.stop(report::variable_not_set(variable, span));
        }
        let schema = self.setting.schema.as_ref();
        let request = evaluate::needed_request(session, parts, &expression, schema)?;
        let compiled = match compile_expression(&expression, &session.sources) {
            Ok(compiled) => compiled,
            Err(diagnostics) => {
                session.report_all(diagnostics);
                return Err(Stop::Problems);
            }
        };
        match self.engine.evaluate(&compiled, request.as_ref()) {
            Ok(value) => session.io.stdout(&format!("{value}\n"))?,
            Err(error) => {
                let problem = evaluate::failure(&expression, &error);
                return session.stop(problem);
            }
        }
        Ok(Next::Line)
    }

    fn type_of(&mut self, session: &mut Session<'_>, text: &str) -> Result<(), Stop> {
        let Some(schema) = self.setting.schema.as_ref() else { return session.stop(report::no_schema()) };
        let parts = [&self.principal, &self.action, &self.resource];
        let text = types::of(session, schema, parts, text)?;
        Ok(session.io.stdout(&text)?)
    }

    /// Reads everything anew, or one file or folder in place of what is loaded.
    fn load(&mut self, session: &mut Session<'_>, path: &str) -> Result<(), Stop> {
        let setting = if path.is_empty() { load(session, self.args)? } else { self.load_path(session, path)? };
        self.engine = setting.engine(&setting.entities);
        self.setting = setting;
        Ok(session.io.stdout(&self.greeting())?)
    }

    fn load_path(&self, session: &mut Session<'_>, path: &str) -> Result<Setting, Stop> {
        use crate::{
            args::{PoliciesArgs, SchemaArgs, TextFormat},
            input::{LinksFile, read_policies, text_format},
        };
        let mut schema = self.setting.schema.clone();
        let mut entities = self.setting.entities.clone();
        let mut policies = None;
        if path.ends_with(".cedarschema") || path.ends_with(".cedarschema.json") {
            let args = SchemaArgs { schema: vec![path.to_owned()], schema_format: None };
            schema = Some(read_schema(session, &args).ok_or(Stop::Problems)?);
        } else if text_format(path, None) == TextFormat::Json && !session.io.path(path).is_dir() {
            entities = given_entities(session, Some(path), self.setting.shapes()).ok_or(Stop::Problems)?;
        } else {
            let args = PoliciesArgs { policies: vec![path.to_owned()], policy_format: None, links: None };
            policies = Some(read_policies(session, &args, LinksFile::Required));
        }
        session.stop_on_errors()?;
        let policies = match policies {
            Some(policies) => policies,
            None => self.setting.policies.clone(),
        };
        let program = policies.compile(session).ok_or(Stop::Problems)?;
        Ok(Setting { policies, schema, program, entities })
    }
}

fn decision(session: &Session<'_>, decision: Decision) -> String {
    match decision {
        Decision::Allow => session.io.paint(Colour::Green, "ALLOW"),
        Decision::Deny => session.io.paint(Colour::Red, "DENY"),
    }
}

/// What the flags name; nothing of it if they name nothing, as standard input has the lines.
fn load(session: &mut Session<'_>, args: &SettingArgs) -> Result<Setting, Stop> {
    if session.project.is_some() || !args.policies.policies.is_empty() || args.bundle.bundle.is_some() {
        return Setting::read(session, args);
    }
    let schema = read_schema(session, &args.schema);
    let entities = given_entities(session, args.entities.as_deref(), schema.as_ref().map(Schema::shapes));
    session.stop_on_errors()?;
    let entities = entities.ok_or(Stop::Problems)?;
    Ok(Setting { policies: Policies::default(), schema, program: Program::default(), entities })
}
