//! Functions: what callers ask of them, how versions are made ready, and how asynchronous calls
//! and schedules are carried out. Calls are resolved from rows, so every server of an installation
//! answers for every function.

mod activate;
mod arn;
mod call;
mod cron;
mod delete_alias;
mod delete_function;
mod delete_function_version;
mod events;
mod follow;
mod freeze;
mod happenings;
mod invoke_function;
mod invoke_function_later;
mod objects;
mod publish_function_version;
mod put_alias;
mod put_function;
mod queries;
mod resolve;
mod route;
mod rows;
mod schedules;
mod serve_http;

pub use call::EventCall;
pub use events::make_calls;
pub use put_alias::NewAlias;
pub use put_function::Presence;
pub use serve_http::HttpCall;
