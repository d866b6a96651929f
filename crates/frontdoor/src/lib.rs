//! The front door for programs whose SDK reaches a cloud at names that no setting changes: a local
//! certificate authority, and a forward proxy that answers for the clouds' own host names.
