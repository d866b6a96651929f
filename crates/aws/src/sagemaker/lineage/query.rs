//! `QueryLineage`: a walk along associations from one entity.

use super::associations::{self, Association, End};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::listing;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Vertices of a page unless asked otherwise, and at most.
const MOST: usize = 50;
/// Steps from the start, at most.
const DEEPEST: usize = 10;
/// Vertices that one walk visits.
const MOST_VISITED: usize = 10_000;

/// The request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    #[serde(default)]
    start_arns: Vec<String>,
    #[serde(default)]
    direction: Direction,
    #[serde(default = "yes")]
    include_edges: bool,
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    max_depth: Option<usize>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Direction {
    #[default]
    Both,
    Ascendants,
    Descendants,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    types: Vec<String>,
    lineage_types: Vec<String>,
    created_before: Option<f64>,
    created_after: Option<f64>,
    modified_before: Option<f64>,
    modified_after: Option<f64>,
    properties: BTreeMap<String, String>,
}

/// What was found.
pub(crate) struct Lineage {
    pub(crate) vertices: Vec<Value>,
    pub(crate) edges: Vec<Value>,
    pub(crate) next: Option<String>,
}

/// Walks.
pub(crate) async fn query(call: &Call<'_>, request: &Request) -> Result<Lineage, Fault> {
    let [start] = request.start_arns.as_slice() else {
        return Err(Fault::validation("exactly one of StartArns must be given"));
    };
    if associations::end(call, start).await?.is_none() {
        return Err(Fault::new(
            "ResourceNotFound",
            format!("'{start}' does not exist."),
        ));
    }
    let depth = request.max_depth.unwrap_or(DEEPEST).min(DEEPEST);
    let mut walk = Walk::default();
    if request.direction != Direction::Descendants {
        walk.go(call, start, depth, Direction::Ascendants).await?;
    }
    if request.direction != Direction::Ascendants {
        walk.go(call, start, depth, Direction::Descendants).await?;
    }
    walk.seen.remove(start.as_str());
    let mut vertices = Vec::new();
    for arn in &walk.seen {
        if let Some(end) = associations::end(call, arn).await?
            && request.filters.admits(&end)
        {
            vertices.push(vertex(arn, &end));
        }
    }
    let edges = walk.edges.into_values().map(|edge| {
        json!({
            "SourceArn": edge.source_arn,
            "DestinationArn": edge.destination_arn,
            "AssociationType": edge.kind.as_deref().unwrap_or("ContributedTo"),
        })
    });
    let offset = listing::offset(request.next_token.as_deref())?;
    let most = request.max_results.unwrap_or(MOST).clamp(1, MOST);
    let total = vertices.len();
    let page: Vec<Value> = vertices.into_iter().skip(offset).take(most).collect();
    Ok(Lineage {
        next: (total > offset + page.len()).then(|| listing::token(offset + page.len())),
        vertices: page,
        edges: if request.include_edges {
            edges.collect()
        } else {
            Vec::new()
        },
    })
}

fn vertex(arn: &str, end: &End) -> Value {
    let mut vertex = json!({"Arn": arn});
    if let Some(kind) = end.type_of() {
        vertex["Type"] = json!(kind.chars().take(40).collect::<String>());
    }
    if matches!(
        end.kind.prefix,
        "TrialComponent" | "Artifact" | "Context" | "Action"
    ) {
        vertex["LineageType"] = json!(end.kind.prefix);
    }
    vertex
}

#[derive(Default)]
struct Walk {
    seen: BTreeSet<String>,
    edges: BTreeMap<(String, String), Association>,
}

impl Walk {
    async fn go(
        &mut self,
        call: &Call<'_>,
        start: &str,
        depth: usize,
        direction: Direction,
    ) -> Result<(), Fault> {
        let mut visited = BTreeSet::from([start.to_owned()]);
        let mut front = vec![start.to_owned()];
        for _ in 0..depth {
            let mut next = Vec::new();
            for arn in front {
                let up = direction == Direction::Ascendants;
                let (source, destination) = if up {
                    (None, Some(arn.as_str()))
                } else {
                    (Some(arn.as_str()), None)
                };
                for (edge, _) in associations::all(call, source, destination).await? {
                    let other = if up {
                        &edge.source_arn
                    } else {
                        &edge.destination_arn
                    };
                    if visited.insert(other.clone()) {
                        next.push(other.clone());
                    }
                    let key = (edge.source_arn.clone(), edge.destination_arn.clone());
                    self.edges.insert(key, edge);
                }
            }
            if next.is_empty() || visited.len() > MOST_VISITED {
                break;
            }
            front = next;
        }
        self.seen.extend(visited);
        Ok(())
    }
}

impl Filters {
    fn admits(&self, end: &End) -> bool {
        let seconds = |at: Timestamp| at.0 as f64 / 1_000.0;
        let within = |at: f64, after: Option<f64>, before: Option<f64>| {
            after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
        };
        let (kind, word) = (end.type_of().unwrap_or_default(), end.kind.prefix);
        let properties = &end.entity.request["Properties"];
        (self.types.is_empty() || self.types.iter().any(|wanted| wanted == kind))
            && (self.lineage_types.is_empty() || self.lineage_types.iter().any(|w| w == word))
            && within(
                seconds(end.entity.created),
                self.created_after,
                self.created_before,
            )
            && within(
                seconds(end.entity.modified),
                self.modified_after,
                self.modified_before,
            )
            && self
                .properties
                .iter()
                .all(|(name, value)| properties[name] == *value)
    }
}
