//! Any bytes given as a JSON body, held against the published model of an operation: the first byte
//! chooses which.

#![no_main]

use libfuzzer_sys::fuzz_target;

const OPERATIONS: [&str; 8] = [
    "CreateTrainingJob",
    "ListTrainingJobs",
    "CreateEndpointConfig",
    "CreateHyperParameterTuningJob",
    "CreatePipeline",
    "CreateFeatureGroup",
    "Search",
    "AddTags",
];

fuzz_target!(|bytes: &[u8]| {
    if let Some((first, body)) = bytes.split_first() {
        let operation = OPERATIONS[usize::from(*first) % OPERATIONS.len()];
        aws::parsers::members(operation, body).expect("a property");
    }
});
