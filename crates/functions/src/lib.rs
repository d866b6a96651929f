//! Functions: user code and a handler behind HTTP, in the forms of three clouds.
