//! The encryption context as bytes: its pairs in the order of their names, each with its length
//! before it, so that no two contexts have the same form.

use std::collections::BTreeMap;

/// An encryption context.
pub(super) type Context = BTreeMap<String, String>;

/// What marks ciphertexts of this API, so that they cannot be passed off as others of the ring.
const MARK: &[u8] = b"aws kms 1";

/// The form of a context that is bound to a ciphertext.
pub(super) fn bytes(context: &Context) -> Vec<u8> {
    let mut all = MARK.to_vec();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_contexts_are_alike() {
        let context = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            bytes(&pairs.collect())
        };
        assert_ne!(context(&[("a", "bc")]), context(&[("ab", "c")]));
        assert_ne!(context(&[("a", "b"), ("c", "d")]), context(&[("a", "bcd")]));
        assert_eq!(
            context(&[("a", "b"), ("c", "d")]),
            context(&[("c", "d"), ("a", "b")])
        );
    }
}
