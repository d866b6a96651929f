//! Endpoints with the tag `AutoShutdown` keep no replica ready outside their working hours; a
//! request is answered all the same and waits for a start. What they kept is in a tag of their own
//! until the hours begin, so that a restart of the server forgets nothing.

use contracts::store::Query;
use control::rows::{Stored, read};
use control::{Caller, Control};
use costs::rules::{SHUTDOWN_TAG, WorkingHours};
use domain::Timestamp;
use domain::endpoint::{Endpoint, EndpointPhase, EndpointSpec};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(30);
/// The tag with what was kept: `blue=2:4,green=1:`, the most after the colon where it was set.
const KEPT_TAG: &str = "AutoShutdown.kept";

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Follows schedules until `halted` turns true.
pub(crate) async fn follow(control: Arc<Control>, mut halted: watch::Receiver<bool>) {
    while !*halted.borrow() {
        if let Err(error) = round(&control).await {
            tracing::warn!(%error, "schedules of endpoints could not be followed; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = halted.changed() => {}
        }
    }
}

async fn round(control: &Control) -> Result<(), Failed> {
    let mut query = Query {
        kind: Endpoint::KIND.to_owned(),
        limit: 1_000,
        ..Query::default()
    };
    loop {
        let page = control.store.list(&query).await?;
        for row in &page.rows {
            let endpoint: Endpoint = read(row)?;
            if endpoint.phase == EndpointPhase::Deleting {
                continue;
            }
            if let Some(spec) = next(&endpoint.spec, control.world.now()) {
                let caller = Caller::system(endpoint.workspace.clone());
                let changed = control.put_endpoint(&caller, &endpoint.name, &spec).await;
                if let Err(refusal) = changed {
                    tracing::warn!(%refusal, endpoint = %endpoint.name, "a schedule was not kept");
                }
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(());
        }
    }
}

/// What an endpoint shall be by its schedule; unset when it is so.
fn next(spec: &EndpointSpec, now: Timestamp) -> Option<EndpointSpec> {
    let hours = spec.tags.get(SHUTDOWN_TAG);
    // Whoever wrote no hours meant none to be followed.
    let hours: Option<WorkingHours> = hours.and_then(|text| text.parse().ok());
    let works = hours.is_none_or(|hours| hours.contains(now));
    let mut next = spec.clone();
    if works {
        let kept = next.tags.remove(KEPT_TAG)?;
        for (name, replicas, most) in kept.split(',').filter_map(parse) {
            let mut deployments = next.deployments.iter_mut();
            let one = deployments.find(|one| one.name.as_str() == name && one.replicas == 0);
            if let Some(one) = one {
                one.replicas = replicas;
                one.options.most_replicas = most;
            }
        }
        return Some(next);
    }
    let mut kept = Vec::new();
    for one in next.deployments.iter_mut().filter(|one| one.replicas > 0) {
        let most = one
            .options
            .most_replicas
            .map_or_else(String::new, |most| most.to_string());
        kept.push(format!("{}={}:{most}", one.name, one.replicas));
        one.options.most_replicas = Some(one.most_replicas());
        one.replicas = 0;
    }
    if kept.is_empty() {
        return None;
    }
    if let Some(before) = next.tags.get(KEPT_TAG) {
        // A deployment that was changed meanwhile counts as it is now.
        let names: Vec<&str> = kept
            .iter()
            .filter_map(|one| one.split('=').next())
            .collect();
        let others = before.split(',').filter(|one| {
            let name = one.split('=').next().unwrap_or("");
            !names.contains(&name)
        });
        let others: Vec<String> = others.map(str::to_owned).collect();
        kept.extend(others);
    }
    next.tags.insert(KEPT_TAG.to_owned(), kept.join(","));
    Some(next)
}

fn parse(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let (name, counts) = text.split_once('=')?;
    let (replicas, most) = counts.split_once(':')?;
    let most = if most.is_empty() {
        None
    } else {
        Some(most.parse().ok()?)
    };
    Some((name, replicas.parse().ok()?, most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::endpoint::{Deployment, DeploymentOptions};
    use domain::{ModelName, Name, Share};
    use std::collections::BTreeMap;

    fn spec(replicas: u32, most: Option<u32>, hours: Option<&str>) -> EndpointSpec {
        let hours = hours.map(|hours| (SHUTDOWN_TAG.to_owned(), hours.to_owned()));
        EndpointSpec {
            deployments: vec![Deployment {
                name: Name::new("blue").unwrap(),
                model: ModelName::new("churn").unwrap(),
                version: 1,
                replicas,
                share: Share::ALL,
                options: DeploymentOptions {
                    most_replicas: most,
                    ..DeploymentOptions::default()
                },
            }],
            tags: hours.into_iter().collect::<BTreeMap<_, _>>(),
            traffic: domain::traffic::Traffic::default(),
            capture: None,
        }
    }

    #[test]
    fn an_endpoint_sleeps_outside_its_hours_and_wakes_as_it_was() {
        // A Friday at noon, and in the night after.
        let (noon, night) = (Timestamp(1_780_660_800_000), Timestamp(1_780_700_400_000));
        for most in [None, Some(5)] {
            let awake = spec(2, most, Some("weekdays-07-19"));
            assert_eq!(next(&awake, noon), None);
            let asleep = next(&awake, night).unwrap();
            assert_eq!(asleep.deployments[0].replicas, 0);
            assert_eq!(asleep.deployments[0].most_replicas(), most.unwrap_or(2));
            assert_eq!(next(&asleep, night), None);
            assert_eq!(next(&asleep, noon), Some(awake.clone()));
            // Its tag taken away in the night, it wakes at once.
            let mut free = asleep.clone();
            free.tags.remove(SHUTDOWN_TAG);
            assert_eq!(next(&free, night).unwrap().deployments, awake.deployments);
            // Set to one replica in the night, it sleeps again and wakes with one.
            let mut changed = asleep;
            changed.deployments[0].replicas = 1;
            let asleep = next(&changed, night).unwrap();
            assert_eq!(next(&asleep, noon).unwrap().deployments[0].replicas, 1);
        }
        for hours in [None, Some("whenever")] {
            assert_eq!(next(&spec(2, None, hours), night), None);
        }
        assert_eq!(next(&spec(0, None, Some("weekdays-07-19")), night), None);
    }
}
