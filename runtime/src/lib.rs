//! The run time of Deodar: a compiled program, entities and a request to a decision.

mod extension;
pub mod instruction;
mod pool;
pub mod program;
pub mod shape;
mod uid;
pub mod verify;

pub use program::{LinkError, Program, ProgramParts};
pub use shape::Shapes;
pub use uid::{EntityTypeName, EntityUid, InvalidName, InvalidUid};
