//! `DataCaptureConfig`: what of an endpoint's requests is kept, and where
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html>).

use super::jobs::channels::s3;
use super::variants::CONFIG;
use crate::fault::Fault;
use crate::operation::{Call, read};
use domain::Share;
use domain::traffic::{Capture, Kept};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    /// True unless given.
    #[serde(default)]
    enable_capture: Option<bool>,
    initial_sampling_percentage: u16,
    #[serde(rename = "DestinationS3Uri")]
    destination: String,
    #[serde(default)]
    kms_key_id: Option<String>,
    capture_options: Vec<CaptureOption>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CaptureOption {
    capture_mode: String,
}

/// What a configuration's request captures; none where it does not, or not at present.
pub(crate) fn of_request(request: &Value) -> Result<Option<Capture>, Fault> {
    let Some(config) = request
        .get("DataCaptureConfig")
        .filter(|config| !config.is_null())
    else {
        return Ok(None);
    };
    let config: Config = read(config.clone())?;
    if config.kms_key_id.is_some() {
        return Err(Fault::unsupported(
            "captured data is encrypted by the bucket's own settings, not by a key of the \
             endpoint's (DataCaptureConfig.KmsKeyId)",
        ));
    }
    s3("destinationS3Uri", &config.destination)?;
    let modes = config.capture_options.iter();
    let modes: Vec<&str> = modes.map(|option| option.capture_mode.as_str()).collect();
    let has = |mode: &str| {
        modes
            .iter()
            .any(|one| *one == mode || *one == "InputAndOutput")
    };
    let keeps = match (has("Input"), has("Output")) {
        (true, true) => Kept::Both,
        (true, false) => Kept::Requests,
        (false, true) => Kept::Answers,
        (false, false) => {
            return Err(Fault::validation(
                "CaptureOptions must name Input, Output or InputAndOutput",
            ));
        }
    };
    let share = Share::percent(config.initial_sampling_percentage)
        .ok_or_else(|| Fault::validation("InitialSamplingPercentage must be between 0 and 100"))?;
    let on = config.enable_capture.unwrap_or(true) && share != Share::NONE;
    Ok(on.then_some(Capture {
        share,
        location: config.destination,
        baseline: None,
        keeps,
    }))
}

/// The request of a configuration; none when it is gone.
async fn request(call: &Call<'_>, config: &str) -> Result<Option<Value>, Fault> {
    let caller = call.caller();
    let found = call.aws.control.find_document(&caller, CONFIG, config);
    Ok(found.await?.map(|known| known.document.body))
}

/// What a configuration captures.
pub(crate) async fn of_config(call: &Call<'_>, config: &str) -> Result<Option<Capture>, Fault> {
    match request(call, config).await? {
        Some(request) => of_request(&request),
        None => Ok(None),
    }
}

/// `DataCaptureConfigSummary` of an endpoint.
pub(crate) async fn described(call: &Call<'_>, config: &str) -> Result<Option<Value>, Fault> {
    let Some(request) = request(call, config).await? else {
        return Ok(None);
    };
    let asked = &request["DataCaptureConfig"];
    if asked.is_null() {
        return Ok(None);
    }
    let started = of_request(&request)?.is_some();
    Ok(Some(json!({
        "EnableCapture": asked["EnableCapture"].as_bool().unwrap_or(true),
        "CaptureStatus": if started { "Started" } else { "Stopped" },
        "CurrentSamplingPercentage": asked["InitialSamplingPercentage"],
        "DestinationS3Uri": asked["DestinationS3Uri"],
        // A member of the answer that is always there; keys of the endpoint's are refused.
        "KmsKeyId": "",
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_read_and_what_is_not_served_is_refused() {
        let asked = |more: Value| {
            let mut config = json!({
                "EnableCapture": true,
                "InitialSamplingPercentage": 20,
                "DestinationS3Uri": "s3://watch/kept",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            });
            for (name, value) in more.as_object().unwrap() {
                config[name] = value.clone();
            }
            of_request(&json!({"DataCaptureConfig": config}))
        };
        let capture = asked(json!({})).unwrap().unwrap();
        assert_eq!(
            (capture.share.basis_points(), capture.keeps),
            (2_000, Kept::Requests)
        );
        let both = json!({"CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]});
        assert_eq!(asked(both).unwrap().unwrap().keeps, Kept::Both);
        for off in [
            json!({"EnableCapture": false}),
            json!({"InitialSamplingPercentage": 0}),
        ] {
            assert_eq!(asked(off).unwrap(), None);
        }
        for bad in [
            json!({"KmsKeyId": "k"}),
            json!({"CaptureOptions": []}),
            json!({"InitialSamplingPercentage": 101}),
            json!({"DestinationS3Uri": "nowhere"}),
        ] {
            assert!(asked(bad.clone()).is_err(), "{bad}");
        }
        assert_eq!(of_request(&json!({})).unwrap(), None);
    }
}
