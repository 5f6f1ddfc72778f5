//! The suite of Deodar: the same question to our engine and to the reference implementation, and a comparison.
//!
//! | module | job |
//! |---|---|
//! | [`question`] | what an authorization engine is asked, and what it answers, as plain data |
//! | [`oracle`] | the reference implementation's answers; the only module that names `cedar-policy` |
//! | [`engine`] | Deodar's answers |
//! | [`subject`] | the interface that both have |
//! | [`conformance`] | runs cases in the format of Cedar's integration tests |
//! | [`world`] | generates cases |
//! | [`differential`] | compares the answers of both to a generated case |
//! | [`fault`] | engines with a planted fault, to show that the comparison finds it |
//! | [`run`] | runs many cases, and finds the first that shows a fault |
//! | [`command`] | arguments and output of the binaries that do so |
//! | [`verdict`] | the same for type checkers: cases, comparison and faults |
//!
//! The integration tests (`tests/suite`), the binaries (`conformance`, `differential`, `verdicts`) and the fuzz targets run the
//! functions of this library, so none of them can compare less than the others.

pub mod archive;
pub mod command;
pub mod conformance;
pub mod differential;
pub mod engine;
pub mod fault;
pub mod oracle;
pub mod question;
pub mod run;
pub mod subject;
pub mod verdict;
pub mod world;
