//! The shape of the repository itself: what we agreed on and a compiler does not check.
//!
//! Each list of exceptions may only shrink.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::shared::repository;

/// Files over the limit of lines, with the lines of code that they may have.
const LONG_FILES: &[(&str, usize)] = &[("grammar/lexicon/src/json/read.rs", 510)];

const LINES: usize = 500;

/// The tracked files whose name ends so.
fn tracked(end: &str) -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(repository()).output().expect("git");
    assert!(output.status.success() && output.stdout.len() > 1_000, "the files of the repository: {output:?}");
    let names = String::from_utf8(output.stdout).expect("names");
    let names = names.split('\0').filter(|name| !name.is_empty() && name.ends_with(end));
    names.map(|name| repository().join(name)).filter(|path| path.exists()).collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap_or(path).to_string_lossy().into_owned()
}

/// What each package of the workspace depends on: in use, and for its tests.
fn dependencies() -> BTreeMap<String, [BTreeSet<String>; 2]> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(repository()).output().expect("cargo");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let names = |package: &Value, kinds: &[&str]| -> BTreeSet<String> {
        let all = package["dependencies"].as_array().expect("dependencies").iter();
        let wanted = all.filter(|dependency| kinds.contains(&dependency["kind"].as_str().unwrap_or("normal")));
        wanted.map(|dependency| dependency["name"].as_str().expect("a name").to_owned()).collect()
    };
    let package = |package: &Value| {
        let name = package["name"].as_str().expect("a name").to_owned();
        (name, [names(package, &["normal", "build"]), names(package, &["dev"])])
    };
    packages.iter().map(package).collect()
}

#[test]
fn dependencies_point_in_the_agreed_directions() {
    const OURS: &[(&str, &[&str])] = &[
        ("deodar-lexicon", &[]),
        ("deodar-grammar", &["deodar-lexicon"]),
        ("deodar-runtime", &["deodar-lexicon"]),
        ("deodar-compiler", &["deodar-lexicon", "deodar-grammar", "deodar-runtime"]),
        ("deodar-stdlib", &["deodar-lexicon", "deodar-runtime"]),
        ("deodar-cli", &["deodar-lexicon", "deodar-grammar", "deodar-runtime", "deodar-compiler", "deodar-stdlib"]),
    ];
    let found = dependencies();
    let (tests, benches) = ("deodar-tests", "deodar-benches");
    let known = OURS.iter().map(|(name, _)| *name).chain([tests, benches, "deodar-budget"]);
    let known: BTreeSet<_> = known.collect();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "the packages");
    for (name, allowed) in OURS {
        let [used, _] = &found[*name];
        let ours: Vec<_> = used.iter().filter(|other| other.starts_with("deodar-")).collect();
        assert!(ours.iter().all(|other| allowed.contains(&other.as_str())), "{name} depends on {ours:?}");
    }
    for (package, all) in &found {
        let names = |name: &str| all.iter().any(|names| names.contains(name));
        assert!(
            !names("cedar-policy") || [tests, benches].contains(&package.as_str()),
            "{package} names the reference"
        );
        assert!(!names("clap") || package == "deodar-cli", "{package} reads a command line");
        assert!(!names(tests) && !names(benches), "{package} depends on tests");
    }
}

/// The lines of code: neither blank nor comments, without the module of tests at the end.
fn lines_of_code(text: &str) -> usize {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[test]
fn files_say_their_job_and_are_short() {
    let files = tracked(".rs");
    let mut wrong = Vec::new();
    for path in &files {
        let (name, text) = (relative(path), fs::read_to_string(path).expect("text"));
        if !text.starts_with("//!") {
            wrong.push(format!("{name} does not open with `//!`"));
        }
        let (lines, exception) = (lines_of_code(&text), LONG_FILES.iter().find(|(file, _)| *file == name));
        match exception {
            None if lines > LINES => wrong.push(format!("{name} has {lines} lines of code, more than {LINES}")),
            Some((_, before)) if lines > *before => {
                wrong.push(format!("{name} had {before} lines of code and has {lines}"));
            }
            Some(_) if lines <= LINES => wrong.push(format!("{name} is no exception any more")),
            None | Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (file, _) in LONG_FILES {
        assert!(files.iter().any(|path| relative(path) == *file), "{file} is gone");
    }
}

fn readme() -> String {
    fs::read_to_string(repository().join("README.md")).expect("the README")
}

#[test]
fn the_readme_states_every_limit() {
    let text = readme();
    let rows = text.split("| limit | value |").nth(1).expect("the table of limits").lines().skip(2);
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).collect();
    let expected = deodar_lexicon::limits::ALL.iter().map(|limit| {
        let digits = limit.value.to_string();
        let mut value = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                value.push(',');
            }
            value.push(digit);
        }
        format!("| `{}` | {value} {} | {} |", limit.name, limit.unit, limit.purpose.trim())
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

#[test]
fn the_readme_names_commands_that_exist() {
    let arguments = fs::read_to_string(repository().join("cli/src/args.rs")).expect("the arguments of the command");
    let kebab = |name: &str| -> String {
        let mut text = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !text.is_empty() {
                text.push('-');
            }
            text.extend(c.to_lowercase());
        }
        text
    };
    let variants = arguments.lines().filter_map(|line| {
        let line = line.trim();
        let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
        let rest = &line[name.len()..];
        (name.starts_with(char::is_uppercase) && [",", "(", " {"].iter().any(|next| rest.starts_with(next)))
            .then(|| kebab(&name))
    });
    let known: BTreeSet<_> = variants.chain(["help".to_owned()]).collect();
    let text = readme();
    let table = text.split("| command | does |").nth(1).expect("the table of commands").lines().skip(2);
    let cells = table.take_while(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(1));
    let mut named: BTreeSet<String> =
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    assert!(named.len() >= 10, "{named:?}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("deodar "));
    let words = lines.flat_map(|line| line.split("&& deodar ").map(|part| part.split(' ').next().unwrap_or_default()));
    named.extend(words.map(str::to_owned));
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "the README names {unknown:?}; there are {known:?}");
}

#[test]
fn diagnostic_codes_stand_once_in_the_project() {
    let codes = deodar_grammar::codes().chain(deodar_compiler::codes()).map(|code| code.name);
    let codes = codes.chain(deodar_runtime::InputCode::ALL.iter().map(|code| code.name()));
    let mut seen = BTreeSet::new();
    for code in codes {
        assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code} is not in kebab case");
        assert!(seen.insert(code), "{code} stands twice");
    }
    assert!(seen.len() > 100, "only {} codes", seen.len());
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let roots = ["work", "home", "Users", "root", "tmp"].map(|root| format!("/{root}/"));
    let mut found = Vec::new();
    for path in tracked("") {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let machine = |root: &String| {
                line.match_indices(root.as_str()).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    before.is_none_or(|c| !c.is_alphanumeric() && !"./-_}$".contains(c))
                })
            };
            if roots.iter().any(machine) {
                found.push(format!("{}:{}: {line}", relative(&path), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
