//! How functions, versions, aliases, schedules and asynchronous calls stand in the store.

use crate::rows::Stored;
use domain::function::{
    Alias, Function, FunctionEvent, FunctionSchedule, FunctionVersion, TriggerKind,
};
use domain::{FunctionName, Name, Workspace};
use std::collections::BTreeMap;

/// The label of functions that answer behind a stage of an API.
pub(super) fn api_label(api: &Name, stage: &Name) -> String {
    format!("tradewind:api:{api}/{stage}")
}

/// The label of functions that wait for objects of a bucket.
pub(super) fn bucket_label(bucket: &str) -> String {
    format!("tradewind:objects-of:{bucket}")
}

/// The row id of a version: numbers are padded, so that the order of ids is that of versions.
pub(super) fn version_id(function: &FunctionName, version: u32) -> String {
    format!("{function}:{version:010}")
}

/// The row id of an alias.
pub(super) fn alias_id(function: &FunctionName, alias: &Name) -> String {
    format!("{function}:{alias}")
}

/// The row id of a schedule.
pub(super) fn schedule_id(function: &FunctionName, trigger: &Name) -> String {
    format!("{function}:{trigger}")
}

impl Stored for Function {
    const KIND: &'static str = "function";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.name.to_string()
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.spec.tags.clone();
        for trigger in &self.spec.triggers {
            let label = match &trigger.kind {
                TriggerKind::Http { api, stage, .. } => api_label(api, stage),
                TriggerKind::ObjectCreated { bucket, .. } => bucket_label(bucket),
                TriggerKind::Schedule { .. } => continue,
            };
            labels.insert(label, String::new());
        }
        labels
    }
}

impl Stored for FunctionVersion {
    const KIND: &'static str = "function-version";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        version_id(&self.function, self.version)
    }
    fn parent(&self) -> Option<String> {
        Some(self.function.to_string())
    }
    fn phase_word(&self) -> String {
        "published".to_owned()
    }
}

impl Stored for Alias {
    const KIND: &'static str = "function-alias";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        alias_id(&self.function, &self.name)
    }
    fn parent(&self) -> Option<String> {
        Some(self.function.to_string())
    }
    fn phase_word(&self) -> String {
        "set".to_owned()
    }
}

impl Stored for FunctionSchedule {
    const KIND: &'static str = "function-schedule";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        schedule_id(&self.function, &self.trigger)
    }
    fn parent(&self) -> Option<String> {
        Some(self.function.to_string())
    }
    fn phase_word(&self) -> String {
        "set".to_owned()
    }
}

impl Stored for FunctionEvent {
    const KIND: &'static str = "function-event";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.id.clone()
    }
    fn parent(&self) -> Option<String> {
        Some(self.function.to_string())
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
}
