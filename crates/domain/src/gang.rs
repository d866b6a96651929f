//! The hosts of a job that runs on several machines, and whose line of its log is whose.

/// The names of a gang's hosts, as SageMaker gives them: `algo-1`, `algo-2`, …
pub fn hosts(number: u32) -> Vec<String> {
    (1..=number.max(1)).map(|n| format!("algo-{n}")).collect()
}

/// A line that a host printed, as it is in the log of the whole job.
pub fn line_of(host: &str, text: &str) -> String {
    format!("[{host}] {text}")
}

/// The host and the text of such a line; `None` for a line about the whole job. What a host
/// prints has its name before it, so that none can speak for another.
pub fn read_line(line: &str) -> Option<(&str, &str)> {
    let (host, text) = line.strip_prefix('[')?.split_once("] ")?;
    let number = host.strip_prefix("algo-")?;
    let good = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    good.then_some((host, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart_as_they_were_put_together() {
        for text in ["", "hello", "[algo-2] forged", " [x] y"] {
            assert_eq!(read_line(&line_of("algo-1", text)), Some(("algo-1", text)));
        }
        for none in [
            "",
            "hello",
            "[warn] x",
            "[algo-] x",
            "[algo-x] y",
            "[algo-1]x",
        ] {
            assert_eq!(read_line(none), None, "{none}");
        }
    }

    #[test]
    fn hosts_are_counted_from_one() {
        assert_eq!(hosts(0), ["algo-1"]);
        assert_eq!(hosts(3), ["algo-1", "algo-2", "algo-3"]);
    }
}
