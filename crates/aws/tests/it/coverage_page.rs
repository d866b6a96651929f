//! The coverage page says what the code does: it is made of the same tables. With
//! `TRADEWIND_WRITE_PAGES=1` the test writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use tradewind_aws::{Coverage, coverage};

const HEAD: &str = "\
# Operations of AWS

Made by a test (`TRADEWIND_WRITE_PAGES=1 cargo test -p tradewind-aws coverage_page`) of the tables that
the server answers by. What is not served is refused with that service's own error and this reason.

";

#[test]
fn the_page_is_what_is_served() {
    let mut by_service: BTreeMap<&str, Vec<Coverage>> = BTreeMap::new();
    for one in coverage() {
        by_service.entry(one.service).or_default().push(one);
    }
    let mut page = HEAD.to_owned();
    let _ = writeln!(page, "| service | served | refused |\n|---|---|---|");
    for (service, all) in &by_service {
        let served = all.iter().filter(|one| one.refused.is_none()).count();
        let _ = writeln!(page, "| {service} | {served} | {} |", all.len() - served);
    }
    for (service, all) in &by_service {
        let _ = writeln!(page, "\n## {service}\n");
        let served: Vec<String> = all
            .iter()
            .filter(|one| one.refused.is_none())
            .map(|one| format!("`{}`", one.operation))
            .collect();
        let _ = writeln!(page, "Served: {}.\n", served.join(", "));
        let mut refused: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in all {
            if let Some(reason) = &one.refused {
                let names = refused.entry(reason).or_default();
                names.push(format!("`{}`", one.operation));
            }
        }
        if !refused.is_empty() {
            let _ = writeln!(page, "| refused, because | operations |\n|---|---|");
        }
        for (reason, names) in refused {
            let _ = writeln!(page, "| {reason} | {} |", names.join(", "));
        }
    }
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/aws-coverage.md");
    if std::env::var_os("TRADEWIND_WRITE_PAGES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        present == page,
        "{} is not what is served; write it anew with TRADEWIND_WRITE_PAGES=1",
        path.display()
    );
}
