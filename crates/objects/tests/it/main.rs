//! The embedded object store from outside.

#[cfg(test)]
mod conditions;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod multipart;
#[cfg(test)]
mod resolve;
#[cfg(test)]
mod setting;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod watched;
