//! Coverage in the tracefile format of lcov, as `genhtml` and coverage services read it.
//!
//! A policy is a function, which is hit when it is satisfied. A part is a branch block at its line, with a branch for
//! each point; a line is hit as often as the part of it that is evaluated most.

use std::{collections::BTreeMap, fmt::Write};

use deodar_grammar::Sources;

use super::{Aspect, Coverage, Part, PartKind, PolicyCoverage, Status, by_file};

pub(crate) fn to_lcov(coverage: &Coverage, sources: &Sources) -> String {
    let files = by_file(coverage, sources);
    files.into_iter().map(|(name, _, policies)| file_to_lcov(name, policies, sources)).collect()
}

// Writing to a string cannot fail.
fn file_to_lcov(name: &str, policies: &[PolicyCoverage], sources: &Sources) -> String {
    let mut out = format!("TN:\nSF:{name}\n");
    let (mut functions, mut hit_functions) = (0, 0);
    for policy in policies {
        for (line, id, part) in functions_of(policy, sources) {
            let _ = write!(out, "FN:{line},{id}\nFNDA:{},{id}\n", part.seen.held);
            functions += 1;
            hit_functions += usize::from(part.seen.held > 0);
        }
    }
    let _ = write!(out, "FNF:{functions}\nFNH:{hit_functions}\n");
    let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
    let mut branches: BTreeMap<u32, Vec<&Part>> = BTreeMap::new();
    for part in policies.iter().flat_map(|policy| &policy.parts) {
        let line = sources.position(part.span).line;
        let hits = lines.entry(line).or_default();
        *hits = (*hits).max(part.evaluated());
        branches.entry(line).or_default().push(part);
    }
    let (mut found, mut hit) = (0, 0);
    for (line, parts) in &branches {
        for (block, part) in parts.iter().enumerate() {
            let asked = part.points.iter().filter(|point| !matches!(point.status, Status::Exempt(_)));
            for (branch, point) in asked.enumerate() {
                let taken = taken(part, point.aspect, point.status);
                found += 1;
                hit += usize::from(point.status == Status::Covered);
                // A block that was not evaluated has a dash for all of its branches.
                let taken = if part.evaluated() == 0 { "-".to_owned() } else { taken.to_string() };
                let _ = writeln!(out, "BRDA:{line},{block},{branch},{taken}");
            }
        }
    }
    let _ = write!(out, "BRF:{found}\nBRH:{hit}\n");
    for (line, hits) in &lines {
        let _ = writeln!(out, "DA:{line},{hits}");
    }
    let hit = lines.values().filter(|hits| **hits > 0).count();
    let _ = write!(out, "LF:{}\nLH:{hit}\nend_of_record\n", lines.len());
    out
}

/// The policies and links of a policy, with names that cannot be taken for something else.
fn functions_of<'p>(policy: &'p PolicyCoverage, sources: &Sources) -> Vec<(u32, String, &'p Part)> {
    let function = |part: &'p Part| {
        let id = match &part.kind {
            PartKind::Policy => &policy.id,
            PartKind::Link(id) => id,
            PartKind::Clause(_) | PartKind::Atom(_) => return None,
        };
        let name = id.replace(|c: char| c.is_control() || c == ',', " ");
        Some((sources.position(part.span).line, name, part))
    };
    policy.parts.iter().filter_map(function).collect()
}

fn taken(part: &Part, aspect: Aspect, status: Status) -> u64 {
    match aspect {
        Aspect::Holds => part.seen.held,
        Aspect::HoldsNot => part.seen.not_held,
        Aspect::Fails => part.seen.failed,
        Aspect::Alone => u64::from(status == Status::Covered),
    }
}
