//! The suite: everything that Deodar promises and that needs more than one crate to show.
//!
//! It is one binary because linking the reference implementation takes longer than most of the tests: conformance with
//! the published corpus, the recorded probes of the reference, hostile input, our own cases, workloads, round trips, and
//! the shape of the repository itself.
