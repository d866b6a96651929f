//! No bytes bring the reader down: the fuzz target's rule under stable `cargo test`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tradewind_workload::{Error, parse};

fn read(bytes: &[u8]) -> Result<(), String> {
    match parse(bytes, "tradewind.yaml", None, &BTreeMap::new()) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.trim().is_empty());
            assert!(text.len() < 40_000, "{} bytes of error", text.len());
            if let Error::Mistakes(mistakes) = error {
                assert!(!mistakes.found.is_empty());
            }
            Err(text)
        }
    }
}

fn refused(bytes: &[u8], word: &str) {
    let started = Instant::now();
    let text = read(bytes).unwrap_err();
    assert!(text.contains(word), "{text}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        started.elapsed()
    );
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_no_text_is_refused() {
    refused(
        b"name: a\nscript: \xff\xfe",
        "tradewind.yaml:2:9: the file is not UTF-8 here",
    );
    refused(b"name: a\0b", "NUL");
    refused(b"", "an empty file");
    refused(b"# only a comment\n", "an empty file");
    refused(b"[1, 2]", "found a list");
    refused(b"\xef\xbb\xbfname: a\nscrip: x", "tradewind.yaml:2:1");
    refused(b"name: a\n---\nname: b", "one document");
    refused(&vec![b'a'; 2 << 20], "bytes, which is no workload file");
    refused("name: ".repeat(100).as_bytes(), "tradewind.yaml:1");
}

#[test]
fn deep_nesting_and_alias_bombs_are_refused() {
    refused("[".repeat(100_000).as_bytes(), "");
    refused("{a: ".repeat(10_000).as_bytes(), "");
    refused("- ".repeat(10_000).as_bytes(), "");
    refused(
        format!(
            "name: a\nparameters: {{x: {}1{}}}",
            "[".repeat(60),
            "]".repeat(60)
        )
        .as_bytes(),
        "",
    );
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let aliases = vec![format!("*{from}"); 9].join(", ");
        bomb.push_str(&format!("{to}: &{to} [{aliases}]\n"));
    }
    refused(bomb.as_bytes(), "nested too deeply");
    refused(b"a: &a [*a]", "");
    let wide = lines(9_000, |at| format!("k{at}: 1"));
    refused(wide.as_bytes(), "more mistakes");
    let wider = lines(11_000, |at| format!("  k{at}: 1"));
    refused(
        format!("name: a\nenv:\n{wider}").as_bytes(),
        "`env` has more than 10000 keys",
    );
    let long = format!("name: a\noutputs: [{}]", "a, ".repeat(11_000));
    refused(long.as_bytes(), "`outputs` has more than 10000 elements");
    let expression = format!("name: a\nscript: x.py\nenv: {{A: '{}'}}", "${".repeat(5000));
    refused(expression.as_bytes(), "");
    let next = |at| (at + 1) % 900;
    let cycle = lines(900, |at| {
        format!("  s{at}: {{command: x, needs: s{}}}", next(at))
    });
    refused(
        format!("name: a\nsteps:\n{cycle}").as_bytes(),
        "wait for each other",
    );
}

/// Texts of the kind that this file is made of.
fn fragment() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "name",
        "script",
        "command",
        "steps",
        "parameters",
        "environment",
        "inputs",
        "outputs",
        "hyperparameters",
        "resources",
        "limits",
        "policy",
        "env",
        "model",
        "endpoint",
        "for-each",
        "items",
        "condition",
        "if",
        "then",
        "register",
        "from",
        "deploy",
        "needs",
        "job",
        "cpus",
        "memory",
        "retries",
        "sample",
        "payload",
        "predict",
        "fail",
        "as",
        "metrics",
        "regex",
    ]);
    let value = prop::sample::select(vec![
        "a",
        "1",
        "true",
        "~",
        "[]",
        "{}",
        "[a, b]",
        "${parameters.x}",
        "'${steps.a.model}'",
        "${item}",
        "16GiB+",
        "2h",
        "20 USD",
        "&x 1",
        "*x",
        "|",
        "'",
        "\"",
        "${",
        "}",
        "é",
        "\t",
        "steps.a.metrics.b > 1",
        "'([0-9]'",
        "-1",
        "1e400",
        ".nan",
        "!!binary x",
        "!t y",
    ]);
    (0..6_usize, known, value)
        .prop_map(|(indent, key, value)| format!("{}{key}: {value}\n", "  ".repeat(indent)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn random_texts_never_panic(text in "[ -~\né\t]{0,200}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn likely_files_never_panic(fragments in prop::collection::vec(fragment(), 0..14), steps in any::<bool>()) {
        let head = if steps { "name: a\nsteps:\n  a: {command: x}\n" } else { "name: a\n" };
        let _ = read(format!("{head}{}", fragments.concat()).as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(at in any::<prop::sample::Index>(), with in "[ -~\n]{0,4}", cut in 0..8_usize) {
        let whole = "name: d\nparameters: {n: [1, 2]}\nsteps:\n  a:\n    for-each: {items: \"${parameters.n}\", as: k}\n    job: {command: [x, \"${k}\"], resources: {cpus: 4+}}\n  b:\n    condition: {if: \"not (steps.a.metrics.m == 1)\", then: [c]}\n  c: {fail: {message: \"${steps.a.best(m, min)}\"}}\n";
        prop_assert_eq!(read(whole.as_bytes()), Ok(()));
        let at = at.index(whole.len());
        let end = (at + cut).min(whole.len());
        let _ = read(format!("{}{with}{}", &whole[..at], &whole[end..]).as_bytes());
    }
}
