//! How the binary is linked.

/// Each job is two starts of this program, its supervisor and the stage that becomes user code. A
/// position-independent program of this size first has some ten thousand addresses in its data
/// corrected, page by page; one with fixed addresses begins at once. Libraries, heap and stack are
/// still placed at random.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    if of("CARGO_CFG_TARGET_OS") == "linux" && of("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
