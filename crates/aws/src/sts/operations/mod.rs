//! One operation a file; this is their table.

crate::operation::operations! {
    get_caller_identity::GetCallerIdentity,
}
