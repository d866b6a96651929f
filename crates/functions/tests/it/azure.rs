//! Azure's forms with the real `azure-functions`.

use crate::support::{Bench, header, packages, request, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::functions::{FunctionFault, FunctionTarget, Functions};
use domain::function::{FunctionForm, FunctionSpec};
use serde_json::{Value, json};

const DECORATED: &str = "
import logging, os, azure.functions as func
from more import blueprint
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(blueprint)
loaded = os.getpid()

@app.route(route='predict', methods=['POST'])
def predict(req: func.HttpRequest) -> func.HttpResponse:
    logging.info('rows %s', req.get_json())
    return func.HttpResponse(str(sum(req.get_json()['rows'])), status_code=201,
                             mimetype='application/json', headers={'X-Mine': 'yes'})

@app.route(route='items/{id:int}/{rest?}')
def items(req: func.HttpRequest, context: func.Context) -> str:
    return '%s %s %s %s' % (sorted(req.route_params.items()), req.params.get('q'),
                            context.function_name, context.invocation_id)

@app.route(route='items/new')
def fresh(req: func.HttpRequest) -> str: return 'the literal route'

@app.route(route='files/{*path}')
async def files(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse(req.route_params['path'])
    answer.headers.add('Set-Cookie', 'a=1'); answer.headers.add('Set-Cookie', 'b=2')
    return answer

@app.route(route='secret', auth_level=func.AuthLevel.FUNCTION)
def secret(req: func.HttpRequest) -> str: return 'known'

@app.route(route='raise')
def raises(req: func.HttpRequest) -> str: raise ValueError('told to')

@app.route(route='wrong')
def wrong(req: func.HttpRequest): return {'no': 'response'}

@app.route(route='nothing')
def nothing(req: func.HttpRequest): return None

@app.timer_trigger(schedule='0 */5 * * * *', arg_name='timer')
def tick(timer: func.TimerRequest) -> None:
    print('tick', timer.past_due, timer.schedule_status)

@app.blob_trigger(arg_name='blob', path='inbox/{name}.csv', connection='AzureWebJobsStorage')
def arrived(blob: func.InputStream):
    print('arrived', blob.name, blob.length, blob.read(), blob.metadata, os.getpid() != loaded)
";

const BLUEPRINT: &str = "
import azure.functions as func
blueprint = func.Blueprint()
@blueprint.route(route='more', methods=[func.HttpMethod.GET])
def more(req: func.HttpRequest) -> str: return 'from the blueprint'
";

fn application(bench: &Bench, files: &[(&str, &str)]) -> FunctionTarget {
    of(bench, files, |_| {})
}

fn of(
    bench: &Bench,
    files: &[(&str, &str)],
    change: impl FnOnce(&mut FunctionSpec),
) -> FunctionTarget {
    bench.of_files(files, |spec| {
        spec.form = FunctionForm::Azure;
        spec.handler = String::new();
        change(spec);
    })
}

fn decorated(bench: &Bench) -> FunctionTarget {
    let files = [("function_app.py", DECORATED), ("more.py", BLUEPRINT)];
    application(bench, &files)
}

#[tokio::test]
async fn decorated_functions_answer_by_route_and_method() {
    let bench = Bench::with(packages());
    let target = decorated(&bench);
    let ask = async |method, path, body| bench.request(&target, request(method, path, body)).await;
    let got = ask("POST", "/api/predict", r#"{"rows": [1, 2, 3]}"#).await;
    assert_eq!((got.status, text(&got).as_str()), (201, "6"));
    assert_eq!(header(&got, "x-mine"), ["yes"]);
    assert_eq!(header(&got, "content-type"), ["application/json"]);
    assert_eq!(ask("GET", "/api/predict", "").await.status, 405);
    let got = ask("GET", "/api/items/7?q=a%20b", "").await;
    let said = text(&got);
    assert!(said.starts_with("[('id', '7')] a b items "), "{said}");
    assert_eq!(ask("GET", "/api/items/seven", "").await.status, 404);
    assert_eq!(
        text(&ask("GET", "/api/items/new", "").await),
        "the literal route"
    );
    let files = ask("GET", "/api/files/a/b.txt", "").await;
    assert_eq!(text(&files), "a/b.txt");
    assert_eq!(header(&files, "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(
        text(&ask("GET", "/api/more", "").await),
        "from the blueprint"
    );
    assert_eq!(ask("GET", "/api/nothing", "").await.status, 204);
    for path in ["/api/raise", "/api/wrong"] {
        assert_eq!(ask("GET", path, "").await.status, 500, "{path}");
    }
    assert_eq!(ask("GET", "/elsewhere", "").await.status, 404);
    let log = bench.plane.log(&target.workspace, &target.name, 1_000);
    let said = |words: &str| log.iter().any(|line| line.text.contains(words));
    assert!(said("rows {'rows': [1, 2, 3]}"), "records of INFO are kept");
    assert!(said("ValueError: told to") && said("not dict"), "{log:?}");
}

#[tokio::test]
async fn a_function_level_wants_a_key_even_at_an_open_address() {
    let bench = Bench::with(packages());
    let target = decorated(&bench);
    let mut asked = request("GET", "/api/secret", "");
    assert_eq!(text(&bench.request(&target, asked.clone()).await), "known");
    asked.keyed = false;
    assert_eq!(bench.request(&target, asked.clone()).await.status, 401);
    asked.path = "/api/more".to_owned();
    assert_eq!(bench.request(&target, asked).await.status, 200);
}

#[tokio::test]
async fn timers_and_blobs_reach_their_functions() {
    let bench = Bench::with(packages());
    let target = decorated(&bench);
    let timer = json!({"tradewindTrigger": "timerTrigger", "isPastDue": true,
        "scheduleStatus": {"Last": "2026-01-01T00:00:00.000Z"}});
    let got = bench.ask(&target, &timer.to_string()).await.unwrap();
    assert_eq!(got.fault, None, "{got:?}");
    assert!(
        got.tail
            .contains("tick True {'Last': '2026-01-01T00:00:00.000Z'}"),
        "{}",
        got.tail
    );
    let blob = |name: &str| {
        json!({"tradewindTrigger": "blobTrigger", "container": "inbox", "name": name,
            "content": STANDARD.encode("1,2\n"), "metadata": {"k": "v"}, "properties": {}})
    };
    let got = bench
        .ask(&target, &blob("new/a.csv").to_string())
        .await
        .unwrap();
    let expected = "arrived inbox/new/a.csv 4 b'1,2\\n' {'k': 'v'} True";
    assert!(got.tail.contains(expected), "{}", got.tail);
    let other = bench
        .ask(&target, &blob("a.txt").to_string())
        .await
        .unwrap();
    assert_eq!(other.fault, Some(FunctionFault::Raised), "{other:?}");
}

#[tokio::test]
async fn described_functions_answer_too() {
    let bench = Bench::with(packages());
    let described = json!({"scriptFile": "__init__.py", "bindings": [
        {"authLevel": "anonymous", "type": "httpTrigger", "direction": "in", "name": "req",
         "methods": ["get", "post"]},
        {"type": "http", "direction": "out", "name": "$return"}]});
    let set = json!({"scriptFile": "run.py", "entryPoint": "work", "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "route": "deep/{who}"},
        {"type": "http", "direction": "out", "name": "answer"}]});
    let main = "
import azure.functions as func
from . import helper
def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return func.HttpResponse('%s %s' % (helper.WORD, context.function_directory.rsplit('/', 1)[1]))
";
    let run = "
def work(req, answer): answer.set('hello ' + req.route_params['who'])
";
    let (described, set) = (described.to_string(), set.to_string());
    let files = [
        ("hello/function.json", described.as_str()),
        ("hello/__init__.py", main),
        ("hello/helper.py", "WORD = 'from a neighbour'"),
        ("worker/function.json", &set),
        ("worker/run.py", run),
        (
            "host.json",
            r#"{"version": "2.0", "extensions": {"http": {"routePrefix": "v1"}}}"#,
        ),
    ];
    let target = application(&bench, &files);
    let ask = async |path| text(&bench.request(&target, request("GET", path, "")).await);
    assert_eq!(ask("/v1/hello").await, "from a neighbour hello");
    assert_eq!(ask("/v1/deep/you").await, "hello you");
    // One of them alone, called directly.
    let target = of(&bench, &files, |spec| spec.handler = "hello".to_owned());
    assert_eq!(
        bench.value(&target, "{}").await,
        json!("from a neighbour hello")
    );
}

#[tokio::test]
async fn wsgi_and_asgi_applications_are_passed_on() {
    let bench = Bench::with(packages());
    let flask = "
import azure.functions as func, flask
site = flask.Flask('site')
@site.route('/api/<word>')
def say(word): return 'flask says ' + word
app = func.WsgiFunctionApp(app=site.wsgi_app, http_auth_level=func.AuthLevel.ANONYMOUS)
";
    let starlette = "
import azure.functions as func
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def say(request): return PlainTextResponse('starlette says ' + request.path_params['word'])
app = func.AsgiFunctionApp(app=Starlette(routes=[Route('/api/{word}', say)]),
                           http_auth_level=func.AuthLevel.ANONYMOUS)
";
    for (code, expected) in [(flask, "flask says hi"), (starlette, "starlette says hi")] {
        let target = application(&bench, &[("function_app.py", code)]);
        for _ in 0..2 {
            let got = bench.request(&target, request("GET", "/api/hi", "")).await;
            assert_eq!((got.status, text(&got).as_str()), (200, expected));
        }
    }
}

#[tokio::test]
async fn what_is_not_served_is_named() {
    let bench = Bench::with(packages());
    let told = async |code: &str| {
        let head = "import azure.functions as func\napp = func.FunctionApp()\n";
        let code = format!("{head}{code}");
        let target = application(&bench, &[("function_app.py", code.as_str())]);
        let value: Value = bench.value(&target, "{}").await;
        value["errorMessage"].as_str().unwrap().to_owned()
    };
    let queue = "@app.queue_trigger(arg_name='m', queue_name='q', connection='c')\ndef f(m): pass";
    assert!(told(queue).await.contains("`queueTrigger`"));
    let output = "@app.route()\n@app.blob_output(arg_name='o', path='a/b', connection='c')\n\
        def f(req, o): pass";
    assert!(
        told(output)
            .await
            .contains("bindings that are not served: `blob`")
    );
    let route = "@app.route(route='a/{b:length(3)}')\ndef f(req): pass";
    assert!(told(route).await.contains("whose constraint is not served"));
    assert!(told("").await.contains("no function was found"));
    assert!(told("app2 = func.FunctionApp()").await.contains("it has 2"));
}
