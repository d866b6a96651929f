//! Tests of the dialect as others see it.

mod coverage_page;
