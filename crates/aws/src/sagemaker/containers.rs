//! Endpoints whose models have several containers. Each container is a deployment: the first has the
//! variant's name and share, the others are reached by their names alone. Labels of the endpoint say
//! in which way requests go through them, so that a request needs no more than the endpoint's row.

use super::container::Containers;
use crate::fault::Fault;
use domain::Name;
use domain::endpoint::EndpointSpec;
use std::collections::BTreeMap;

/// Begins the label of a variant with several containers; its value is [`SERIAL`] or [`DIRECT`].
const WAY: &str = "sagemaker:containers:";
/// Begins the label of a container: variant and position, from 1. Its value is [`Hop`]'s form.
const CONTAINER: &str = "sagemaker:container:";

const SERIAL: &str = "Serial";
const DIRECT: &str = "Direct";

/// One container of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    /// The deployment that it is.
    pub(crate) deployment: Name,
    /// The name that requests have it by.
    pub(crate) host: Option<String>,
    /// What it answers with unless a request says otherwise.
    pub(crate) accept: Option<String>,
}

/// How a request goes through the containers of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// There is one.
    One,
    /// Through all, each answer being the next one's request.
    Serial(Vec<Hop>),
    /// To the one that it names.
    Direct(Vec<Hop>),
}

/// The deployment of a variant's container at a position from 0.
pub(crate) fn deployment(variant: &str, position: usize) -> Result<Name, Fault> {
    let name = match position {
        0 => variant.to_owned(),
        // No variant's name has a dot.
        other => format!("{variant}.{}", other + 1),
    };
    Name::new(name).map_err(|error| Fault::validation(error.to_string()))
}

/// Adds the labels of a variant whose model has several containers.
pub(crate) fn label(labels: &mut BTreeMap<String, String>, variant: &str, containers: &Containers) {
    let way = if containers.is_direct() {
        DIRECT
    } else {
        SERIAL
    };
    labels.insert(format!("{WAY}{variant}"), way.to_owned());
    for (position, container) in containers.all().enumerate() {
        let host = container.host().unwrap_or_default();
        let accept = container.usual_accept().unwrap_or_default();
        labels.insert(
            format!("{CONTAINER}{variant}:{}", position + 1),
            format!("{host} {accept}"),
        );
    }
}

/// How requests of a variant go.
pub(crate) fn way(spec: &EndpointSpec, variant: &str) -> Result<Way, Fault> {
    let Some(way) = spec.tags.get(&format!("{WAY}{variant}")) else {
        return Ok(Way::One);
    };
    let mut hops = Vec::new();
    while let Some(text) = spec
        .tags
        .get(&format!("{CONTAINER}{variant}:{}", hops.len() + 1))
    {
        let (host, accept) = text.split_once(' ').unwrap_or((text, ""));
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        hops.push(Hop {
            deployment: deployment(variant, hops.len())?,
            host: given(host),
            accept: given(accept),
        });
    }
    Ok(match way.as_str() {
        DIRECT => Way::Direct(hops),
        _ => Way::Serial(hops),
    })
}

/// The variants of an endpoint that have several containers.
pub(crate) fn variants(spec: &EndpointSpec) -> impl Iterator<Item = &str> {
    spec.tags.keys().filter_map(|label| label.strip_prefix(WAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::traffic::Traffic;
    use serde_json::json;

    fn spec(request: serde_json::Value) -> EndpointSpec {
        let containers: Containers = serde_json::from_value(request).unwrap();
        let mut tags = BTreeMap::new();
        label(&mut tags, "blue", &containers);
        EndpointSpec {
            deployments: Vec::new(),
            tags,
            traffic: Traffic::default(),
            capture: None,
        }
    }

    #[test]
    fn labels_say_the_way() {
        let accept = json!({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"});
        let all = json!({"Containers": [{"Environment": accept}, {"ContainerHostname": "last"}]});
        let serial = spec(all);
        let Way::Serial(hops) = way(&serial, "blue").unwrap() else {
            panic!("they come one after the other");
        };
        let names: Vec<&str> = hops.iter().map(|hop| hop.deployment.as_str()).collect();
        assert_eq!(names, ["blue", "blue.2"]);
        assert_eq!(hops[0].accept.as_deref(), Some("text/csv"));
        assert_eq!(
            (&hops[0].host, hops[1].host.as_deref()),
            (&None, Some("last"))
        );
        assert_eq!(way(&serial, "green").unwrap(), Way::One);
        assert_eq!(variants(&serial).collect::<Vec<_>>(), ["blue"]);
        let direct = spec(json!({
            "Containers": [{"ContainerHostname": "a"}, {"ContainerHostname": "b"}],
            "InferenceExecutionConfig": {"Mode": "Direct"},
        }));
        assert!(matches!(way(&direct, "blue").unwrap(), Way::Direct(hops) if hops.len() == 2));
    }
}
