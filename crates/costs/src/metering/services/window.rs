//! Windows of time: what was used in some minutes, and the lines that become of it.

use super::{Meter, Thing};
use crate::amount::Amount;
use crate::ledger::{Manifest, Part, replace_file};
use crate::metering::line::Line;
use crate::metering::{HOUR, Rates};
use crate::parts::Parts;
use crate::query::{IDLE_TAG, WORKLOAD_TAG};
use crate::row::{Checks, Row};
use crate::{Error, Ledger};
use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

/// What one thing used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Which.
    pub thing: Thing,
    /// Its owner's labels.
    pub tags: BTreeMap<String, String>,
    /// How much of each meter.
    pub quantities: BTreeMap<Meter, Amount>,
}

/// What was used in some minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Counts windows of the ledger, from 1.
    pub number: u64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// By whom.
    pub used: Vec<Used>,
}

impl Window {
    /// An empty one.
    pub fn new(number: u64, from: Timestamp) -> Self {
        Self {
            number,
            from,
            to: from,
            used: Vec::new(),
        }
    }

    /// Adds a quantity of a thing; labels are those that were given last.
    pub fn add(
        &mut self,
        thing: &Thing,
        tags: &BTreeMap<String, String>,
        meter: Meter,
        quantity: Amount,
    ) {
        let at = self.used.iter().position(|used| used.thing == *thing);
        let at = at.unwrap_or_else(|| {
            self.used.push(Used {
                thing: thing.clone(),
                tags: BTreeMap::new(),
                quantities: BTreeMap::new(),
            });
            self.used.len() - 1
        });
        let used = &mut self.used[at];
        if used.tags != *tags {
            used.tags.clone_from(tags);
        }
        *used.quantities.entry(meter).or_default() += quantity;
    }

    /// How long it is.
    pub fn length(&self) -> Span {
        Span(self.to.since(self.from).0.max(0))
    }
}

const FILE: &str = "window.json";

impl Ledger {
    /// The window that a server was filling when it ended, or a new one that begins now. One that
    /// was handed in already does not come back.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_window(&self, now: Timestamp) -> Result<Window, Error> {
        let next = self.manifest()?.windows + 1;
        let path = self.folder().join(FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Window>(&bytes).ok(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io(&path)(error)),
        };
        let kept = kept.filter(|window| window.number == next && window.to <= now);
        Ok(kept.unwrap_or_else(|| Window::new(next, now)))
    }

    /// Keeps a window that is not over, for the case that this process ends.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_window(&self, window: &Window) -> Result<(), Error> {
        let bytes = serde_json::to_vec(window);
        let bytes = bytes.map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder().join(FILE), &bytes)
    }

    /// Turns a window into lines: one for every meter of every thing, and one of what nobody used of
    /// the machine. A window whose number is not the next one changes nothing.
    ///
    /// # Errors
    /// When the ledger is being changed or cannot be written.
    pub fn meter_window(&self, window: &Window) -> Result<u64, Error> {
        let lock = self.lock()?;
        let mut manifest = self.manifest()?;
        if window.number != manifest.windows + 1 {
            return Ok(0);
        }
        let (parts, lines) = self.lines_of(window, &manifest)?;
        manifest.parts.extend(parts);
        // Where nobody pays for the whole machine, nothing is owed when somebody begins to.
        manifest.unbalanced = Amount::ZERO;
        manifest.windows = window.number;
        manifest.generation += 1;
        self.commit(&lock, &manifest)?;
        Ok(lines)
    }

    /// Writes the lines of a window into segments that do not count yet.
    fn lines_of(&self, window: &Window, manifest: &Manifest) -> Result<(Vec<Part>, u64), Error> {
        let rates = self.rates()?;
        let mut writing = Writing {
            parts: Parts::new(self, manifest),
            checks: Checks::new(None),
            row: Row::new(),
            lines: 0,
        };
        let mut cost = Amount::ZERO;
        for used in &window.used {
            cost += writing.used(window, used, &rates)?;
        }
        if rates.machine_hour > Amount::ZERO {
            let whole = rates.machine_hour.part(i128::from(window.length().0), HOUR);
            writing.idle(window, whole - cost - manifest.unbalanced, &rates)?;
        }
        let lines = writing.lines;
        Ok((writing.parts.finish()?, lines))
    }
}

struct Writing<'a> {
    parts: Parts<'a>,
    checks: Checks,
    row: Row,
    lines: u64,
}

impl Writing<'_> {
    /// The lines of one thing; what they cost.
    fn used(&mut self, window: &Window, used: &Used, rates: &Rates) -> Result<Amount, Error> {
        let thing = &used.thing;
        let resource = thing.resource();
        let mut tags = used.tags.clone();
        let own = [
            ("tradewind:workspace", thing.workspace.clone()),
            (WORKLOAD_TAG, resource.clone()),
        ];
        tags.extend(own.map(|(key, value)| (key.to_owned(), value)));
        let mut sum = Amount::ZERO;
        for (meter, quantity) in &used.quantities {
            if *quantity == Amount::ZERO {
                continue;
            }
            let cost = meter.cost(*quantity, rates);
            sum += cost;
            self.push(&Line {
                workspace: &thing.workspace,
                currency: &rates.currency,
                description: meter.name(),
                host: "local",
                category: thing.service.category(),
                service: thing.service.name(),
                region: "here",
                resource: &resource,
                name: &thing.name,
                kind: thing.service.kind(),
                meter: Some(meter.name()),
                unit: meter.unit(),
                quantity: *quantity,
                cost,
                tags: &tags,
                from: window.from,
                to: window.to,
            })?;
        }
        Ok(sum)
    }

    /// What nobody used. It is below zero where jobs that ended now had been running in windows
    /// before, whose idle lines counted their part as unused.
    fn idle(&mut self, window: &Window, cost: Amount, rates: &Rates) -> Result<(), Error> {
        if cost == Amount::ZERO {
            return Ok(());
        }
        let tags = BTreeMap::from([(IDLE_TAG.to_owned(), "true".to_owned())]);
        self.push(&Line {
            workspace: "default",
            currency: &rates.currency,
            description: "this machine, not used by anything",
            host: "local",
            category: "Compute",
            service: "Idle capacity",
            region: "here",
            resource: "machine/here",
            name: "this machine",
            kind: "machine",
            meter: Some("Idle"),
            unit: "Hours",
            quantity: Amount::ratio(i128::from(window.length().0), HOUR),
            cost,
            tags: &tags,
            from: window.from,
            to: window.to,
        })
    }

    fn push(&mut self, line: &Line<'_>) -> Result<(), Error> {
        self.row.clear();
        line.fill(&mut self.row);
        self.row.check(&mut self.checks).map_err(|reject| {
            let what = format!("`{}`: {} {}", line.resource, reject.column, reject.reason);
            Error::Invalid(what)
        })?;
        self.lines += 1;
        let issuer = format!("Tradewind/{}", line.workspace);
        self.parts.push(&issuer, &self.row).map(drop)
    }
}
