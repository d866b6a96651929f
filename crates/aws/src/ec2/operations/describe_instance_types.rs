//! `DescribeInstanceTypes`: the machine types of the catalog that the signed region has.

use crate::ec2::filter::{self, passes};
use crate::ec2::offers::{of_region, table};
use crate::ec2::reading::{page, texts, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use domain::offer::{Architecture, Machine, Purchase};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct DescribeInstanceTypes;

/// A machine type and how it is sold in the region.
struct Sold<'a> {
    machine: &'a Machine,
    on_demand: bool,
    spot: bool,
}

impl Operation for DescribeInstanceTypes {
    const NAME: &'static str = "DescribeInstanceTypes";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let names = texts(&input, "InstanceType")?;
        unless_dry(&input)?;
        let table = table(call)?;
        let mut sold: BTreeMap<&str, Sold<'_>> = BTreeMap::new();
        for offer in of_region(&table, call.region) {
            let machine = offer.machine();
            let one = sold.entry(&machine.name).or_insert(Sold {
                machine,
                on_demand: false,
                spot: false,
            });
            one.on_demand |= offer.price(Purchase::OnDemand).is_some();
            one.spot |= offer.price(Purchase::Spot).is_some();
        }
        let unknown: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !sold.contains_key(name))
            .collect();
        if !unknown.is_empty() {
            let list: String = unknown.join(", ").chars().take(200).collect();
            let text = format!("The following supplied instance types do not exist: [{list}]");
            return Err(Fault::new("InvalidInstanceType", text));
        }
        let mut wanted = Vec::new();
        for (name, one) in &sold {
            let named = names.is_empty() || names.contains(name);
            if named && passes(&filters, |facet| one.facet(facet))? {
                wanted.push(one.shown());
            }
        }
        let (wanted, next) = page(&input, wanted, (5, 100))?;
        Ok(json!({"instanceTypeSet": wanted, "nextToken": next}))
    }
}

fn architecture(machine: &Machine) -> &'static str {
    match machine.architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

impl Sold<'_> {
    fn usage_classes(&self) -> Vec<&'static str> {
        let classes = [(self.on_demand, "on-demand"), (self.spot, "spot")];
        classes
            .iter()
            .filter(|(sold, _)| *sold)
            .map(|(_, class)| *class)
            .collect()
    }

    fn facet(&self, name: &str) -> Option<Vec<String>> {
        let machine = self.machine;
        let one = match name {
            "instance-type" => machine.name.to_string(),
            "vcpu-info.default-vcpus" => (machine.vcpus_milli / 1_000).to_string(),
            "memory-info.size-in-mib" => (machine.memory_bytes >> 20).to_string(),
            "processor-info.supported-architecture" => architecture(machine).to_owned(),
            "bare-metal" => machine.name.contains(".metal").to_string(),
            "supported-usage-class" => {
                return Some(
                    self.usage_classes()
                        .iter()
                        .map(ToString::to_string)
                        .collect(),
                );
            }
            _ => return None,
        };
        Some(vec![one])
    }

    /// What the catalog knows; of the rest nothing is said.
    fn shown(&self) -> Value {
        let machine = self.machine;
        let gpus = machine.accelerator.as_ref().map(|accelerator| {
            json!({
                "gpus": [{
                    "name": accelerator.model,
                    "count": accelerator.count_milli.div_ceil(1_000),
                    "memoryInfo": (accelerator.memory_bytes > 0)
                        .then(|| json!({"sizeInMiB": accelerator.memory_bytes >> 20})),
                }],
                "totalGpuMemoryInMiB": accelerator.total_memory_bytes() >> 20,
            })
        });
        json!({
            "instanceType": machine.name,
            "supportedUsageClasses": self.usage_classes(),
            "bareMetal": machine.name.contains(".metal"),
            "processorInfo": {"supportedArchitectures": [architecture(machine)]},
            "vCpuInfo": {"defaultVCpus": machine.vcpus_milli / 1_000},
            "memoryInfo": {"sizeInMiB": machine.memory_bytes >> 20},
            "gpuInfo": gpus,
        })
    }
}
