//! Inputs of the measurements: applications with policies, entities, links and requests with known answers.
//!
//! They come from `../shared/workloads/workloads.tar.gz`, beside the checkout. Where that is absent there is nothing to
//! measure, and whoever measures says so. This package builds no other engine, so it can count instructions and
//! allocations in a minute.

use std::{collections::BTreeMap, error::Error, fs::File, io::Read, path::PathBuf};

use deodar_compiler::Schema;
use deodar_grammar::{Sources, parse_schema, schema_from_json};
use deodar_runtime::{Context, Engine, Entities, EntityUid, HandleRequest, Program, Request, instruction::Slot};
use serde::Deserialize;

/// One application at one size.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its folder in the archive, as in `gdrive/n50`.
    pub name: String,
    /// Cedar policies.
    pub policies: String,
    /// A schema: JSON, or the Cedar syntax for [`SchemaSyntax::Cedar`].
    pub schema: String,
    /// How the schema is written.
    pub schema_syntax: SchemaSyntax,
    /// Entities in JSON.
    pub entities: String,
    /// Links of templates.
    pub links: Vec<RecordedLink>,
    /// Requests with the answers of the reference.
    pub requests: Vec<RecordedRequest>,
}

/// How a schema is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaSyntax {
    /// JSON.
    Json,
    /// The Cedar syntax.
    Cedar,
}

/// An entity in JSON.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedUid {
    /// The entity type.
    #[serde(rename = "type")]
    pub ty: String,
    /// The id.
    pub id: String,
}

impl RecordedUid {
    /// The name.
    ///
    /// # Errors
    /// The type is not a name.
    pub fn uid(&self) -> Result<EntityUid, Box<dyn Error>> {
        Ok(EntityUid::new(self.ty.parse()?, self.id.as_str()))
    }
}

/// A link of a template.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedLink {
    /// The template.
    pub template: String,
    /// The id of the policy.
    pub id: String,
    /// The value of `?principal`.
    pub principal: Option<RecordedUid>,
    /// The value of `?resource`.
    pub resource: Option<RecordedUid>,
}

impl RecordedLink {
    /// The values of the slots.
    ///
    /// # Errors
    /// A type is not a name.
    pub fn values(&self) -> Result<Vec<(Slot, EntityUid)>, Box<dyn Error>> {
        let slots = [(Slot::Principal, &self.principal), (Slot::Resource, &self.resource)];
        let given = slots.into_iter().filter_map(|(slot, value)| Some((slot, value.as_ref()?)));
        given.map(|(slot, value)| Ok((slot, value.uid()?))).collect()
    }
}

/// A request with its known answer.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedRequest {
    /// Who acts.
    pub principal: RecordedUid,
    /// What it does.
    pub action: RecordedUid,
    /// What it acts on.
    pub resource: RecordedUid,
    /// The circumstances.
    pub context: serde_json::Value,
    /// `Allow` or `Deny`.
    pub decision: String,
    /// The determining policies, in no particular order.
    pub reasons: Vec<String>,
    /// The policies that failed, in no particular order.
    pub errors: Vec<String>,
}

impl RecordedRequest {
    /// The request in JSON, as a service would get it.
    pub fn json(&self) -> String {
        let entity = |uid: &RecordedUid| serde_json::json!({ "type": uid.ty, "id": uid.id });
        let [principal, action, resource] = [&self.principal, &self.action, &self.resource].map(entity);
        let context = &self.context;
        format!(r#"{{"principal":{principal},"action":{action},"resource":{resource},"context":{context}}}"#)
    }

    /// The request for our engine.
    ///
    /// # Errors
    /// A part of it cannot be read.
    pub fn request(&self) -> Result<Request, Box<dyn Error>> {
        let context = Context::from_json(&self.context.to_string(), None)?;
        Ok(Request::new(self.principal.uid()?, self.action.uid()?, self.resource.uid()?, context))
    }
}

/// Every text file of the archive, by path; none, with a notice on standard error, where the inputs are absent.
///
/// # Errors
/// The archive is there and cannot be read.
pub fn archive() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let archive = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/workloads/workloads.tar.gz");
    if !archive.exists() {
        eprintln!("notice: {} is absent; nothing is measured", archive.display());
        return Ok(BTreeMap::new());
    }
    let mut files = BTreeMap::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(File::open(archive)?));
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        if entry.header().entry_type().is_file() {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            files.insert(path, text);
        }
    }
    Ok(files)
}

/// The workload of a folder: `gdrive/n50`, or `pscale/acl-1000`.
///
/// # Errors
/// The archive has no such folder, or a file of it cannot be read.
pub fn workload(files: &BTreeMap<String, String>, name: &str) -> Result<Workload, Box<dyn Error>> {
    let parent = name.split('/').next().unwrap_or(name);
    // The policies of an application lie beside its sizes, those of a family with its entities.
    let find = |file: &str| {
        let paths = [format!("{name}/{file}"), format!("{parent}/{file}")];
        paths.iter().find_map(|path| files.get(path)).cloned()
    };
    let required = |file: &str| find(file).ok_or_else(|| format!("the archive has no {name}/{file}"));
    let (schema, schema_syntax) = match find("schema.json") {
        Some(schema) => (schema, SchemaSyntax::Json),
        None => (required("schema.cedarschema")?, SchemaSyntax::Cedar),
    };
    Ok(Workload {
        name: name.to_owned(),
        policies: required("policies.cedar")?,
        schema,
        schema_syntax,
        entities: required("entities.json")?,
        links: find("links.json").map(|links| serde_json::from_str(&links)).transpose()?.unwrap_or_default(),
        requests: serde_json::from_str(&required("requests.json")?)?,
    })
}

impl Workload {
    /// The program with its links.
    ///
    /// # Errors
    /// The policies or links cannot be read.
    pub fn program(&self) -> Result<Program, Box<dyn Error>> {
        let mut program = deodar_compiler::compile_text(&self.name, &self.policies)?;
        // Links name their template by its `@id`.
        let ids = program
            .templates()
            .iter()
            .map(|template| (template.annotation("id").unwrap_or(&template.id), &template.id));
        let ids: BTreeMap<String, String> = ids.map(|(name, id)| (name.to_owned(), id.to_string())).collect();
        for link in &self.links {
            let template = ids.get(&link.template).ok_or_else(|| format!("there is no template {}", link.template))?;
            program.link(template, &link.id, &link.values()?)?;
        }
        Ok(program)
    }

    /// The schema, which has the hierarchy of actions.
    ///
    /// # Errors
    /// The schema cannot be read.
    pub fn resolved_schema(&self) -> Result<Schema, Box<dyn Error>> {
        let mut sources = Sources::new();
        let source = sources.add("schema", self.schema.as_str());
        let (tree, mut problems) = match self.schema_syntax {
            SchemaSyntax::Json => schema_from_json(&sources, source),
            SchemaSyntax::Cedar => parse_schema(&sources, source),
        };
        let (schema, more) = Schema::resolve(&[tree]);
        problems.extend(more);
        schema.ok_or_else(|| problems.first().map_or_else(String::new, ToString::to_string).into())
    }

    /// The requests in JSON.
    pub fn json_requests(&self) -> Vec<String> {
        self.requests.iter().map(RecordedRequest::json).collect()
    }

    /// The engine, and the requests.
    ///
    /// # Errors
    /// Some input cannot be read.
    pub fn prepare(&self) -> Result<(Engine, Vec<Request>), Box<dyn Error>> {
        let entities = Entities::from_json(&self.entities, Some(self.resolved_schema()?.shapes()))?;
        let requests = self.requests.iter().map(RecordedRequest::request).collect::<Result<_, _>>()?;
        Ok((Engine::new(self.program()?, entities), requests))
    }
}

/// The requests in handles of the engine.
pub fn handle_requests<'r>(engine: &mut Engine, requests: &'r [Request]) -> Vec<HandleRequest<'r>> {
    let handles = requests.iter().map(|request| HandleRequest {
        principal: engine.intern(request.principal()),
        action: engine.intern(request.action()),
        resource: engine.intern(request.resource()),
        context: request.context(),
    });
    handles.collect()
}
