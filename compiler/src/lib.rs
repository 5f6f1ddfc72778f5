//! The compiler of Deodar: policies and schemas to a program that the run time decides with.

mod compile;
mod lower;
mod pool;
mod report;

pub use compile::{compile, compile_expression};
pub use report::codes;
