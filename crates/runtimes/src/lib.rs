//! How user code is started on a machine, watched, limited, stopped and recorded.
//!
//! A ticket has a folder. [`Launch`] in it says what to run; [`supervisor::supervise`] runs it as a
//! small process of its own, so that the server may die in the middle, and leaves behind what
//! [`record`] describes. Nothing here knows the server, the store or the network: whoever can
//! write a folder and start a process can run a job, which is what the local provider does and
//! what a machine of a cluster can do too.

pub mod confinement;
pub mod control_group;
pub mod environments;
pub mod error;
pub mod files;
pub mod launch;
pub mod layout;
pub mod printed;
pub mod process;
pub mod record;
pub mod scripts;
pub mod supervisor;
pub mod surroundings;

pub use error::Error;
pub use launch::Launch;
pub use layout::Layout;
pub use surroundings::Surroundings;
