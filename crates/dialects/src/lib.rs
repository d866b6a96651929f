//! The foreign and native APIs that Tradewind answers. A dialect translates and decides nothing:
//! it parses, calls one command or query, and renders.

pub mod native;
