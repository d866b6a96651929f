//! What a data plane says of a canary becomes the endpoint's spec, once.

use crate::simulation::Simulation;
use contracts::data_plane::{CanaryReport, CanaryVerdict};
use control::driver;
use control::runs::NewRun;
use domain::endpoint::{Deployment, DeploymentOptions, Endpoint, EndpointPhase, EndpointSpec};
use domain::pipeline::{PipelineSpec, StepAction, StepSpec};
use domain::policy::Policy;
use domain::rollout::{Rollout, Trial};
use domain::traffic::{Canary, Sticky, Traffic};
use domain::{EndpointName, ModelName, Name, Share, Workspace};
use std::collections::BTreeMap;

fn name() -> EndpointName {
    EndpointName::new("watched").unwrap()
}

fn spec() -> EndpointSpec {
    let deployment = |which: &str, percent| Deployment {
        name: Name::new(which).unwrap(),
        model: ModelName::new("m").unwrap(),
        version: 1,
        replicas: 1,
        share: Share::percent(percent).unwrap(),
        options: DeploymentOptions::default(),
    };
    EndpointSpec {
        deployments: vec![deployment("blue", 90), deployment("green", 10)],
        tags: BTreeMap::new(),
        traffic: Traffic {
            canary: Some(Canary {
                steps: vec![Share::percent(50).unwrap()],
                ..Canary::new(Name::new("green").unwrap())
            }),
            ..Traffic::default()
        },
        capture: None,
    }
}

fn report(generation: u64, verdict: CanaryVerdict) -> CanaryReport {
    CanaryReport {
        workspace: Workspace::default(),
        name: name(),
        generation,
        verdict,
        evidence: "7 of 9 requests failed".to_owned(),
    }
}

fn shares(endpoint: &Endpoint) -> Vec<u16> {
    let deployments = endpoint.spec.deployments.iter();
    deployments.map(|one| one.share.basis_points()).collect()
}

#[tokio::test]
async fn verdicts_move_the_shares_and_are_written_down() {
    let mut simulation = Simulation::new(1);
    let (one, two) = (simulation.server(false), simulation.server(false));
    let caller = Simulation::caller();
    let version = serde_json::from_value(serde_json::json!({"artifact": "s3://models/m"})).unwrap();
    let model = ModelName::new("m").unwrap();
    one.register_version(&caller, &model, &version)
        .await
        .unwrap();
    one.put_endpoint(&caller, &name(), &spec()).await.unwrap();
    driver::drain(&one).await.unwrap();
    let look = async || one.endpoint(&caller, &name()).await.unwrap();
    assert_eq!(look().await.phase, EndpointPhase::Ready);
    let say = |verdicts: Vec<CanaryReport>| *simulation.plane.1.lock().unwrap() = verdicts;
    // Both servers saw it; it counts once.
    say(vec![report(1, CanaryVerdict::Advance)]);
    one.conclude_canaries().await;
    two.conclude_canaries().await;
    driver::drain(&one).await.unwrap();
    let advanced = look().await;
    assert_eq!(
        (advanced.generation, shares(&advanced)),
        (2, vec![5_000, 5_000])
    );
    assert!(advanced.spec.traffic.canary.is_some());
    assert_eq!(advanced.phase, EndpointPhase::Ready);
    say(vec![report(2, CanaryVerdict::RollBack)]);
    two.conclude_canaries().await;
    one.conclude_canaries().await;
    driver::drain(&one).await.unwrap();
    let back = look().await;
    assert_eq!((back.generation, shares(&back)), (3, vec![10_000, 0]));
    assert_eq!(back.spec.traffic.canary, None);
    // What comes late, or about what is gone, changes nothing.
    say(vec![
        report(2, CanaryVerdict::Advance),
        report(3, CanaryVerdict::Advance),
    ]);
    one.conclude_canaries().await;
    assert_eq!(look().await, back);
    one.delete_endpoint(&caller, &name()).await.unwrap();
    driver::drain(&one).await.unwrap();
    one.conclude_canaries().await;
    assert!(one.endpoint(&caller, &name()).await.is_err());
}

#[tokio::test]
async fn a_deploy_step_begins_its_canary_and_keeps_the_other_rules() {
    let mut simulation = Simulation::new(2);
    let server = simulation.server(false);
    let caller = Simulation::caller();
    let model = ModelName::new("m").unwrap();
    for artifact in ["s3://models/one", "s3://models/two"] {
        let version = serde_json::from_value(serde_json::json!({"artifact": artifact})).unwrap();
        server
            .register_version(&caller, &model, &version)
            .await
            .unwrap();
    }
    let mut spec = spec();
    spec.deployments.truncate(1);
    spec.deployments[0].share = Share::ALL;
    spec.traffic = Traffic {
        sticky: Some(Sticky::Header("x-user".to_owned())),
        ..Traffic::default()
    };
    server.put_endpoint(&caller, &name(), &spec).await.unwrap();
    driver::drain(&server).await.unwrap();
    let deploy = |rollout: Rollout| PipelineSpec {
        name: Name::new("rollout").unwrap(),
        parameters: BTreeMap::new(),
        steps: vec![StepSpec {
            name: Name::new("deploy").unwrap(),
            needs: Vec::new(),
            for_each: None,
            action: StepAction::Deploy {
                endpoint: name(),
                model: "m:2".to_owned(),
                replicas: 1,
                rollout: Box::new(rollout),
            },
        }],
        policy: Policy::default(),
        tags: BTreeMap::new(),
    };
    let canary = Rollout {
        canary: Some(Trial {
            share: Share::percent(5).unwrap(),
            steps: Vec::new(),
            step_seconds: 60,
            answers: 100,
            most_errors: Share::percent(1).unwrap(),
            most_latency_percent: None,
        }),
        ..Rollout::default()
    };
    for rollout in [canary, Rollout::default()] {
        let run = NewRun {
            spec: deploy(rollout),
        };
        server.submit_run(&caller, &run).await.unwrap();
        driver::drain(&server).await.unwrap();
        // The second finds that its version is on probation already.
        let endpoint = server.endpoint(&caller, &name()).await.unwrap();
        assert_eq!(
            (endpoint.generation, shares(&endpoint)),
            (2, vec![9_500, 500])
        );
        assert_eq!(endpoint.spec.traffic.sticky, spec.traffic.sticky);
        let canary = endpoint.spec.traffic.canary.unwrap();
        assert_eq!(canary.deployment.as_str(), "v2");
    }
}
