//! The run time of Deodar: a compiled program, entities and a request to a decision.

mod builtin;
mod decode;
mod disassemble;
mod engine;
mod entities;
mod error;
mod explain;
mod extension;
mod input;
pub mod instruction;
mod kind;
mod link;
mod pool;
pub mod program;
mod request;
mod response;
pub mod shape;
mod uid;
mod value;
pub mod verify;
mod vm;

pub use disassemble::{disassemble, disassemble_expression};
pub use engine::Engine;
pub use entities::{Entities, Entity, EntityRef};
pub use error::{Advice, Arithmetic, EvalError, EvalErrorKind, EvaluateError, Expected, MissingName};
pub use explain::{Explanation, Outcome, PolicyExplanation, Reason, ScopePart};
pub use extension::{ExtensionProblem, check_constructor};
pub use input::{InputCode, InputError};
pub use kind::{FoundKind, Kind};
pub use program::{LinkError, Program, ProgramParts};
pub use request::{Context, Request};
pub use response::{Decision, PolicyError, Response};
pub use shape::Shapes;
pub use uid::{EntityTypeName, EntityUid, InvalidName, InvalidUid};
pub use value::{Value, ValueRef};
