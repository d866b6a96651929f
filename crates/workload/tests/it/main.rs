//! The workload file through the public interface: what is understood, how mistakes are told,
//! and that no bytes bring it down.

#[cfg(test)]
mod folder;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod pipelines;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod templates;
