//! What managed services ask on top of the machines that they can use.

use std::sync::Arc;

use domain::day::Day;
use domain::offer::{Exactness, Machine, OfferTable, ServiceRate, Source, SourceId};

use super::{day, exactness};
use crate::Error;
use crate::import::{List, scaled};
use crate::plausibility::read_figure;

pub(super) const TABLE: &str = include_str!("../../data/services.csv");

/// One line: a service, the machines it means, and the rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    /// The provider.
    pub provider: Arc<str>,
    /// The managed service: `sagemaker`, `vertex`, `azureml`.
    pub service: Arc<str>,
    /// Which machines: an exact type, `family.{size|size}`, or a prefix ending in `*`.
    pub machines: Arc<str>,
    /// The service's price in millionths of the machine's price.
    pub per_million: u32,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

/// All lines; for each service the first that fits a machine counts.
#[derive(Clone, Debug, Default)]
pub struct Markups {
    lines: Vec<Markup>,
}

impl Markup {
    /// Whether the line means that machine.
    pub fn fits(&self, machine: &Machine) -> bool {
        if self.provider != machine.provider {
            return false;
        }
        if let Some(prefix) = self.machines.strip_suffix('*') {
            return machine.name.starts_with(prefix);
        }
        let Some((family, sizes)) = self.machines.split_once(".{") else {
            return self.machines == machine.name;
        };
        let size = machine
            .name
            .strip_prefix(family)
            .and_then(|rest| rest.strip_prefix('.'));
        let mut sizes = sizes.trim_end_matches('}').split('|');
        size.is_some_and(|size| sizes.any(|it| it == size))
    }
}

impl Markups {
    /// The embedded table.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse("services.csv", TABLE)
    }

    fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let list = List::read(name, text.as_bytes())?;
        let columns = list.columns([
            "provider",
            "service",
            "machines",
            "managed_usd",
            "bare_usd",
            "percent",
            "exactness",
            "as_of",
            "source",
        ])?;
        let [
            provider,
            service,
            machines,
            managed,
            bare,
            percent,
            exact,
            as_of,
            source,
        ] = columns;
        let mut lines = Vec::new();
        for line in list.lines() {
            let per_million = if line.cell(percent).is_empty() {
                let managed = line.parse(managed, |text| read_figure(text).ok())?;
                let bare = line.parse(bare, |text| read_figure(text).ok())?;
                let rate = i128::from(managed.micros) * 1_000_000 / i128::from(bare.micros);
                u32::try_from(rate).map_err(|_| line.refuse("the rate is out of range"))?
            } else {
                let above = line.parse(percent, |text| scaled(text, 10_000))?;
                u32::try_from(1_000_000 + above).map_err(|_| line.refuse("out of range"))?
            };
            lines.push(Markup {
                provider: line.cell(provider).into(),
                service: line.cell(service).into(),
                machines: line.cell(machines).into(),
                per_million,
                exactness: line.parse(exact, exactness)?,
                source: line.cell(source).into(),
                as_of: line.parse(as_of, day)?,
            });
        }
        Ok(Self { lines })
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = &Markup> {
        self.lines.iter()
    }

    /// Names of all services of a provider, sorted.
    pub fn services(&self, provider: &str) -> Vec<Arc<str>> {
        let of_provider = self.lines.iter().filter(|line| *line.provider == *provider);
        let mut services: Vec<Arc<str>> = of_provider.map(|line| line.service.clone()).collect();
        services.sort();
        services.dedup();
        services
    }

    /// What the services ask for a machine: one line for each service that can use it.
    pub fn of(&self, machine: &Machine) -> Vec<&Markup> {
        let mut found: Vec<&Markup> = Vec::new();
        for line in &self.lines {
            if line.fits(machine) && !found.iter().any(|other| other.service == line.service) {
                found.push(line);
            }
        }
        found
    }

    /// Puts the rates on the machines of a table, and their sources behind its own.
    pub(crate) fn apply(&self, table: OfferTable) -> Result<OfferTable, Error> {
        let known = table.sources().len();
        let mut rates = Vec::with_capacity(self.lines.len());
        let mut sources = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.iter().enumerate() {
            let id = u16::try_from(known + index)
                .map_err(|_| domain::offer::TableError::TooMany { column: "sources" })?;
            sources.push(Source {
                name: format!("{} rate", line.service).into(),
                note: line.source.clone(),
                as_of: line.as_of,
                exactness: line.exactness,
            });
            rates.push(ServiceRate {
                service: line.service.clone(),
                per_million: line.per_million,
                exactness: line.exactness,
                source: SourceId(id),
            });
        }
        let mut provider: Arc<str> = Arc::from("");
        let mut candidates: Vec<(&Markup, &ServiceRate)> = Vec::new();
        let mut of_machines = Vec::with_capacity(table.machines().len());
        for machine in table.machines() {
            if provider != machine.provider {
                provider = machine.provider.clone();
                let lines = self.lines.iter().zip(&rates);
                candidates = lines
                    .filter(|(line, _)| line.provider == provider)
                    .collect();
            }
            let mut slot: Vec<ServiceRate> = Vec::new();
            for (line, rate) in &candidates {
                if line.fits(machine) && !slot.iter().any(|it| it.service == rate.service) {
                    slot.push((*rate).clone());
                }
            }
            slot.sort_by(|a, b| a.service.cmp(&b.service));
            of_machines.push(slot);
        }
        Ok(table.with_rates(sources, of_machines)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::offer::Architecture;

    fn machine(provider: &str, name: &str) -> Machine {
        Machine {
            provider: provider.into(),
            name: name.into(),
            vcpus_milli: 1000,
            memory_bytes: 1,
            architecture: Architecture::X86_64,
            accelerator: None,
        }
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let markups = Markups::embedded().unwrap();
        let rate = |provider: &str, name: &str| {
            let found = markups.of(&machine(provider, name));
            found.first().map(|it| (it.per_million, it.exactness))
        };
        assert_eq!(
            rate("aws", "m5.xlarge"),
            Some((1_197_916, Exactness::Exact))
        );
        assert_eq!(
            rate("aws", "m5.24xlarge"),
            Some((1_200_000, Exactness::Estimated))
        );
        assert_eq!(rate("aws", "m5.metal"), None);
        assert_eq!(rate("aws", "m5"), None);
        assert_eq!(
            rate("azure", "Standard_D2s_v5"),
            Some((1_000_000, Exactness::Exact))
        );
        assert_eq!(
            rate("google", "n1-standard-8"),
            Some((1_150_000, Exactness::Estimated))
        );
        assert_eq!(rate("local", "n1-standard-8"), None);
        assert_eq!(markups.services("aws"), ["sagemaker".into()]);
    }
}
