//! Checkers with a planted fault.
