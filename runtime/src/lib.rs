//! The run time of Deodar: a compiled program, entities and a request to a decision.

mod builtin;
mod error;
mod extension;
pub mod instruction;
mod kind;
mod pool;
pub mod program;
pub mod shape;
mod uid;
pub mod verify;

pub use error::{Advice, Arithmetic, EvalError, EvalErrorKind, EvaluateError, Expected, MissingName};
pub use extension::ExtensionProblem;
pub use kind::{FoundKind, Kind};
pub use program::{LinkError, Program, ProgramParts};
pub use shape::Shapes;
pub use uid::{EntityTypeName, EntityUid, InvalidName, InvalidUid};
