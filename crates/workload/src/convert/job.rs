//! One job.

use std::collections::BTreeMap;

use domain::expression::Template;
use domain::job::{Entry, JobSpec};
use domain::metric::MetricPattern;
use domain::{Location, Name};
use regex::RegexBuilder;

use super::demands::pause;
use crate::context::{Context, Owner, Place};
use crate::file::{self, OneOrMore, Text};

/// Compiled size of a metric's pattern, in bytes; a line of output is matched against each.
const LARGEST_PATTERN: usize = 1 << 20;

/// Names that every job's folder has already.
const RESERVED_OUTPUTS: [&str; 4] = ["model", "output", "checkpoints", "logs"];

impl Context<'_> {
    /// The job at a place. `given` is what the whole pipeline gives to its jobs.
    pub(crate) fn job(&mut self, place: &Place, job: &file::Job, owner: Owner<'_>) -> JobSpec {
        let mut spec = JobSpec::new(self.entry(place, job, owner));
        spec.environment = self.environment(&place.with("environment"), job.environment.as_ref());
        for (channel, locations) in &job.inputs {
            let place = place.with("inputs").with(channel);
            self.key_name(&place, channel);
            let locations = self.locations(&place, locations, owner);
            spec.inputs.insert(channel.clone(), locations);
        }
        spec.outputs = self.outputs(&place.with("outputs"), &job.outputs);
        let at = place.with("hyperparameters");
        for (name, value) in &job.hyperparameters {
            let place = at.with(name);
            if name.is_empty() || name.starts_with('-') || name.contains(forbidden_in_option) {
                self.key_mistake(&place, "it cannot be written as `--name value`");
            }
            spec.hyperparameters
                .insert(name.clone(), self.template(&place, value, owner));
        }
        spec.env = self.variables(&place.with("env"), &job.env, owner);
        spec.resources = self.resources(&place.with("resources"), &job.resources);
        spec.limits = self.limits(&place.with("limits"), &job.limits);
        spec.policy = self.policy(&place.with("policy"), &job.policy);
        spec.expected = self.expected(&place.with("expected"), &job.expected);
        spec.metrics = self.metrics(&place.with("metrics"), &job.metrics);
        spec.tags = self.tags(&place.with("tags"), &job.tags);
        let grace = place.with("grace");
        let expected = "a time such as `10s`";
        if let Some(grace) = self.quantity(&grace, job.grace.as_ref(), expected, pause) {
            spec.grace = grace;
        }
        spec.cache = job.cache.unwrap_or(true);
        spec
    }

    fn entry(&mut self, place: &Place, job: &file::Job, owner: Owner<'_>) -> Entry {
        let mut arguments = Vec::new();
        for (at, argument) in job.arguments.iter().enumerate() {
            let place = place.with("arguments").with(at);
            arguments.push(self.template(&place, argument, owner));
        }
        match (&job.script, &job.command) {
            (Some(script), None) => {
                let path = self.script(&place.with("script"), script);
                Entry::Script {
                    path: path.unwrap_or_default(),
                    arguments,
                }
            }
            (None, Some(command)) => {
                if !job.arguments.is_empty() {
                    let message = "`arguments` belong to a `script`; a `command` has its own";
                    self.key_mistake(&place.with("arguments"), message);
                }
                Entry::Command {
                    argv: self.command(&place.with("command"), command, owner),
                }
            }
            (Some(_), Some(_)) => {
                let message = "`command` cannot stand beside `script`, a job starts one of them";
                self.key_mistake(&place.with("command"), message);
                Entry::Command { argv: Vec::new() }
            }
            (None, None) => {
                let message = "a job needs a `script` (a Python file) or a `command`";
                self.key_mistake(place, message);
                Entry::Command { argv: Vec::new() }
            }
        }
    }

    fn command(&mut self, place: &Place, command: &OneOrMore, owner: Owner<'_>) -> Vec<String> {
        let mut argv = Vec::new();
        for (index, part) in command.with_paths() {
            argv.push(self.template(&place.with_index(index), part, owner));
        }
        if argv.is_empty() || argv[0].trim().is_empty() {
            self.key_mistake(place, "the `command` is empty");
        }
        match command {
            OneOrMore::One(_) => ["/bin/sh", "-c"]
                .into_iter()
                .map(str::to_owned)
                .chain(argv)
                .collect(),
            OneOrMore::More(_) => argv,
        }
    }

    fn locations(&mut self, place: &Place, wanted: &OneOrMore, owner: Owner<'_>) -> Vec<String> {
        let mut locations = Vec::new();
        for (index, text) in wanted.with_paths() {
            let place = place.with_index(index);
            let location = self.template(&place, text, owner);
            if location
                .parse::<Template>()
                .is_ok_and(|template| template.is_literal())
            {
                self.literal_location(&place, &location);
            }
            locations.push(location);
        }
        if locations.is_empty() {
            self.key_mistake(place, "the input has no location");
        }
        locations
    }

    /// A location that does not wait for anything must make sense now.
    fn literal_location(&mut self, place: &Place, text: &str) {
        match Location::parse(text) {
            Err(error) => self.mistake(place, error.to_string()),
            Ok(Location::Path { path }) => {
                let Some(folder) = self.folder else { return };
                let whole = folder.join(&path);
                if !whole.exists() {
                    let message = format!("there is no `{path}` in `{}`", folder.display());
                    self.mistake(place, message);
                }
            }
            Ok(Location::Object { .. } | Location::Package { .. }) => {}
        }
    }

    fn outputs(&mut self, place: &Place, wanted: &[Text]) -> Vec<String> {
        let mut outputs: Vec<String> = Vec::new();
        for (at, text) in wanted.iter().enumerate() {
            let place = place.with(at);
            let Some(name) = self.name::<Name>(&place, text) else {
                continue;
            };
            let name = name.to_string();
            if RESERVED_OUTPUTS.contains(&name.as_str()) {
                self.mistake(
                    &place,
                    format!("every job has `{name}` already, choose another name"),
                );
            } else if outputs.contains(&name) {
                self.mistake(&place, format!("the output `{name}` is there twice"));
            } else {
                outputs.push(name);
            }
        }
        outputs
    }

    pub(crate) fn variables(
        &mut self,
        place: &Place,
        wanted: &BTreeMap<String, Text>,
        owner: Owner<'_>,
    ) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        for (name, value) in wanted {
            let place = place.with(name);
            if name.is_empty() || name.contains(['=', '\0']) {
                self.key_mistake(&place, "a variable's name may not be empty or hold `=`");
            }
            if value.contains('\0') {
                self.mistake(&place, "a variable may not hold a NUL character");
            }
            variables.insert(name.clone(), self.template(&place, value, owner));
        }
        variables
    }

    pub(crate) fn tags(
        &mut self,
        place: &Place,
        wanted: &BTreeMap<String, Text>,
    ) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        for (name, value) in wanted {
            let place = place.with(name);
            if name.is_empty() || name.len() > 128 || value.len() > 256 {
                let message = "a tag's name may have 1 to 128 bytes and its value 256";
                self.key_mistake(&place, message);
            }
            if let Some(value) = self.fixed_text(&place, value) {
                tags.insert(name.clone(), value);
            }
        }
        tags
    }

    fn metrics(&mut self, place: &Place, wanted: &[file::Metric]) -> Vec<MetricPattern> {
        let mut metrics = Vec::new();
        for (at, metric) in wanted.iter().enumerate() {
            let place = place.with(at).with("regex");
            match RegexBuilder::new(&metric.regex)
                .size_limit(LARGEST_PATTERN)
                .build()
            {
                Ok(regex) if regex.captures_len() < 2 => {
                    let message = "the pattern needs a group, as in `loss: ([0-9.]+)`";
                    self.mistake(&place, message);
                }
                Ok(_) => metrics.push(MetricPattern {
                    name: metric.name.to_string(),
                    regex: metric.regex.to_string(),
                }),
                Err(error) => {
                    let error = error.to_string();
                    let reason = error.lines().last().unwrap_or_default().trim();
                    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
                    let message = format!("the pattern is not a regular expression: {reason}");
                    self.mistake(&place, message);
                }
            }
        }
        metrics
    }

    fn key_name(&mut self, place: &Place, name: &str) {
        if let Err(error) = Name::new(name) {
            self.key_mistake(place, error.to_string());
        }
    }
}

fn forbidden_in_option(character: char) -> bool {
    character.is_whitespace() || character.is_control() || character == '='
}
