//! How fast accelerators are against each other, and by which names they go.
//!
//! Training is bound partly by arithmetic and partly by memory, so the geometric mean of dense
//! half-precision throughput (single precision where a device has no other) and memory bandwidth
//! stands for a device. Both figures are the vendors' data sheets; the catalog carries them with
//! their sources. It is an estimate: a workspace's own history replaces it wherever there is any.

use std::sync::Arc;

/// What data sheets say of one accelerator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceleratorFigures {
    /// Canonical name, as machines carry it.
    pub model: Arc<str>,
    /// Other names for it.
    pub aliases: Vec<Arc<str>>,
    /// Dense 16-bit throughput in billions of operations a second; 32-bit where there is none.
    pub gigaflops: Option<u64>,
    /// Memory bandwidth in megabytes a second.
    pub bandwidth: Option<u64>,
}

impl AcceleratorFigures {
    /// Relative speed, in no particular unit.
    pub(crate) fn speed(&self) -> Option<u64> {
        let product = self.gigaflops?.checked_mul(self.bandwidth?)?;
        Some(product.isqrt()).filter(|&speed| speed > 0)
    }
}

/// Names compare without regard to case and to what joins their parts.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    plain(one) == plain(other)
}

/// The figures of a device by any of its names.
pub(super) fn find<'a>(
    figures: &'a [AcceleratorFigures],
    name: &str,
) -> Option<&'a AcceleratorFigures> {
    let exact = figures
        .iter()
        .find(|it| it.model.eq_ignore_ascii_case(name));
    exact.or_else(|| {
        let mut known = figures.iter();
        known.find(|it| same(&it.model, name) || it.aliases.iter().any(|alias| same(alias, name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_found_by_any_name_and_compared_by_both_figures() {
        let device = |model: &str, alias: &str, gigaflops, bandwidth| AcceleratorFigures {
            model: model.into(),
            aliases: vec![alias.into()],
            gigaflops,
            bandwidth,
        };
        let figures = [
            device("T4", "nvidia-tesla-t4", Some(65_000), Some(320_000)),
            device("A100", "nvidia-a100", Some(312_000), Some(1_555_000)),
            device("U250", "Alveo-U250", None, Some(77_000)),
        ];
        let speed = |name| find(&figures, name).and_then(AcceleratorFigures::speed);
        assert_eq!(speed("t4"), speed("NVIDIA Tesla T4"));
        assert!(speed("A100") > speed("T4"));
        assert_eq!(speed("U250"), None);
        assert!(find(&figures, "abacus").is_none());
    }
}
