//! What validates does not fail at run time.
