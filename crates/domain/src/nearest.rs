//! What a mistyped name was probably meant to be.

/// The known names closest to `wanted`, best first, at most three; empty when nothing is close.
///
/// Case, spaces and dashes do not count. Closeness is the Jaro-Winkler similarity, at least 0.75,
/// or containment of one name in the other; ties are broken by name, so the answer is the same on
/// every machine.
pub fn nearest_names<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(wanted);
    if wanted.is_empty() || wanted.len() > 200 {
        return Vec::new();
    }
    let mut scored: Vec<(u32, &str)> = Vec::new();
    for name in known {
        let candidate = plain(name);
        let mut score = (strsim::jaro_winkler(&wanted, &candidate) * 10_000.0) as u32;
        let contained = candidate.contains(&wanted) || wanted.contains(&candidate);
        if contained && !candidate.is_empty() {
            score = score.max(9_000);
        }
        if score >= 7_500 {
            scored.push((score, name));
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup();
    scored.truncate(3);
    scored.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest_names;

    #[test]
    fn finds_what_was_meant() {
        let known = ["H100", "H200", "A100", "A100-80GB", "T4", "L40S"];
        assert_eq!(
            nearest_names("a100 80gb", known.into_iter())[0],
            "A100-80GB"
        );
        assert_eq!(nearest_names("L40", known.into_iter())[0], "L40S");
        assert!(nearest_names("H10", known.into_iter()).contains(&"H100"));
        assert!(nearest_names("zebra", known.into_iter()).is_empty());
        assert!(nearest_names("", known.into_iter()).is_empty());
    }
}
