//! Packing and unpacking through the public interface, and every trick that must be refused.

#[cfg(test)]
mod build;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod packing;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod unpacking;
