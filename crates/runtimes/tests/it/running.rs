//! What user code finds, and what is kept of it.

use crate::support::{Ticket, python, shell};
use domain::metric::MetricPattern;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tradewind_runtimes::launch::{Distribution, Input, Output, Program, Source, StagedFile};

#[test]
fn a_script_finds_its_inputs_and_leaves_a_model() {
    let ticket = python(
        "import argparse, json, os, sys\n\
         parser = argparse.ArgumentParser()\n\
         parser.add_argument('--max_depth', type=int)\n\
         parser.add_argument('--train', default=os.environ['SM_CHANNEL_TRAIN'])\n\
         given = parser.parse_args()\n\
         text = open(os.path.join(given.train, 'part/rows.csv')).read()\n\
         assert open('/opt/ml/input/data/train/part/rows.csv').read() == text\n\
         assert json.load(open('/opt/ml/input/config/hyperparameters.json')) == {'max_depth': '5'}\n\
         assert 'train' in json.load(open('/opt/ml/input/config/inputdataconfig.json'))\n\
         assert json.load(open('/opt/ml/input/config/resourceconfig.json'))['current_host'] == 'algo-1'\n\
         print(os.getcwd(), given.max_depth, text)\n\
         print('accuracy=0.97 epoch=3')\n\
         print('{\"loss\": 0.5}', 'auc is 0.8', file=sys.stderr)\n\
         for name in ['SM_MODEL_DIR', 'AIP_MODEL_DIR', 'AZUREML_MODEL_DIR', 'TRADEWIND_MODEL']:\n\
         \topen(os.path.join(os.environ[name], name), 'w').write('m')\n\
         open('outputs/azure.txt', 'w').write('azure')\n\
         open(os.path.join(os.environ['SM_OUTPUT_DATA_DIR'], 'o.txt'), 'w').write('data')\n\
         open(os.path.join(os.environ['TRADEWIND_OUTPUT_REPORT'], 'r.txt'), 'w').write('report')\n",
    );
    let rows = ticket.root.path().join("rows.csv");
    fs::write(&rows, "1,2").unwrap();
    let ended = ticket
        .with(|launch| {
            launch
                .hyperparameters
                .insert("max_depth".into(), "5".into());
            let files = vec![StagedFile {
                path: "part/rows.csv".into(),
                source: rows,
            }];
            let source = Source::Files { files };
            let channel = "train".to_owned();
            launch.inputs.push(Input {
                channel,
                path: None,
                distribution: Distribution::default(),
                content_type: None,
                pipe: None,
                source,
            });
            launch.outputs.push(Output {
                name: "report".into(),
                path: None,
            });
            let pattern = MetricPattern {
                name: "auc".into(),
                regex: "auc is ([0-9.]+)".into(),
            };
            launch.metrics.push(pattern);
        })
        .run();
    ended.completed();
    assert_eq!(ended.output()[0], "/opt/ml/code 5 1,2");
    let names = [
        "AIP_MODEL_DIR",
        "AZUREML_MODEL_DIR",
        "SM_MODEL_DIR",
        "TRADEWIND_MODEL",
    ];
    assert_eq!(ended.files("model"), names.map(|name| (name.to_owned(), 1)));
    assert_eq!(ended.files("outputs"), [("azure.txt".to_owned(), 5)]);
    assert_eq!(ended.files("output"), [("o.txt".to_owned(), 4)]);
    assert_eq!(ended.files("report"), [("r.txt".to_owned(), 6)]);
    let metrics: Vec<_> = ended
        .metrics()
        .into_iter()
        .map(|metric| (metric.name, metric.step))
        .collect();
    let expected = [("accuracy", Some(3)), ("auc", None)];
    assert_eq!(
        metrics,
        expected.map(|(name, step)| (name.to_owned(), step))
    );
    let usage = ended.record.exit.usage;
    assert!(
        usage.peak_memory > 1 << 20 && usage.cpu.0 > 0 && usage.wall.0 > 0,
        "{usage:?}"
    );
}

#[test]
fn nothing_of_the_servers_environment_is_seen_unless_given() {
    let ticket = shell("env; touch /opt/ml/model/x; ls /opt/ml").with(|launch| {
        launch.variables.insert("OWN".into(), "mine".into());
        launch
            .variables
            .insert("SM_MODEL_DIR".into(), "s3://elsewhere".into());
    });
    let mut command = ticket.command();
    command
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ended = ticket.start_as(command).finish();
    let output = ended.completed().output();
    assert!(output.contains(&"OWN=mine".to_owned()));
    assert!(output.contains(&"SM_MODEL_DIR=s3://elsewhere".to_owned()));
    for hidden in ["AWS_SECRET_ACCESS_KEY", "PYTHONDONTWRITEBYTECODE"] {
        assert!(
            !output.iter().any(|line| line.starts_with(hidden)),
            "{hidden} is seen"
        );
    }
    // The view is the job's alone: outside `/opt/ml` has not changed.
    assert!(!std::path::Path::new("/opt/ml/model/x").exists());
}

#[test]
fn processing_paths_and_azure_commands_are_served() {
    let ticket = Ticket::new(Program::Command {
        arguments: ["cp", "${{inputs.table}}/a.txt", "${{outputs.clean}}/b.txt"]
            .map(Into::into)
            .to_vec(),
    });
    let folder = ticket.root.path().join("table");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.txt"), "abc").unwrap();
    let ended = ticket
        .with(|launch| {
            launch.inputs.push(Input {
                channel: "table".into(),
                path: Some("/opt/ml/processing/input/table".into()),
                distribution: Distribution::default(),
                content_type: None,
                pipe: None,
                source: Source::Folder { path: folder },
            });
            let path = Some("/opt/ml/processing/output".to_owned());
            launch.outputs.push(Output {
                name: "clean".into(),
                path,
            });
        })
        .run();
    assert_eq!(ended.completed().files("clean"), [("b.txt".to_owned(), 3)]);
}

#[test]
fn code_comes_out_of_an_archive_and_modules_run() {
    let ticket = Ticket::new(Program::Module {
        name: "pkg.main".into(),
        arguments: Vec::new(),
    });
    fs::create_dir(ticket.code().join("pkg")).unwrap();
    fs::write(
        ticket.code().join("pkg/main.py"),
        "print('from the archive')",
    )
    .unwrap();
    let path = ticket.root.path().join("code.tar.gz");
    let file = fs::File::create(&path).unwrap();
    archive::pack(&ticket.code(), &archive::Rules::none(), file).unwrap();
    let ended = ticket
        .with(|launch| launch.code = Some(Source::Archive { path }))
        .run();
    assert_eq!(ended.completed().output(), ["from the archive"]);
}

#[test]
fn lines_that_are_no_text_and_half_lines_are_kept() {
    let ended = shell(r"printf 'a\377b\nhalf'; printf 'err' >&2").run();
    assert_eq!(ended.completed().output(), ["a\u{fffd}b", "half"]);
    assert_eq!(ended.record.log.lines, 3);
}

#[test]
fn a_flood_of_lines_keeps_its_beginning_and_its_end() {
    let ended = python("for i in range(3_000_000): print('line', i)\n").run();
    let output = ended.completed().output();
    assert_eq!(output.first().map(String::as_str), Some("line 0"));
    assert_eq!(output.last().map(String::as_str), Some("line 2999999"));
    let log = ended.record.log;
    assert_eq!(log.lines, 3_000_000);
    assert_eq!(output.len() as u64 + log.dropped_lines, log.lines);
    assert!(log.dropped_lines > 0 && !ended.record.exit.warnings.is_empty());
}

#[test]
fn another_user_gets_the_view_by_a_user_namespace() {
    if !nix::unistd::geteuid().is_root() {
        // Then every other test here has shown it.
        return;
    }
    let ticket = python("import os; print(os.getuid(), os.listdir('/opt/ml/model'))\n");
    let open = fs::Permissions::from_mode(0o777);
    let data = ticket.root.path().join("data");
    fs::create_dir(&data).unwrap();
    for folder in [ticket.root.path(), ticket.layout.folder(), &data] {
        fs::set_permissions(folder, open.clone()).unwrap();
    }
    let program = ticket.root.path().join("supervisor");
    fs::copy(crate::support::SUPERVISOR, &program).unwrap();
    let mut command = std::process::Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program);
    command
        .arg("supervise")
        .arg(ticket.layout.folder())
        .env("PATH", "/usr/bin:/bin");
    let ticket = ticket.with(|launch| launch.data = data);
    ticket.write_launch();
    fs::set_permissions(ticket.layout.launch(), fs::Permissions::from_mode(0o644)).unwrap();
    let ended = ticket.start_written(command).finish();
    assert_eq!(ended.completed().output(), ["65534 []"]);
}
