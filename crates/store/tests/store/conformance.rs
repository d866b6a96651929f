//! Every function of the conformance suites on every implementation.

use contracts::store::Store;
use contracts::store::memory::Memory as MemoryStore;
use contracts::store::wrappers::{Faults, Meter, Patience, Retry, Schedule};
use contracts::telemetry::memory::Memory as MemoryTelemetry;
use std::sync::Arc;
use std::time::Duration;

mod store_in_memory {
    contracts::store_conformance!((super::Arc::new(super::MemoryStore::new()), ()));
}

mod store_with_wrappers {
    contracts::store_conformance!((super::wrapped(), ()));
}

/// The reference behind all wrappers.
fn wrapped() -> Arc<dyn Store> {
    let faults = Faults::new(Arc::new(MemoryStore::new()), Schedule::Never);
    let retry = Retry::new(Arc::new(faults), Patience::default());
    Arc::new(Meter::new(Arc::new(retry), Arc::new(|| Duration::ZERO)))
}

mod store_in_sqlite {
    contracts::store_conformance!(crate::support::sqlite().await);
}

mod store_in_sqlite_with_remembered_rows {
    contracts::store_conformance!(crate::support::remembering().await);
}

mod store_in_postgres {
    contracts::store_conformance!(crate::support::postgres().await);
}

mod telemetry_in_memory {
    contracts::telemetry_conformance!((super::Arc::new(super::MemoryTelemetry::new()), ()));
}

mod telemetry_in_sqlite {
    contracts::telemetry_conformance!(crate::support::sqlite().await);
}

mod telemetry_in_postgres {
    contracts::telemetry_conformance!(crate::support::postgres().await);
}
