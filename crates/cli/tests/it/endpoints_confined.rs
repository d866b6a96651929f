//! What workers of endpoints are kept from, seen from inside: files of the server and of other
//! models, the network, memory beyond their limit.

use crate::support::{Server, until};
use serde_json::{Value, json};

const TRAIN: &str = "import os, pathlib, sys\n\
    folder = pathlib.Path(os.environ['SM_MODEL_DIR'])\n\
    (folder / 'word.txt').write_text(sys.argv[sys.argv.index('--word') + 1])\n";

const PROBE: &str = "
import os, pathlib, socket
def attempt(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__
def load(model_dir):
    pathlib.Path('/tmp/mine').write_text('x')
    return model_dir
def predict(model, instances):
    [asked] = instances
    if 'leak' in asked:
        kept = []
        while True:
            kept.append(bytearray(1 << 20))
    return [{
        'word': pathlib.Path(model, 'word.txt').read_text(),
        'folders': attempt(lambda: sorted(os.listdir(os.path.dirname(model)))),
        'own': os.path.basename(model),
        'data': attempt(lambda: sorted(os.listdir(asked['data']))),
        'write': attempt(lambda: pathlib.Path(model, 'x').write_text('x')),
        'etc': attempt(lambda: pathlib.Path('/etc/tradewind-probe').write_text('x')),
        'tmp': sorted(name for name in os.listdir('/tmp') if name == 'mine'),
        'net': attempt(lambda: socket.create_connection(('127.0.0.1', asked['port']), 2) and 'open'),
        'user': os.getuid(),
        'pid': os.getpid(),
    }]
";

fn serve(server: &Server, name: &str, word: &str) {
    let file = format!(
        "name: {name}\nparameters: {{word: {word}}}\nscript: train.py\n\
         hyperparameters: {{word: '${{parameters.word}}'}}\n\
         model: {{name: {name}, handler: handler.py}}\n"
    );
    let folder = server.place.project(
        name,
        &[
            ("tradewind.yaml", file.as_str()),
            ("train.py", TRAIN),
            ("handler.py", PROBE),
        ],
    );
    server.tradewind(&["run", &folder]).good();
}

fn ask(server: &Server, endpoint: &str, asked: &Value) -> (u16, Value) {
    let path = format!("/endpoints/{endpoint}/predict");
    let answer = server.post(&path, &json!({"instances": [asked]}));
    (answer.status, answer.json())
}

fn status(server: &Server, endpoint: &str) -> Value {
    let status = server.get(&format!("/endpoints/{endpoint}/status")).good();
    status["deployments"][0].clone()
}

#[test]
fn a_worker_sees_its_own_model_and_nothing_of_the_server_or_of_others() {
    let server = Server::start();
    serve(&server, "one", "first");
    serve(&server, "two", "second");
    let data = server.place.data.to_str().unwrap().to_owned();
    let port: u16 = server.address.rsplit(':').next().unwrap().parse().unwrap();
    let asked = json!({"data": data, "port": port});
    for (name, word, network) in [
        ("one", "first", "none"),
        ("two", "second", "open"),
        ("one", "first", "loopback"),
    ] {
        let model = format!("{name}:1");
        server
            .tradewind(&["deploy", name, &model, "--network", network])
            .good();
        let (code, answer) = ask(&server, name, &asked);
        assert_eq!(code, 200, "{answer}");
        let seen = &answer["predictions"][0];
        assert_eq!(seen["word"], word, "{seen}");
        let lacks = status(&server, name)["not_enforced"].to_string();
        if !lacks.contains("files") {
            let folders = seen["folders"].as_array().unwrap();
            assert!(folders.contains(&seen["own"]), "{seen}");
            // Its model and its code.
            assert_eq!(folders.len(), 2, "{seen}");
            let told = seen["data"].to_string();
            assert!(
                !told.contains("tradewind.db") && !told.contains("credentials"),
                "{seen}"
            );
            assert_eq!(seen["write"], "OSError", "{seen}");
            assert_eq!(seen["etc"], "OSError", "{seen}");
            assert_eq!(seen["tmp"], json!(["mine"]), "{seen}");
        }
        if !lacks.contains("user") {
            assert_ne!(seen["user"], 0, "{seen}");
        }
        if !lacks.contains("network") && !lacks.contains("loopback") {
            let reached = if network == "none" { "OSError" } else { "open" };
            assert_eq!(seen["net"], reached, "{seen}");
        }
    }
}

#[test]
fn a_worker_that_uses_up_its_memory_is_replaced_and_says_so() {
    let server = Server::start();
    serve(&server, "leaky", "word");
    server
        .tradewind(&["deploy", "leaky", "leaky:1", "--memory", "200MiB"])
        .good();
    let asked = json!({"data": "/", "port": 1});
    let (_, before) = ask(&server, "leaky", &asked);
    let (code, told) = ask(&server, "leaky", &json!({"leak": true}));
    let limited = !status(&server, "leaky")["not_enforced"]
        .to_string()
        .contains("memory");
    let expected = if limited {
        "memory was used up"
    } else {
        "MemoryError"
    };
    assert!(
        (400..600).contains(&code) && told.to_string().contains(expected),
        "{code} {told}"
    );
    let after = until("another worker answers", || {
        let (code, answer) = ask(&server, "leaky", &asked);
        (code == 200).then_some(answer)
    });
    assert_ne!(
        before["predictions"][0]["pid"],
        after["predictions"][0]["pid"]
    );
    let requests = &status(&server, "leaky")["requests"];
    let counted = if limited { "crashed" } else { "faults" };
    assert_eq!(requests[counted], 1, "{requests}");
    // It would have been used up again.
    assert_eq!(requests["retried"], 0, "{requests}");
}
