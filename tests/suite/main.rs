//! The suite: everything that Deodar promises and that needs more than one crate to show.
//!
//! It is one binary because linking the reference implementation takes longer than most of the tests.
//!
//! | module | shows |
//! |---|---|
//! | `conformance` | Cedar's integration tests pass, and the run notices when one does not |
//! | `probes` | inputs and values recorded from the reference are accepted, rejected and valued alike |
//! | `cases` | what that corpus lacks: the cases in `tests/cases`, confirmed by the reference in the same run |
//! | `differences` | where we are known to differ from the reference, until we do not |
//! | `differential` | generated cases get the same answers from the reference |
//! | `verdicts` | generated policies get the verdict of the reference, and do not fail once they validate |
//! | `rules` | the rules of the checker, one condition a line, hold for the reference too |
//! | `linking` | fragments of a schema that declare what others define link alike |
//! | `workloads` | the recorded decisions of whole applications |
//! | `roundtrip` | printing, formatting, JSON, order and explanations keep the meaning |
//! | `torture` | hostile input on a small stack: it works, or a diagnostic states the limit |
//! | `tidy` | the shape of the repository itself |
//!
//! What needs files from outside of the repository (`../shared`) says so and passes where they are absent; with
//! `DEODAR_REQUIRE_SHARED=1` their absence is a failure.

mod cases;
mod conformance;
mod differences;
mod differential;
mod linking;
mod probes;
mod roundtrip;
mod rules;
mod shared;
mod tidy;
mod torture;
mod verdicts;
mod workloads;
