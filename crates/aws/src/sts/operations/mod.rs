//! One operation a file; this is their table.

crate::operation::operations! {
    assume_role::AssumeRole,
    get_access_key_info::GetAccessKeyInfo,
    get_caller_identity::GetCallerIdentity,
    get_session_token::GetSessionToken,
}
