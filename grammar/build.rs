//! Turns the grammars (`src/*.lalrpop`) into parsers.
//!
//! Nothing else happens at build time: the tables of the language are Rust tables.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    lalrpop::Configuration::new().emit_rerun_directives(true).process_dir("src")
}
