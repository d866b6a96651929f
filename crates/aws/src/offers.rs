//! The catalog of offers, as the server has it.

use domain::offer::OfferTable;
use std::fmt;
use std::sync::{Arc, LazyLock};

type Read = Box<dyn FnOnce() -> Option<Arc<OfferTable>> + Send>;

/// What can be had and for how much; read when it is first asked for, because most programs never
/// do.
#[derive(Clone)]
pub struct Offers(Arc<LazyLock<Option<Arc<OfferTable>>, Read>>);

impl Offers {
    /// Those that `read` gives; nothing when there are none to be had.
    pub fn new(read: impl FnOnce() -> Option<Arc<OfferTable>> + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(read))))
    }

    /// The table, if there is one.
    pub(crate) fn table(&self) -> Option<Arc<OfferTable>> {
        (**self.0).clone()
    }
}

impl fmt::Debug for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offers").finish_non_exhaustive()
    }
}
