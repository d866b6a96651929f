//! The CSV of one region's EC2 prices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use domain::day::Day;
use domain::offer::{Architecture, Exactness, Machine, OfferTable, Purchase, Source};

use crate::Error;
use crate::import::aws::PROVIDER;
use crate::import::{Figure, gibibytes, scaled};
use crate::refresh::merge::{Batch, Spot, Update};

/// Lines of metadata before the header; a file with more is something else.
const MOST_METADATA: u64 = 20;
/// Letters of families with accelerators, whose model the file does not name.
const ACCELERATED: [&str; 8] = ["p", "g", "gr", "inf", "trn", "dl", "vt", "f"];

/// Machines of the previous catalog by name.
pub(super) struct Machines {
    by_name: BTreeMap<Arc<str>, Machine>,
}

/// What the files of all regions hold.
#[derive(Default)]
pub(super) struct Found {
    updates: BTreeMap<(Machine, Arc<str>), [Option<Figure>; 4]>,
    pub(super) skipped: BTreeSet<String>,
    published: Option<Day>,
}

struct Columns {
    by_name: BTreeMap<String, usize>,
}

impl Machines {
    pub(super) fn new(offers: &OfferTable) -> Self {
        let known = offers
            .machines()
            .iter()
            .filter(|machine| &*machine.provider == PROVIDER);
        Self {
            by_name: known.map(|it| (it.name.clone(), it.clone())).collect(),
        }
    }
}

impl Found {
    pub(super) fn into_batch(self, today: Day, spot: Spot) -> Batch {
        let as_of = self.published.unwrap_or(today);
        let source = Source {
            name: format!("aws-price-list-{as_of}").into(),
            note: "AWS price list bulk files, Linux on shared tenancy".into(),
            as_of,
            exactness: Exactness::Exact,
        };
        let update = |((machine, region), figures)| Update {
            machine,
            region,
            figures,
        };
        let updates = self.updates.into_iter().map(update).collect();
        Batch {
            source,
            updates,
            spot,
            skipped: self.skipped,
        }
    }
}

impl Columns {
    fn cell<'a>(&self, record: &'a StringRecord, name: &str) -> &'a str {
        let index = self.by_name.get(name);
        index
            .and_then(|&index| record.get(index))
            .unwrap_or_default()
            .trim()
    }
}

/// Reads one file; every line is checked, those of other products are passed over.
pub(super) fn read(path: &Path, known: &Machines, found: &mut Found) -> Result<(), Error> {
    let name = path.display().to_string();
    let refuse = |line: u64, reason: String| Error::Line {
        file: name.clone(),
        line,
        reason,
    };
    let mut file = BufReader::new(File::open(path).map_err(Error::file("read", path))?);
    let (header, before, published) = metadata(path, &mut file)?;
    found.published = found.published.max(published);
    let names = header
        .iter()
        .enumerate()
        .map(|(index, name)| (name.to_owned(), index));
    let columns = Columns {
        by_name: names.collect(),
    };
    for needed in [
        "TermType",
        "PricePerUnit",
        "Currency",
        "Unit",
        "Instance Type",
        "vCPU",
        "Memory",
        "Operating System",
        "Tenancy",
        "Region Code",
    ] {
        if !columns.by_name.contains_key(needed) {
            return Err(refuse(before, format!("column `{needed}` is missing")));
        }
    }
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let mut record = StringRecord::new();
    let mut rows = 0_u64;
    loop {
        let more = lines.read_record(&mut record);
        let line = before + record.position().map_or(0, csv::Position::line);
        match more {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(refuse(line, error.to_string())),
        }
        if record.len() != header.len() {
            let (found, expected) = (record.len(), header.len());
            let reason = format!("it has {found} cells where the header has {expected}");
            return Err(refuse(line, reason));
        }
        rows += 1;
        if let Err(reason) = take(&columns, &record, known, found) {
            return Err(refuse(line, reason));
        }
    }
    if rows == 0 {
        return Err(refuse(before, "it lists nothing".to_owned()));
    }
    Ok(())
}

/// The header, the number of lines up to it, and the day of publication.
fn metadata(
    path: &Path,
    file: &mut impl BufRead,
) -> Result<(StringRecord, u64, Option<Day>), Error> {
    let name = path.display().to_string();
    let mut published = None;
    for line in 1..=MOST_METADATA {
        let mut text = String::new();
        let mut limited = file.by_ref().take(1 << 20);
        let refuse = |reason: String| Error::Line {
            file: name.clone(),
            line,
            reason,
        };
        limited
            .read_line(&mut text)
            .map_err(|error| refuse(error.to_string()))?;
        let mut cells = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .into_records();
        let Some(record) = cells.next() else {
            return Err(refuse("it ends before its header".to_owned()));
        };
        let record = record.map_err(|error| refuse(error.to_string()))?;
        match record.get(0) {
            Some("SKU") => return Ok((record, line, published)),
            Some("FormatVersion") if record.get(1) != Some("v1.0") => {
                let found = record.get(1).unwrap_or_default();
                return Err(refuse(format!("it has format `{found}`, known is `v1.0`")));
            }
            Some("Publication Date") => {
                published = record.get(1).and_then(|date| date.parse().ok());
            }
            _ => {}
        }
    }
    let reason = "it has no header with the column `SKU`".to_owned();
    Err(Error::Line {
        file: name,
        line: MOST_METADATA,
        reason,
    })
}

/// Takes a line over if it is the price of a Linux machine that can be offered.
fn take(
    columns: &Columns,
    record: &StringRecord,
    known: &Machines,
    found: &mut Found,
) -> Result<(), String> {
    let cell = |name: &str| columns.cell(record, name);
    let absent_or = |name: &str, wanted: &str| {
        let value = cell(name);
        value.is_empty() || value == wanted
    };
    let machine = cell("Instance Type");
    let linux = cell("Operating System") == "Linux" && cell("Tenancy") == "Shared";
    let plain = absent_or("Pre Installed S/W", "NA") && absent_or("CapacityStatus", "Used");
    if machine.is_empty() || !linux || !plain || !cell("Unit").eq_ignore_ascii_case("hrs") {
        return Ok(());
    }
    let upfront = cell("PurchaseOption") == "No Upfront" && cell("OfferingClass") == "standard";
    let purchase = match (cell("TermType"), cell("LeaseContractLength")) {
        ("OnDemand", _) => Purchase::OnDemand,
        ("Reserved", "1yr" | "1 yr") if upfront => Purchase::CommittedOneYear,
        ("Reserved", "3yr" | "3 yr") if upfront => Purchase::CommittedThreeYears,
        _ => return Ok(()),
    };
    let region = cell("Region Code");
    if region.is_empty() {
        return Err("it names no region".to_owned());
    }
    let listed = known.by_name.get(machine).cloned();
    let Some(machine) = listed.map_or_else(|| described(columns, record), |it| Ok(Some(it)))?
    else {
        found.skipped.insert(machine.to_owned());
        return Ok(());
    };
    let currency: Arc<str> = cell("Currency").into();
    let figure = Figure {
        text: cell("PricePerUnit").to_owned(),
        currency,
    };
    // A line at zero dollars stands for hours of a reservation, not for a price.
    if purchase == Purchase::OnDemand && figure.text.parse() == Ok(0.0_f64) {
        return Ok(());
    }
    let figures = found.updates.entry((machine, region.into())).or_default();
    figures[purchase.index()] = Some(figure);
    Ok(())
}

/// A machine that the catalog does not know, if the file says all about it.
fn described(columns: &Columns, record: &StringRecord) -> Result<Option<Machine>, String> {
    let cell = |name: &str| columns.cell(record, name);
    let name = cell("Instance Type");
    let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    let accelerated = ACCELERATED.contains(&letters.as_str());
    if accelerated || !matches!(cell("GPU"), "" | "0" | "NA") {
        return Ok(None);
    }
    let vcpus = scaled(cell("vCPU"), 1000).and_then(|it| u32::try_from(it).ok());
    let memory = cell("Memory")
        .strip_suffix("GiB")
        .map(|text| text.replace(',', ""));
    let (Some(vcpus_milli), Some(memory_bytes)) = (vcpus, memory.and_then(|it| gibibytes(&it)))
    else {
        let (vcpus, memory) = (cell("vCPU"), cell("Memory"));
        return Err(format!(
            "`{vcpus}` vCPU and `{memory}` memory cannot be read"
        ));
    };
    let arm = cell("Physical Processor").contains("Graviton");
    Ok(Some(Machine {
        provider: PROVIDER.into(),
        name: name.into(),
        vcpus_milli,
        memory_bytes,
        architecture: if arm {
            Architecture::Arm64
        } else {
            Architecture::X86_64
        },
        accelerator: None,
    }))
}
