//! Notebooks that run day and night: people sleep, so a notebook with cost in nearly every hour of
//! at least a week, weekends included, is one that nobody stopped.

use super::utilization::percentile;
use super::{Advice, Apply, Confidence, Context, Rule, is, quoted};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::Key;
use std::collections::{BTreeMap, BTreeSet};

const LEAST_DAYS: usize = 7;
/// Per cent of the hours between its first and last one that must have cost.
const NEARLY_ALL: usize = 90;
/// Hours that somebody works in a week of 168; the rest is saved.
const WORKED: (i128, i128) = (50, 168);
/// A notebook's 95th percentile of CPU above this per cent is one that computes at night.
const COMPUTES: f32 = 10.0;

pub(super) struct IdleNotebooks;

#[derive(Default)]
struct Notebook {
    cost: Amount,
    hours: BTreeSet<String>,
}

impl Rule for IdleNotebooks {
    fn name(&self) -> &'static str {
        "idle-notebooks"
    }

    fn inputs(&self) -> &'static str {
        "hourly lines of notebooks by resource and meter (SageMaker, Workbench, Azure ML), and CPU \
         samples of the same names"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let by = vec![
            Key::parse("resource")?,
            Key::Column(Column::SkuMeter),
            Key::Hour,
        ];
        let answer = context
            .ledger
            .ask(&context.question(by, vec![is("charge", &["Usage"])?]))?;
        let mut notebooks: BTreeMap<(String, String), Notebook> = BTreeMap::new();
        for group in answer.groups {
            let [Some(resource), meter, Some(hour)] = group.keys.as_slice() else {
                continue;
            };
            if !is_notebook(resource) && !meter.as_deref().is_some_and(is_notebook) {
                continue;
            }
            let notebook = notebooks
                .entry((resource.clone(), group.currency))
                .or_default();
            notebook.cost += group.values[0];
            notebook.hours.insert(hour.clone());
        }
        if notebooks.is_empty() {
            return Ok(Err("no line by the hour is of a notebook".to_owned()));
        }
        let advice = notebooks
            .into_iter()
            .filter_map(|((name, currency), notebook)| advise(context, name, currency, &notebook));
        Ok(Ok(advice.collect()))
    }
}

fn advise(
    context: &Context<'_>,
    subject: String,
    currency: String,
    notebook: &Notebook,
) -> Option<Advice> {
    let days: BTreeSet<&str> = notebook
        .hours
        .iter()
        .filter_map(|hour| hour.get(..10))
        .collect();
    if days.len() < LEAST_DAYS || notebook.hours.len() * 100 < days.len() * 24 * NEARLY_ALL {
        return None;
    }
    let mut evidence = vec![format!(
        "{} {currency} in {} hours of {} days: it was never stopped",
        notebook.cost.for_people(),
        notebook.hours.len(),
        days.len()
    )];
    let mut confidence = Confidence::Medium;
    let short = subject.rsplit(['/', ':']).next().unwrap_or(&subject);
    let samples = context
        .machines
        .iter()
        .find(|m| (m.name == subject || m.name == short) && m.full_days() >= 1);
    if let Some(machine) = samples {
        let high = percentile(&machine.sorted(), 950);
        if high >= COMPUTES {
            return None;
        }
        evidence.push(format!(
            "P95 of its CPU is {high:.1} % in {} days",
            machine.full_days()
        ));
        confidence = Confidence::High;
    }
    let saving = notebook.cost - notebook.cost.part(WORKED.0, WORKED.1);
    Some(Advice {
        rule: "idle-notebooks",
        change: "stop it when nobody works: 118 of 168 hours of a week".to_owned(),
        evidence,
        saving_per_month: Some(context.per_month(saving)),
        currency,
        confidence,
        risk: "what is only in its memory is lost; its disk stays and costs".to_owned(),
        undo: "start it again".to_owned(),
        apply: Apply::Owner {
            command: format!(
                "aws sagemaker stop-notebook-instance --notebook-instance-name {}",
                quoted(short)
            ),
        },
        subject,
    })
}

fn is_notebook(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "notebk",
        "notebook",
        "studio:jupyterlab",
        "jupyterlab",
        "workbench",
        "computeinstance",
    ]
    .iter()
    .any(|word| text.contains(word))
}
