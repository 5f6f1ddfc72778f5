//! A generated case: a schema, policies of which some are broken, links, and the ways to check them.

use std::collections::BTreeSet;

use arbitrary::Unstructured;

use super::{Mode, Options, Question, generate, mutate, policy::Policy, schema};
use crate::{
    oracle,
    question::{Document, Link},
    run::halves,
    world::{Random, schema as syntax},
};

/// A case.
#[derive(Debug, Clone)]
pub struct World {
    /// The schema in the Cedar syntax.
    pub schema: String,
    /// The policies and templates.
    pub policies: Vec<Policy>,
    /// The links of the templates.
    pub links: Vec<Link>,
    /// The ways to check them.
    pub options: Vec<Options>,
    /// Whether the policies are given in the JSON syntax.
    pub json_policies: bool,
    /// Whether the schema is given in the JSON syntax.
    pub json_schema: bool,
    /// What was done to the policies.
    pub mutations: BTreeSet<&'static str>,
}

impl World {
    /// The case that these bytes stand for.
    pub fn generate(bytes: &[u8]) -> Self {
        let [mut shared, mut own] = halves(bytes);
        Self::generate_with_schema(&mut shared, &mut own).0
    }

    /// The case of these bytes, those of the schema and those of all else, and its schema as a tree.
    pub fn generate_with_schema(shared: &mut Unstructured<'_>, own: &mut Unstructured<'_>) -> (Self, syntax::Schema) {
        let (shared, random) = (&mut Random::new(shared), &mut Random::new(own));
        let tree = schema::generate(shared);
        let mut schema = syntax::print(shared, &tree);
        let (mut policies, mut links) = (Vec::new(), Vec::new());
        let mut mutations = BTreeSet::new();
        for index in 0..random.between(1, 4) {
            let mut policy = generate::policy(random, &tree);
            for _ in 0..random.weighted(&[40, 48, 12]) {
                mutations.extend(mutate::mutate(random, &tree, &mut policy));
            }
            generate::links(random, &tree, &policy, &format!("policy{index}"), &mut links);
            policies.push(policy);
        }
        if random.permille(25) {
            mutations.insert("external declaration");
            let declaration = *random.pick(&["external entity Elsewhere;\n", "external action \"elsewhere\";\n"]);
            schema.push_str(declaration);
        }
        let case = Self {
            schema,
            policies,
            links,
            options: options(random),
            json_policies: random.percent(20),
            json_schema: random.percent(20),
            mutations,
        };
        (case, tree)
    }

    /// The text of all policies.
    pub fn policy_text(&self) -> String {
        self.policies.iter().map(Policy::to_string).collect()
    }

    /// What both checkers are asked.
    pub fn question(&self) -> Question {
        let mut question = Question {
            policies: Document::cedar(self.policy_text()),
            links: self.links.clone(),
            schema: Document::cedar(self.schema.clone()),
            options: self.options.clone(),
        };
        if self.json_policies
            && let Ok(json) = oracle::policies_to_json(&question.policies, &self.links)
        {
            question.policies = Document::json(json.to_string());
            question.links.clear();
        }
        if self.json_schema
            && let Ok(json) = oracle::schema_to_json(&question.schema)
        {
            question.schema = Document::json(json.to_string());
        }
        question
    }
}

/// Always both modes, and a level in most cases; all levels in a few.
fn options(random: &mut Random<'_, '_>) -> Vec<Options> {
    let mut all = vec![Options::STRICT, Options { mode: Mode::Permissive, level: None }];
    let mode = if random.percent(75) { Mode::Strict } else { Mode::Permissive };
    match random.weighted(&[30, 62, 8]) {
        0 => {}
        1 => {
            let level = u32::try_from(random.weighted(&[22, 28, 20, 14, 9, 7])).ok();
            all.push(Options { mode, level });
        }
        _ => all.extend((0..6).map(|level| Options { mode, level: Some(level) })),
    }
    all
}
