//! Problems with compiled policies.

use deodar_runtime::BundleError;

use super::pages;
use crate::problem::PlainProblem;

/// A bundle that the run time refuses.
pub(crate) fn bundle(path: &str, error: &BundleError) -> PlainProblem {
    let code = pages::code_of_bundle(error.code());
    PlainProblem::new(code, format!("`{path}`: {error}")).with_help(error.help())
}
