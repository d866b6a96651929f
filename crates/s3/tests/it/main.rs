//! The service through real HTTP on loopback, with requests signed by a signer of the tests' own,
//! so that the server's checks are held against a second reading of the specification.

#[cfg(test)]
mod access;
#[cfg(test)]
mod any;
#[cfg(test)]
mod anything;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod buckets;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod customer_keys;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod multipart;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod setting;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod versions;
