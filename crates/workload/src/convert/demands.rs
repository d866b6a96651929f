//! Resources, limits and policy, with their human quantities.

use std::collections::BTreeMap;

use domain::nearest::nearest_names;
use domain::policy::{PurchaseKind, RetryPolicy};
use domain::region::Residency;
use domain::resources::Amount;
use domain::{ByteSize, Money, Span};

use crate::context::{Context, Place};
use crate::file;

pub(super) const SIZE: &str = "a size such as `16GiB`";
pub(super) const TIME: &str = "a time such as `90s`, `10m` or `2h`";
const MONEY: &str = "an amount in US dollars such as `20 USD`";

/// Providers as the planner names them.
pub(super) const PROVIDERS: [&str; 6] = ["local", "kubernetes", "slurm", "aws", "google", "azure"];

/// More of anything than this is a slip.
const MOST: u32 = 100_000;

/// A whole number of at least `least`.
pub(crate) fn count(least: u32) -> impl Fn(&str) -> Option<u32> {
    move |text| {
        text.parse()
            .ok()
            .filter(|number| (least..=MOST).contains(number))
    }
}

/// Thousandths of a CPU: `4`, `0.5`, `500m` as Kubernetes writes it.
fn milli_cpus(text: &str) -> Option<u32> {
    let milli = if let Some(thousandths) = text.strip_suffix('m') {
        thousandths.parse().ok()?
    } else {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 3 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let thousandths: u32 = format!("{fraction:0<3}").parse().ok()?;
        whole
            .parse::<u32>()
            .ok()?
            .checked_mul(1000)?
            .checked_add(thousandths)?
    };
    (1..=MOST * 1000).contains(&milli).then_some(milli)
}

/// `4` or `4+`.
fn amount<T>(read: impl Fn(&str) -> Option<T>) -> impl Fn(&str) -> Option<Amount<T>> {
    move |text| match text.strip_suffix('+') {
        Some(least) => read(least.trim_end()).map(Amount::AtLeast),
        None => read(text).map(Amount::Exactly),
    }
}

pub(super) fn size(text: &str) -> Option<ByteSize> {
    ByteSize::parse(text).filter(|size| size.0 > 0)
}

pub(super) fn span(text: &str) -> Option<Span> {
    Span::parse(text).filter(|span| span.0 > 0)
}

/// A time that may be nothing.
pub(crate) fn pause(text: &str) -> Option<Span> {
    Span::parse(text).filter(|span| span.0 >= 0)
}

impl Context<'_> {
    pub(crate) fn time(&mut self, place: &Place, text: Option<&file::Text>) -> Option<Span> {
        self.quantity(place, text, TIME, span)
    }

    pub(crate) fn resources(
        &mut self,
        place: &Place,
        wanted: &file::Resources,
    ) -> domain::resources::Resources {
        let accelerators =
            self.accelerators(&place.with("accelerators"), wanted.accelerators.as_ref());
        let instance_type = wanted.instance_type.as_ref();
        domain::resources::Resources {
            milli_cpus: self.quantity(
                &place.with("cpus"),
                wanted.cpus.as_ref(),
                "a number of CPUs such as `4`, `0.5` or `4+`",
                amount(milli_cpus),
            ),
            memory: self.quantity(
                &place.with("memory"),
                wanted.memory.as_ref(),
                "a size such as `16GiB` or `16GiB+`",
                amount(size),
            ),
            accelerators,
            instance_type: instance_type
                .and_then(|text| self.fixed_text(&place.with("instance_type"), text)),
            disk: self.quantity(&place.with("disk"), wanted.disk.as_ref(), SIZE, size),
            nodes: self
                .quantity(
                    &place.with("nodes"),
                    wanted.nodes.as_ref(),
                    "a number of machines, at least 1",
                    count(1),
                )
                .unwrap_or_default(),
        }
    }

    pub(super) fn accelerators(
        &mut self,
        place: &Place,
        wanted: Option<&file::Accelerators>,
    ) -> BTreeMap<String, u32> {
        const EXPECTED: &str = "a number of accelerators, at least 1";
        let mut found = BTreeMap::new();
        match wanted {
            None => {}
            Some(file::Accelerators::Map(models)) => {
                for (model, number) in models {
                    let place = place.with(model);
                    let number = self.quantity(&place, Some(number), EXPECTED, count(1));
                    found.extend(number.map(|number| (model.clone(), number)));
                }
            }
            Some(file::Accelerators::Short(text)) => {
                let read = |text: &str| match text.rsplit_once(':') {
                    None if text.is_empty() => None,
                    None => Some((text.to_owned(), 1)),
                    Some((model, number)) if !model.is_empty() => {
                        Some((model.to_owned(), count(1)(number)?))
                    }
                    Some(_) => None,
                };
                let expected = "an accelerator such as `A100` or `A100:8`";
                found.extend(self.quantity(place, Some(text), expected, read));
            }
        }
        found
    }

    pub(crate) fn limits(
        &mut self,
        place: &Place,
        wanted: &file::Limits,
    ) -> domain::resources::Limits {
        domain::resources::Limits {
            memory: self.quantity(&place.with("memory"), wanted.memory.as_ref(), SIZE, size),
            milli_cpus: self.quantity(
                &place.with("cpus"),
                wanted.cpus.as_ref(),
                "a number of CPUs such as `2` or `0.5`",
                milli_cpus,
            ),
            processes: self.quantity(
                &place.with("processes"),
                wanted.processes.as_ref(),
                "a number of processes, at least 1",
                count(1),
            ),
            wall_clock: self.time(&place.with("wall_clock"), wanted.wall_clock.as_ref()),
            disk: self.quantity(&place.with("disk"), wanted.disk.as_ref(), SIZE, size),
        }
    }

    pub(crate) fn policy(
        &mut self,
        place: &Place,
        wanted: &file::Policy,
    ) -> domain::policy::Policy {
        domain::policy::Policy {
            residency: self.residency(&place.with("residency"), wanted.residency.as_ref()),
            maximum_cost: self.quantity(
                &place.with("maximum_cost"),
                wanted.maximum_cost.as_ref(),
                MONEY,
                Money::parse,
            ),
            maximum_hourly_price: self.quantity(
                &place.with("maximum_hourly_price"),
                wanted.maximum_hourly_price.as_ref(),
                MONEY,
                Money::parse,
            ),
            deadline: self.time(&place.with("deadline"), wanted.deadline.as_ref()),
            purchase: self.purchase(&place.with("purchase"), wanted.purchase.as_ref()),
            providers: self.providers(&place.with("providers"), wanted.providers.as_ref()),
            retries: self.retries(&place.with("retries"), wanted.retries.as_ref()),
            timeout: self.time(&place.with("timeout"), wanted.timeout.as_ref()),
        }
    }

    fn residency(&mut self, place: &Place, wanted: Option<&file::OneOrMore>) -> Vec<String> {
        let mut rules = Vec::new();
        for (place, text) in self.fixed_texts(place, wanted) {
            match text.parse::<Residency>() {
                Ok(_) => rules.push(text),
                Err(error) => self.mistake(&place, error.to_string()),
            }
        }
        rules
    }

    fn purchase(&mut self, place: &Place, wanted: Option<&file::OneOrMore>) -> Vec<PurchaseKind> {
        let mut kinds = Vec::new();
        for (place, text) in self.fixed_texts(place, wanted) {
            match text.replace('_', "-").as_str() {
                "on-demand" => kinds.push(PurchaseKind::OnDemand),
                "spot" => kinds.push(PurchaseKind::Spot),
                "committed" => kinds.push(PurchaseKind::Committed),
                _ => self.not_one_of(&place, &text, &["on-demand", "spot", "committed"]),
            }
        }
        kinds
    }

    fn providers(&mut self, place: &Place, wanted: Option<&file::OneOrMore>) -> Vec<String> {
        let mut providers = Vec::new();
        for (place, text) in self.fixed_texts(place, wanted) {
            if PROVIDERS.contains(&text.as_str()) {
                providers.push(text);
            } else {
                self.not_one_of(&place, &text, &PROVIDERS);
            }
        }
        providers
    }

    fn retries(&mut self, place: &Place, wanted: Option<&file::Retries>) -> RetryPolicy {
        let usual = RetryPolicy::default();
        let Some(wanted) = wanted else { return usual };
        let attempts = self.quantity(
            &place.with("attempts"),
            wanted.attempts.as_ref(),
            "a number of attempts from 1 to 100",
            |text| count(1)(text).filter(|number| *number <= 100),
        );
        let (first, longest) = (place.with("backoff"), place.with("longest_backoff"));
        let backoff = self.quantity(&first, wanted.backoff.as_ref(), TIME, pause);
        let longest_backoff = self.quantity(&longest, wanted.longest_backoff.as_ref(), TIME, pause);
        let backoff = backoff.unwrap_or(usual.backoff);
        RetryPolicy {
            attempts: attempts.unwrap_or(usual.attempts),
            backoff,
            longest_backoff: longest_backoff.unwrap_or(usual.longest_backoff.max(backoff)),
        }
    }

    /// Texts that are needed before anything runs, each with its place.
    pub(crate) fn fixed_texts(
        &mut self,
        place: &Place,
        texts: Option<&file::OneOrMore>,
    ) -> Vec<(Place, String)> {
        let mut found = Vec::new();
        for (index, text) in texts.map(file::OneOrMore::with_paths).unwrap_or_default() {
            let place = place.with_index(index);
            if let Some(text) = self.fixed_text(&place, text) {
                found.push((place, text));
            }
        }
        found
    }

    pub(super) fn not_one_of(&mut self, place: &Place, text: &str, known: &[&str]) {
        let what = place.words();
        let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
        let hint = match nearest_names(text, known.iter().copied()).first() {
            Some(near) => format!(", did you mean `{near}`?"),
            None => format!(", expected one of `{}`", known.join("`, `")),
        };
        self.mistake(place, format!("`{shown}` is not known in {what}{hint}"));
    }
}
