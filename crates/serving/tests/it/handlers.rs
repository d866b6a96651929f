//! Every form of handler, with an interpreter that has no packages.

use crate::support::{Bench, name, python, request, share, spec, write};
use serde_json::json;
use tradewind_serving::{DeploymentSpec, Form};

/// A pickled object of the standard library with a `predict`: the class comes from the entry file
/// or, for the saved form, from a module that the model folder's pickle names.
const DOUBLING: &str = "
class Doubling:
    def predict(self, rows):
        return [2 * sum(row) for row in rows]
";

#[tokio::test]
async fn a_predict_function_with_load() {
    let bench = Bench::new();
    let mut deployment = bench.deployment(
        "import os\n\
         def load(model_dir):\n    return float(open(os.path.join(model_dir, 'factor')).read())\n\
         def predict(model, instances):\n    print('rows', len(instances))\n    return [model * row[0] for row in instances]\n",
    );
    write(&deployment.model_folder, "factor", "2.5");
    deployment
        .environment
        .insert("GREETING".to_owned(), "hello".to_owned());
    let endpoint = bench.serve("forms", deployment).await;
    let got = bench
        .answer(&endpoint, r#"{"instances": [[1], [2]]}"#)
        .await;
    assert_eq!(got, json!({"predictions": [2.5, 5.0]}));
    let status = bench.endpoints.status(&endpoint).unwrap();
    assert_eq!(status.deployments[0].replicas[0].form, "predict");
    crate::support::eventually("the print is in the log", || {
        bench
            .log
            .lines(&endpoint, &name("main"))
            .iter()
            .any(|line| line.text == "rows 2")
    })
    .await;
}

#[tokio::test]
async fn a_predict_function_over_a_pickled_model_and_with_parameters() {
    let bench = Bench::new();
    let code = format!(
        "{DOUBLING}\ndef predict(model, instances, parameters):\n    return {{'predictions': model.predict(instances), 'parameters': parameters}}\n"
    );
    let deployment = bench.deployment(&code);
    // Written by a script, so the class is looked for in `__main__`.
    let script =
        format!("{DOUBLING}\nimport pickle, sys\npickle.dump(Doubling(), open(sys.argv[1], 'wb'))");
    let file = deployment.model_folder.join("model.pkl");
    let made = std::process::Command::new(python())
        .arg("-c")
        .arg(script)
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    let endpoint = bench.serve("pickled", deployment).await;
    let got = bench
        .answer(
            &endpoint,
            r#"{"instances": [[1, 2]], "parameters": {"k": 1}}"#,
        )
        .await;
    assert_eq!(got, json!({"predictions": [6], "parameters": {"k": 1}}));
}

#[tokio::test]
async fn the_sagemaker_functions() {
    let bench = Bench::new();
    let deployment = bench.deployment(
        "import json\n\
         def model_fn(model_dir):\n    return {'scale': 10, 'dir': model_dir}\n\
         def input_fn(body, content_type):\n    assert isinstance(body, str) and content_type == 'text/csv', (body, content_type)\n    return [float(x) for x in body.split(',')]\n\
         def predict_fn(data, model):\n    return [x * model['scale'] for x in data]\n\
         def output_fn(prediction, accept):\n    return json.dumps({'scores': prediction, 'accept': accept}), 'application/vnd.test+json'\n",
    );
    let endpoint = bench.serve("sagemaker", deployment).await;
    let sent = request("text/csv", "", "1,2.5");
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(response.content_type, "application/vnd.test+json");
    let got: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(
        got,
        json!({"scores": [10.0, 25.0], "accept": "application/json"})
    );
}

#[tokio::test]
async fn the_sagemaker_transform_function_with_context_and_raw_bytes() {
    let bench = Bench::new();
    let deployment = bench.deployment(
        "def model_fn(model_dir, context):\n    return context.system_properties['model_dir'] == model_dir\n\
         def transform_fn(model, data, content_type, accept):\n    assert model is True and isinstance(data, bytes)\n    return data[::-1], accept\n",
    );
    let endpoint = bench.serve("transform", deployment).await;
    let sent = request(
        "application/octet-stream",
        "application/octet-stream",
        &b"\x00\xffab"[..],
    );
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(&response.body[..], b"ba\xff\x00");
    assert_eq!(response.content_type, "application/octet-stream");
}

#[tokio::test]
async fn the_sagemaker_defaults_read_and_write_bare_lists() {
    let bench = Bench::new();
    let code = format!("{DOUBLING}\ndef model_fn(model_dir):\n    return Doubling()\n");
    let endpoint = bench.serve("defaults", bench.deployment(&code)).await;
    assert_eq!(
        bench.answer(&endpoint, "[[1, 2], [3, 4]]").await,
        json!([6, 14])
    );
    let sent = request("text/csv", "text/csv", "1,2\n3,4\n");
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(&response.body[..], b"6\n14\n");
    assert_eq!(response.content_type, "text/csv");
}

#[tokio::test]
async fn the_azure_form() {
    let bench = Bench::new();
    let deployment = bench.deployment(
        "import json, os\n\
         def init():\n    global model\n    model = open(os.path.join(os.environ['AZUREML_MODEL_DIR'], 'm.txt')).read()\n\
         def run(data):\n    assert isinstance(data, str)\n    value = json.loads(data)\n    if value == 'text': return json.dumps([1])\n    if value == 'headers': return {'aml_response_headers': {'x-score': '1', 'bad\\nname': 'x'}, 'aml_response_body': [7]}\n    return {'model': model, 'n': len(value['data'])}\n",
    );
    write(&deployment.model_folder, "m.txt", "azure model");
    let endpoint = bench.serve("azure", deployment).await;
    let got = bench.answer(&endpoint, r#"{"data": [[1], [2]]}"#).await;
    assert_eq!(got, json!({"model": "azure model", "n": 2}));
    assert_eq!(bench.answer(&endpoint, "\"text\"").await, json!("[1]"));
    let response = bench.json(&endpoint, "\"headers\"").await.unwrap();
    assert_eq!(response.headers, [("x-score".to_owned(), "1".to_owned())]);
    assert_eq!(&response.body[..], b"[7]");
}

#[tokio::test]
async fn the_azure_form_with_named_arguments() {
    let bench = Bench::new();
    let code =
        "def init():\n    pass\ndef run(data, factor):\n    return [x * factor for x in data]\n";
    let endpoint = bench.serve("named", bench.deployment(code)).await;
    assert_eq!(
        bench
            .answer(&endpoint, r#"{"data": [1, 2], "factor": 3}"#)
            .await,
        json!([3, 6])
    );
    let error = bench.json(&endpoint, "[1]").await.unwrap_err();
    assert_eq!(error.status(), 400, "{error}");
}

#[tokio::test]
async fn no_handler_at_all() {
    let bench = Bench::new();
    let folder = bench.folder.path().join("saved");
    let module = write(&folder, "code/doubling.py", DOUBLING);
    let model = folder.join("model");
    std::fs::create_dir_all(&model).unwrap();
    let made = std::process::Command::new(python())
        .current_dir(module.parent().unwrap())
        .args(["-c", "import pickle, sys, doubling; pickle.dump(doubling.Doubling(), open(sys.argv[1], 'wb'))"])
        .arg(model.join("anything.pkl"))
        .status();
    assert!(made.unwrap().success());
    let mut deployment = DeploymentSpec::new(name("main"), model.clone(), python());
    let path = module.parent().unwrap().display().to_string();
    deployment.environment.insert("PYTHONPATH".to_owned(), path);
    let endpoint = bench.serve("saved", deployment.clone()).await;
    for body in [
        "[[1, 2]]",
        r#"{"instances": [[1, 2]]}"#,
        r#"{"inputs": {"a": [1], "b": [2]}}"#,
    ] {
        assert_eq!(
            bench.answer(&endpoint, body).await,
            json!({"predictions": [6]}),
            "{body}"
        );
    }
    // A second model makes the choice unclear, which is said.
    std::fs::copy(model.join("anything.pkl"), model.join("other.pkl")).unwrap();
    deployment.revision = "2".to_owned();
    bench
        .endpoints
        .apply(spec("saved", vec![deployment]), 2)
        .unwrap();
    let error = bench.settled("saved", 2).await.unwrap_err().to_string();
    assert!(error.contains("`anything.pkl`, `other.pkl`"), "{error}");
}

#[tokio::test]
async fn columns_are_put_in_the_order_that_the_model_was_trained_with() {
    let bench = Bench::new();
    let code = "
class Difference:
    feature_names_in_ = ['b', 'a']
    n_features_in_ = 2
    def predict(self, rows):
        return [row[0] - row[1] for row in rows]
def model_fn(model_dir):
    return Difference()
def input_fn(body, content_type):
    from tradewind_worker.codecs import json_rows
    return json_rows.decode(body).matrix(Difference())
";
    let endpoint = bench.serve("columns", bench.deployment(code)).await;
    for body in [
        r#"{"dataframe_split": {"columns": ["a", "b", "extra"], "data": [[1, 10, 0]]}}"#,
        r#"{"inputs": {"a": [1], "b": [10]}}"#,
        r#"[{"b": 10, "a": 1}]"#,
        r#"{"instances": [{"features": [10, 1]}]}"#,
        "[[10, 1]]",
    ] {
        assert_eq!(bench.answer(&endpoint, body).await, json!([9]), "{body}");
    }
    for body in [r#"[{"b": 10}]"#, r#"[{"a": 1, "b": 2}, {"a": 1}]"#] {
        let error = bench.json(&endpoint, body).await.unwrap_err();
        assert_eq!(error.status(), 400, "{error}");
    }
    let status = bench.endpoints.status(&endpoint).unwrap();
    let signature = status.deployments[0].replicas[0].signature.clone().unwrap();
    assert_eq!(signature.names, Some(vec!["b".to_owned(), "a".to_owned()]));
}

#[tokio::test]
async fn a_form_that_was_asked_for_must_be_there() {
    let bench = Bench::new();
    for (form, word) in [
        (Form::Azure, "init()"),
        (Form::SageMaker, "model_fn"),
        (Form::Auto, "defines no handler"),
    ] {
        let mut deployment = bench.deployment("x = 1\n");
        deployment.handler.form = form;
        deployment.share = share(100);
        let endpoint = format!("wrong-{}", form.word());
        bench
            .endpoints
            .apply(spec(&endpoint, vec![deployment]), 1)
            .unwrap();
        let error = bench.settled(&endpoint, 1).await.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test]
async fn a_model_that_nothing_can_ask_is_refused_as_it_is_loaded() {
    let bench = Bench::new();
    // `predict` belongs to another form, which `model_fn` rules out.
    let code =
        "def model_fn(model_dir): return {}\ndef predict(model, instances): return instances\n";
    let mixed = spec("mixed", vec![bench.deployment(code)]);
    bench.endpoints.apply(mixed, 1).unwrap();
    let error = bench.settled("mixed", 1).await.unwrap_err().to_string();
    assert!(
        error.contains("define `predict_fn(data, model)`"),
        "{error}"
    );
}
