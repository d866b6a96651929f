//! What the owner expects of a job.

use domain::expected::{DataAt, Expected};

use super::demands::{PROVIDERS, SIZE, TIME, size, span};
use crate::context::{Context, Place};
use crate::file;

impl Context<'_> {
    pub(crate) fn expected(&mut self, place: &Place, wanted: &file::Expected) -> Expected {
        let mut expected = Expected {
            run_time: self.quantity(
                &place.with("run_time"),
                wanted.run_time.as_ref(),
                TIME,
                span,
            ),
            checkpoint: self.quantity(
                &place.with("checkpoint"),
                wanted.checkpoint.as_ref(),
                TIME,
                span,
            ),
            output: self.quantity(&place.with("output"), wanted.output.as_ref(), SIZE, size),
            inputs: self.data(&place.with("inputs"), &wanted.inputs),
            outputs: self.data(&place.with("outputs"), &wanted.outputs),
            ..Expected::default()
        };
        if let Some(on) = &wanted.on {
            let place = place.with("on");
            expected.on = self.accelerators(&place, Some(on));
            if expected.on.len() > 1 {
                self.key_mistake(&place, "a time holds on one model of accelerator");
            }
            if wanted.run_time.is_none() {
                self.key_mistake(&place, "`on` says where `run_time` holds, which is missing");
            }
        }
        expected
    }

    fn data(&mut self, place: &Place, wanted: &[file::DataAt]) -> Vec<DataAt> {
        let mut found = Vec::new();
        for (index, data) in wanted.iter().enumerate() {
            let place = place.with(index);
            let amount = self.quantity(&place.with("size"), Some(&data.size), SIZE, size);
            let at = place.with("at");
            let Some(text) = self.fixed_text(&at, &data.at) else {
                continue;
            };
            let Some((provider, region)) = text.split_once('/').filter(|it| !it.1.is_empty())
            else {
                let message = "it is a provider and its region, such as `aws/us-east-1`";
                self.mistake(&at, message);
                continue;
            };
            if !PROVIDERS.contains(&provider) {
                self.not_one_of(&at, provider, &PROVIDERS);
                continue;
            }
            found.extend(amount.map(|size| DataAt {
                provider: provider.to_owned(),
                region: region.to_owned(),
                size,
            }));
        }
        found
    }
}
