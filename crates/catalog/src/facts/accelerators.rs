//! Accelerator models: memory, throughput, and the many names that they go by.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::nearest::nearest_names;

use crate::Error;
use crate::import::{List, scaled};

pub(super) const TABLE: &str = include_str!("../../data/accelerators.csv");

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceleratorFacts {
    /// Canonical name, as in offers.
    pub model: Arc<str>,
    /// Other names of it.
    pub aliases: Vec<Arc<str>>,
    /// Memory of one device in bytes.
    pub memory_bytes: u64,
    /// Peak dense throughput in 16 bit, in gigaflops; `None` where none is published.
    pub gigaflops_16bit: Option<u64>,
    /// Peak throughput in 32 bit without tensor units, in gigaflops.
    pub gigaflops_32bit: Option<u64>,
    /// Memory bandwidth in megabytes a second.
    pub bandwidth_mb_s: Option<u64>,
    /// Where the figures come from, with the year.
    pub source: Arc<str>,
}

/// All known models, found by any of their names.
#[derive(Clone, Debug, Default)]
pub struct Accelerators {
    models: Vec<AcceleratorFacts>,
    by_name: BTreeMap<String, usize>,
}

/// A name that no model has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no accelerator `{name}`{}", Suggested(nearest))]
pub struct UnknownAccelerator {
    /// What was asked for.
    pub name: String,
    /// Known models that are close.
    pub nearest: Vec<String>,
}

/// Writes `; did you mean …` when there is something to suggest.
struct Suggested<'a>(&'a [String]);

impl fmt::Display for Suggested<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let before = if index == 0 { "; did you mean" } else { " or" };
            write!(formatter, "{before} `{name}`")?;
        }
        Ok(())
    }
}

impl Accelerators {
    /// The embedded table.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse("accelerators.csv", TABLE)
    }

    fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let list = List::read(name, text.as_bytes())?;
        let columns = list.columns([
            "model",
            "aliases",
            "memory_gib",
            "teraflops_16bit",
            "teraflops_32bit",
            "bandwidth_gb_s",
            "source",
        ])?;
        let [model, aliases, memory, half, single, bandwidth, source] = columns;
        let mut accelerators = Self::default();
        for line in list.lines() {
            let thousands = |column: usize| match line.cell(column) {
                "" => Ok(None),
                _ => line.parse(column, |text| scaled(text, 1000)).map(Some),
            };
            let index = accelerators.models.len();
            let names = line
                .cell(aliases)
                .split('|')
                .filter(|alias| !alias.is_empty());
            let names: Vec<Arc<str>> = names.map(Into::into).collect();
            for name in names.iter().map(|name| &**name).chain([line.cell(model)]) {
                let before = accelerators.by_name.insert(plain(name), index);
                if before.is_some_and(|other| other != index) {
                    return Err(line.refuse(format!("`{name}` names two models")));
                }
            }
            accelerators.models.push(AcceleratorFacts {
                model: line.cell(model).into(),
                aliases: names,
                memory_bytes: line.parse(memory, |text| text.parse::<u64>().ok())? << 30,
                gigaflops_16bit: thousands(half)?,
                gigaflops_32bit: thousands(single)?,
                bandwidth_mb_s: thousands(bandwidth)?,
                source: line.cell(source).into(),
            });
        }
        Ok(accelerators)
    }

    /// The model of that name: case, spaces, dashes and underscores do not count, a maker's
    /// prefix neither.
    pub fn find(&self, name: &str) -> Result<&AcceleratorFacts, UnknownAccelerator> {
        self.get(name).ok_or_else(|| {
            let known = self.models.iter().map(|facts| &*facts.model);
            UnknownAccelerator {
                name: name.chars().take(80).collect(),
                nearest: nearest_names(name, known)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            }
        })
    }

    /// All models in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &AcceleratorFacts> {
        self.models.iter()
    }

    /// Canonical name and memory in bytes; a name that is not known keeps itself and has zero.
    pub fn canonical(&self, name: &str) -> (Arc<str>, u64) {
        match self.get(name) {
            Some(facts) => (facts.model.clone(), facts.memory_bytes),
            None => (name.into(), 0),
        }
    }

    fn get(&self, name: &str) -> Option<&AcceleratorFacts> {
        let wanted = plain(name);
        let index = self.by_name.get(&wanted).or_else(|| {
            let short = wanted
                .strip_prefix("nvidia")
                .or_else(|| wanted.strip_prefix("amd"))?;
            self.by_name
                .get(short.strip_prefix("tesla").unwrap_or(short))
        })?;
        self.models.get(*index)
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_all_its_names() {
        let accelerators = Accelerators::embedded().unwrap();
        for (name, model) in [
            ("h100", "H100"),
            ("nvidia-tesla-v100", "V100"),
            ("NVIDIA L40S", "L40S"),
            ("a100 80gb", "A100-80GB"),
            ("Gaudi HL-205", "Gaudi-HL-205"),
            ("tpu-v5e", "TPU-V5E"),
        ] {
            assert_eq!(&*accelerators.find(name).unwrap().model, model, "{name}");
        }
        assert_eq!(
            accelerators.find("H100").unwrap().gigaflops_16bit,
            Some(989_000)
        );
    }

    #[test]
    fn an_unknown_model_gets_the_nearest_names() {
        let accelerators = Accelerators::embedded().unwrap();
        let error = accelerators.find("H1000").unwrap_err();
        assert!(error.to_string().contains("did you mean `H100`"), "{error}");
        assert_eq!(accelerators.canonical("XYZ"), ("XYZ".into(), 0));
    }

    #[test]
    fn a_name_for_two_models_is_refused_with_its_line() {
        let text = "model,aliases,memory_gib,teraflops_16bit,teraflops_32bit,bandwidth_gb_s,source\n\
                    A,x,1,,,,s\nB,X,1,,,,s\n";
        let error = Accelerators::parse("t", text).unwrap_err();
        assert_eq!(error.to_string(), "`t`, line 3: `X` names two models");
    }
}
