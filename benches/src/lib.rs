//! Inputs of the benches: applications with policies, a schema, entities and requests with known answers.
//!
//! They come from `../shared/workloads/workloads.tar.gz`, beside the checkout. Where that is absent the benches have
//! nothing to measure and say so. Both engines get the same texts, and their answers are compared before anything is
//! timed.

pub mod families;

use std::{collections::BTreeMap, error::Error, fs::File, io::Read, path::PathBuf};

use serde::Deserialize;

/// One application at one size.
#[derive(Debug)]
pub struct Workload {
    /// Application and size, as in `gdrive/n50`.
    pub name: String,
    /// Cedar policies.
    pub policies: String,
    /// A schema in the JSON syntax.
    pub schema: String,
    /// Entities in JSON.
    pub entities: String,
    /// Requests with the answers of the reference.
    pub requests: Vec<Request>,
}

/// An entity in JSON.
#[derive(Debug, Deserialize)]
pub struct Entity {
    /// The entity type.
    #[serde(rename = "type")]
    pub ty: String,
    /// The id.
    pub id: String,
}

/// A request with its known answer.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Who acts.
    pub principal: Entity,
    /// What it does.
    pub action: Entity,
    /// What it acts on.
    pub resource: Entity,
    /// The circumstances.
    pub context: serde_json::Value,
    /// `Allow` or `Deny`.
    pub decision: String,
    /// The determining policies.
    pub reasons: Vec<String>,
}

/// The static applications whose benches are quoted: no template links.
pub const APPLICATIONS: &[&str] = &["gdrive", "github", "tinytodo"];

/// The applications at a size, as in `n50`; empty, with a notice on standard error, where the inputs are absent.
///
/// # Errors
/// The archive is there and cannot be read.
pub fn workloads(size: &str) -> Result<Vec<Workload>, Box<dyn Error>> {
    let archive = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/workloads/workloads.tar.gz");
    if !archive.exists() {
        eprintln!("notice: {} is absent; nothing is measured", archive.display());
        return Ok(Vec::new());
    }
    let mut files = BTreeMap::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(File::open(archive)?));
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        if APPLICATIONS.iter().any(|app| path.starts_with(&format!("{app}/"))) {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            files.insert(path, text);
        }
    }
    APPLICATIONS.iter().map(|app| workload(&mut files, app, size)).collect()
}

fn workload(files: &mut BTreeMap<String, String>, app: &str, size: &str) -> Result<Workload, Box<dyn Error>> {
    let mut take = |path: String| files.remove(&path).ok_or(format!("the archive has no {path}"));
    Ok(Workload {
        name: format!("{app}/{size}"),
        policies: take(format!("{app}/policies.cedar"))?,
        schema: take(format!("{app}/schema.json"))?,
        entities: take(format!("{app}/{size}/entities.json"))?,
        requests: serde_json::from_str(&take(format!("{app}/{size}/requests.json"))?)?,
    })
}
