//! The last lines of each deployment, kept in memory for whoever asks after the fact.

use super::{LogLine, LogSink};
use crate::spec::EndpointKey;
use contracts::world::Clock;
use domain::{Name, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Deployments whose lines are kept; beyond them those that were silent for longest are let go.
const MOST_DEPLOYMENTS: usize = 256;

/// A line that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place among all lines of this server, counted from 1.
    pub number: u64,
    /// When it was read.
    pub at: Timestamp,
    /// The line.
    pub line: LogLine,
}

/// Keeps the last lines of each deployment in memory.
pub struct Recent {
    most: usize,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Of each endpoint the last line that whoever keeps lines for good has kept.
    written: tokio::sync::Mutex<BTreeMap<EndpointKey, u64>>,
}

#[derive(Default)]
struct State {
    count: u64,
    lines: BTreeMap<(EndpointKey, Name), VecDeque<Kept>>,
}

impl Recent {
    /// Keeps `most` lines of each deployment, with the time at which they were read.
    pub fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            most,
            clock,
            state: Mutex::default(),
            written: tokio::sync::Mutex::default(),
        }
    }

    /// Of each endpoint the number of the last line that was kept for good, held by whoever does
    /// that now.
    pub async fn written(&self) -> tokio::sync::MutexGuard<'_, BTreeMap<EndpointKey, u64>> {
        self.written.lock().await
    }

    /// The endpoints of which there are lines.
    pub fn endpoints(&self) -> Vec<EndpointKey> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<EndpointKey> = state.lines.keys().map(|(key, _)| key.clone()).collect();
        all.dedup();
        all
    }

    /// The kept lines of a deployment, oldest first.
    pub fn lines(&self, endpoint: &EndpointKey, deployment: &Name) -> Vec<LogLine> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = state.lines.get(&(endpoint.clone(), deployment.clone()));
        kept.map(|kept| kept.iter().map(|kept| kept.line.clone()).collect())
            .unwrap_or_default()
    }

    /// The kept lines of all deployments of an endpoint after a number, oldest first; 0 for all.
    pub fn after(&self, endpoint: &EndpointKey, number: u64) -> Vec<Kept> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let of_endpoint = state.lines.iter().filter(|((key, _), _)| key == endpoint);
        let mut found: Vec<Kept> = of_endpoint
            .flat_map(|(_, kept)| kept.iter().filter(|kept| kept.number > number).cloned())
            .collect();
        found.sort_by_key(|kept| kept.number);
        found
    }

    /// Forgets an endpoint that was removed.
    pub fn forget(&self, endpoint: &EndpointKey) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.lines.retain(|(key, _), _| key != endpoint);
    }
}

impl LogSink for Recent {
    fn take(&self, line: LogLine) {
        let at = self.clock.now();
        let key = (line.endpoint.clone(), line.deployment.clone());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        let number = state.count;
        if state.lines.len() >= MOST_DEPLOYMENTS && !state.lines.contains_key(&key) {
            state.let_go();
        }
        let kept = state.lines.entry(key).or_default();
        if kept.len() >= self.most {
            kept.pop_front();
        }
        kept.push_back(Kept { number, at, line });
    }
}

impl State {
    /// Lets go of the deployment that was silent for longest.
    fn let_go(&mut self) {
        let last = |kept: &VecDeque<Kept>| kept.back().map_or(0, |kept| kept.number);
        let silent = self.lines.iter().min_by_key(|(_, kept)| last(kept));
        if let Some(key) = silent.map(|(key, _)| key.clone()) {
            self.lines.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Stream;
    use super::*;
    use domain::{EndpointName, Workspace};
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Ticks(AtomicI64);

    impl Clock for Ticks {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    fn line(endpoint: &str, deployment: &str, text: &str) -> LogLine {
        LogLine {
            endpoint: key(endpoint),
            deployment: Name::new(deployment).unwrap(),
            replica: 1,
            stream: Stream::Output,
            text: text.to_owned(),
        }
    }

    fn key(endpoint: &str) -> EndpointKey {
        EndpointKey {
            workspace: Workspace::default(),
            name: EndpointName::new(endpoint).unwrap(),
        }
    }

    fn texts(kept: &[Kept]) -> Vec<&str> {
        kept.iter().map(|kept| kept.line.text.as_str()).collect()
    }

    #[test]
    fn an_endpoint_is_read_in_order_and_on_from_a_number() {
        let recent = Recent::new(2, Arc::new(Ticks(AtomicI64::new(10))));
        for (deployment, text) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")] {
            recent.take(line("e", deployment, text));
        }
        recent.take(line("other", "a", "5"));
        let all = recent.after(&key("e"), 0);
        assert_eq!(texts(&all), ["2", "3", "4"]);
        assert_eq!(all[0].at, Timestamp(11));
        assert_eq!(recent.endpoints(), [key("e"), key("other")]);
        assert_eq!(texts(&recent.after(&key("e"), all[1].number)), ["4"]);
        recent.forget(&key("e"));
        assert!(recent.after(&key("e"), 0).is_empty());
    }

    #[test]
    fn the_deployments_that_were_silent_for_longest_are_let_go() {
        let recent = Recent::new(2, Arc::new(Ticks(AtomicI64::new(0))));
        for number in 0..MOST_DEPLOYMENTS {
            recent.take(line(&format!("e-{number}"), "main", "x"));
        }
        recent.take(line("e-0", "main", "y"));
        recent.take(line("new", "main", "z"));
        assert_eq!(texts(&recent.after(&key("e-0"), 0)), ["x", "y"]);
        assert!(recent.after(&key("e-1"), 0).is_empty());
        assert_eq!(texts(&recent.after(&key("new"), 0)), ["z"]);
    }
}
