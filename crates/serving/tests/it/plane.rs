//! The contract that control speaks, with environments that are made up.

use crate::support::{Bench, PATIENCE, name, python, write};
use contracts::data_plane::{
    Answer, DataPlane, DesiredEndpoint, EndpointObservation, Invocation, ResolvedDeployment,
};
use contracts::environments::{EnvironmentError, Environments, Prepared};
use domain::endpoint::Retry;
use domain::environment::Environment;
use domain::{EndpointName, Network, NetworkPolicy, Refusal, Share, Span, Workspace};
use std::sync::Arc;
use tradewind_serving::Plane;

/// Every environment is this machine's interpreter; an image is refused.
struct Machine;

#[async_trait::async_trait]
impl Environments for Machine {
    async fn prepare(
        &self,
        environment: &Environment,
        progress: &(dyn for<'line> Fn(&'line str) + Send + Sync),
    ) -> Result<Prepared, EnvironmentError> {
        progress("looking for an interpreter");
        match environment {
            Environment::Image { uri } => Err(EnvironmentError::Unsupported(format!(
                "no container engine for `{uri}`"
            ))),
            _ => Ok(Prepared {
                python: python(),
                hash: "h".to_owned(),
                warnings: Vec::new(),
            }),
        }
    }
}

fn desired(bench: &Bench, generation: u64, code: &str) -> DesiredEndpoint {
    let root = bench.folder.path().join(format!("g{generation}"));
    write(&root, "code/score.py", code);
    std::fs::create_dir_all(root.join("model")).unwrap();
    DesiredEndpoint {
        workspace: Workspace::default(),
        name: EndpointName::new("plane").unwrap(),
        generation,
        traffic: domain::traffic::Traffic::default(),
        capture: None,
        deployments: vec![ResolvedDeployment {
            name: name("main"),
            model: format!("iris:{generation}"),
            model_folder: root.join("model"),
            code_folder: Some(root.join("code")),
            handler: Some("score.py".to_owned()),
            environment: Environment::default(),
            env: [("SCALE".to_owned(), "3".to_owned())].into(),
            network: NetworkPolicy::default(),
            replicas: 1,
            most_replicas: 1,
            share: Share::ALL,
            options: domain::endpoint::DeploymentOptions::default(),
        }],
    }
}

async fn observed(
    plane: &Plane,
    what: &str,
    wanted: impl Fn(&EndpointObservation) -> bool,
) -> EndpointObservation {
    let name = EndpointName::new("plane").unwrap();
    let reached = async {
        loop {
            let observation = plane.observe(&Workspace::default(), &name).await;
            if wanted(&observation) {
                return observation;
            }
            plane.changed().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached)
        .await
        .unwrap_or_else(|_| panic!("never {what}"))
}

#[tokio::test]
async fn apply_observe_invoke_and_remove() {
    let bench = Bench::new();
    let plane = Plane::new(bench.endpoints.clone(), Arc::new(Machine));
    let (workspace, endpoint) = (Workspace::default(), EndpointName::new("plane").unwrap());
    assert_eq!(
        plane.observe(&workspace, &endpoint).await,
        EndpointObservation::Absent
    );
    let code =
        "import os\ndef predict(m, i):\n    return [x * int(os.environ['SCALE']) for x in i]\n";
    plane.apply(desired(&bench, 1, code)).await;
    plane.apply(desired(&bench, 1, code)).await;
    let ready = |wanted| {
        move |seen: &EndpointObservation| *seen == EndpointObservation::Ready { generation: wanted }
    };
    observed(&plane, "ready", ready(1)).await;
    let call = Invocation {
        content_type: "application/json".to_owned(),
        accept: String::new(),
        body: "[1, 2]".into(),
        deployment: None,
        headers: http::HeaderMap::new(),
        deadline: Span::seconds(30),
    };
    let answer = plane
        .invoke(&workspace, &endpoint, call.clone())
        .await
        .unwrap();
    assert_eq!(&answer.body[..], b"{\"predictions\":[3,6]}");
    assert_eq!(
        (answer.model.as_str(), answer.deployment),
        ("iris:1", name("main"))
    );
    assert!(answer.microseconds > 0);
    // A handler's own status is its answer, with the headers that it set.
    let teapot = "class Response:\n    status_code = 418\n    headers = {'X-Pot': 'tea', 'Content-Length': '9'}\n    def get_data(self):\n        return b'short and stout'\ndef init(): pass\ndef run(data): return Response()\n";
    plane.apply(desired(&bench, 10, teapot)).await;
    observed(&plane, "ready with another", ready(10)).await;
    let answer = plane
        .invoke(&workspace, &endpoint, call.clone())
        .await
        .unwrap();
    assert_eq!(answer.status, 418);
    assert_eq!(answer.header("x-pot"), Some("tea"));
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(&answer.body[..], b"short and stout");
    let refusal = answer.prediction().unwrap_err();
    assert!(
        matches!(&refusal, Refusal::Invalid { message } if message.contains("short and stout"))
    );
    plane.apply(desired(&bench, 11, code)).await;
    observed(&plane, "ready with the former code", ready(11)).await;
    // A generation that fails leaves the one that serves.
    plane
        .apply(desired(&bench, 12, "raise ValueError('bad luck')\n"))
        .await;
    let failed = observed(&plane, "failed", |seen| {
        matches!(seen, EndpointObservation::Failed { .. })
    })
    .await;
    let EndpointObservation::Failed {
        generation: 12,
        message,
    } = failed
    else {
        panic!("{failed:?}")
    };
    assert!(
        message.contains("bad luck") && message.contains("score.py, line 1"),
        "{message}"
    );
    assert_eq!(
        plane
            .invoke(&workspace, &endpoint, call.clone())
            .await
            .unwrap()
            .model,
        "iris:11"
    );
    plane.apply(desired(&bench, 13, code)).await;
    observed(&plane, "ready again", ready(13)).await;
    // An older one is ignored.
    plane.apply(desired(&bench, 2, code)).await;
    observed(&plane, "still ready", ready(13)).await;
    plane.remove(&workspace, &endpoint).await;
    assert_eq!(
        plane.observe(&workspace, &endpoint).await,
        EndpointObservation::Absent
    );
    let refusal = plane.invoke(&workspace, &endpoint, call).await.unwrap_err();
    assert!(matches!(refusal, Refusal::NotFound { .. }), "{refusal}");
}

#[tokio::test]
async fn what_cannot_be_prepared_is_observed_as_failed() {
    let bench = Bench::new();
    let plane = Plane::new(bench.endpoints.clone(), Arc::new(Machine));
    let failed = |seen: &EndpointObservation| matches!(seen, EndpointObservation::Failed { .. });
    let mut image = desired(&bench, 1, "");
    image.deployments[0].environment = Environment::Image {
        uri: "repo/x".to_owned(),
    };
    plane.apply(image).await;
    let seen = observed(&plane, "failed", failed).await;
    assert!(
        format!("{seen:?}").contains("no container engine"),
        "{seen:?}"
    );
    for (generation, handler) in [(2, "../score.py"), (3, "/etc/passwd"), (4, "")] {
        let mut outside = desired(&bench, generation, "");
        outside.deployments[0].handler = Some(handler.to_owned());
        plane.apply(outside).await;
        let current = |seen: &EndpointObservation| matches!(seen, EndpointObservation::Failed { generation: g, .. } if *g == generation);
        let seen = observed(&plane, "failed", current).await;
        assert!(
            format!("{seen:?}").contains("inside the code folder"),
            "{seen:?}"
        );
    }
    // This machine's walls are not around the workers of this test.
    let mut alone = desired(&bench, 5, "def predict(m, i): return i\n");
    alone.deployments[0].network = NetworkPolicy::of_worker(Network::Loopback, Network::Open);
    plane.apply(alone).await;
    let current = |seen: &EndpointObservation| {
        matches!(seen, EndpointObservation::Failed { generation: 5, .. })
    };
    let seen = observed(&plane, "failed", current).await;
    assert!(
        format!("{seen:?}").contains("kept from the network"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_deployment_says_whether_a_prediction_is_made_twice() {
    let bench = Bench::new();
    let plane = Plane::new(bench.endpoints.clone(), Arc::new(Machine));
    let code = "
import os
def predict(model, instances):
    path = os.path.join(os.environ['SM_MODEL_DIR'], 'crashed')
    if not os.path.exists(path):
        open(path, 'w').close()
        os._exit(9)
    return instances
";
    let endpoint = EndpointName::new("plane").unwrap();
    for (generation, retry) in [(1, Retry::Once), (2, Retry::Never)] {
        let mut wanted = desired(&bench, generation, code);
        wanted.deployments[0].options.retry = retry;
        plane.apply(wanted).await;
        let ready = EndpointObservation::Ready { generation };
        observed(&plane, "ready", |seen| *seen == ready).await;
        let call = Invocation {
            content_type: "application/json".to_owned(),
            accept: String::new(),
            body: "[1]".into(),
            deployment: None,
            headers: http::HeaderMap::new(),
            deadline: Span::seconds(30),
        };
        let answered = plane.invoke(&Workspace::default(), &endpoint, call).await;
        let refused = answered.and_then(Answer::prediction);
        assert_eq!(refused.is_ok(), retry == Retry::Once, "{refused:?}");
    }
}
