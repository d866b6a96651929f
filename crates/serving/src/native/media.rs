//! Content-Type and Accept as the Python worker reads them
//! (`python/worker/tradewind_worker/media.py`).

/// A media type in lower case and the parameters that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    pub(super) name: String,
    parameters: Vec<(String, String)>,
}

/// What an answer may be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writable {
    Json,
    Csv,
    Npy,
}

impl Writable {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Npy => "application/x-npy",
        }
    }
}

impl MediaType {
    /// An empty text means JSON.
    pub(super) fn parse(text: &str) -> Self {
        let text = if text.is_empty() {
            "application/json"
        } else {
            text
        };
        let mut parts = text.split(';');
        let name = parts.next().unwrap_or_default().trim().to_lowercase();
        let name = if name.is_empty() {
            "application/json".to_owned()
        } else {
            name
        };
        let parameters = parts.map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            (key.trim().to_lowercase(), value.to_owned())
        });
        Self {
            name,
            parameters: parameters.collect(),
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.name == "application/json" || self.name.ends_with("+json")
    }

    /// A parameter; the last of equal ones counts.
    pub(super) fn parameter(&self, key: &str) -> Option<&str> {
        let found = self.parameters.iter().rev().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    fn writable(&self) -> Option<Writable> {
        match self.name.as_str() {
            "*/*" | "application/*" => Some(Writable::Json),
            _ if self.is_json() => Some(Writable::Json),
            "text/csv" | "text/*" => Some(Writable::Csv),
            "application/x-npy" => Some(Writable::Npy),
            _ => None,
        }
    }
}

/// The best that can be written for an Accept header; none leaves the decision, or the refusal, to
/// Python.
pub(super) fn choose(accept: &str) -> Option<Writable> {
    let accept = if accept.is_empty() { "*/*" } else { accept };
    let mut best: Option<(Writable, f64)> = None;
    for part in accept.split(',') {
        let media = MediaType::parse(part);
        if media.name == "application/vnd.apache.arrow.stream" {
            // Python writes it, if its environment can.
            return None;
        }
        let quality = match media.parameter("q") {
            None => 1.0,
            Some(text) => text.parse::<f64>().ok().filter(|q| q.is_finite())?,
        };
        if let Some(writable) = media.writable()
            && quality > best.map_or(0.0, |(_, quality)| quality)
        {
            best = Some((writable, quality));
        }
    }
    best.map(|(writable, _)| writable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_writable_type_is_chosen() {
        assert_eq!(choose(""), Some(Writable::Json));
        assert_eq!(
            choose("text/html, text/csv;q=0.5, */*;q=0.1"),
            Some(Writable::Csv)
        );
        assert_eq!(choose("application/x-npy"), Some(Writable::Npy));
        assert_eq!(choose("text/html"), None);
        let arrow = "application/vnd.apache.arrow.stream, application/json;q=0.5";
        assert_eq!(choose(arrow), None);
        let media = MediaType::parse("Application/JSON; Datatype=FP64");
        assert!(media.is_json());
        assert_eq!(media.parameter("datatype"), Some("FP64"));
    }
}
