//! How long a workload takes: declared, scaled by published figures, or learned.

use domain::Span;
use serde::{Deserialize, Serialize};

/// The machine for which a run time was declared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reference {
    /// It takes as long on every machine that fits.
    #[default]
    Anywhere,
    /// On so many virtual processors; more or fewer scale by Amdahl's law (1967).
    Cpus {
        /// Thousandths of virtual processors of the reference.
        milli_cpus: u32,
        /// Thousandths of the work that run in parallel.
        parallel: u16,
    },
    /// On so many accelerators of a model; others scale by their published figures.
    Accelerators {
        /// Canonical model name.
        model: String,
        /// How many.
        count: u32,
    },
}

/// How long a workload takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTime {
    /// Time of the user code on the reference.
    pub declared: Span,
    /// The reference.
    #[serde(default)]
    pub on: Reference,
    /// Name under which history knows it; unset means the declaration is all there is.
    #[serde(default)]
    pub history: Option<String>,
}

impl RunTime {
    /// The same on every machine.
    pub fn declared(time: Span) -> Self {
        Self {
            declared: time,
            on: Reference::Anywhere,
            history: None,
        }
    }

    /// So long on `count` accelerators of a model.
    pub fn on_accelerators(time: Span, model: &str, count: u32) -> Self {
        let on = Reference::Accelerators {
            model: model.to_owned(),
            count,
        };
        Self {
            declared: time,
            on,
            history: None,
        }
    }

    /// So long on some virtual processors, of which `parallel` thousandths of the work make use.
    pub fn on_cpus(time: Span, milli_cpus: u32, parallel: u16) -> Self {
        Self {
            declared: time,
            on: Reference::Cpus {
                milli_cpus,
                parallel,
            },
            history: None,
        }
    }

    /// Corrected by what history holds under this name.
    #[must_use]
    pub fn learned(mut self, name: &str) -> Self {
        self.history = Some(name.to_owned());
        self
    }
}

/// One run that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Name of what ran.
    pub name: String,
    /// Where.
    pub provider: String,
    /// On which machine type.
    pub machine: String,
    /// How long the user code took.
    pub took: Span,
}

/// The runs of the past, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(pub Vec<Observation>);
