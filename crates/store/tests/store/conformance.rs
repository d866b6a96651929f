//! Every function of the conformance suites on every implementation.

use contracts::store::memory::Memory as MemoryStore;
use contracts::telemetry::memory::Memory as MemoryTelemetry;
use std::sync::Arc;

mod store_in_memory {
    contracts::store_conformance!((super::Arc::new(super::MemoryStore::new()), ()));
}

mod store_in_sqlite {
    contracts::store_conformance!(crate::support::sqlite().await);
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
