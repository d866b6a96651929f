//! The catalog as its users meet it: embedded, refreshed from servers, damaged.

#[cfg(test)]
mod embedded;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vendors;
