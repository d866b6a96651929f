//! How user code may end, and how that is told.

use crate::support::{Ticket, python, shell};
use domain::job::{Ending, FailureKind};
use tradewind_runtimes::launch::Program;

#[test]
fn an_exception_is_told_with_the_users_own_line() {
    let ticket = python("import helper\n\nhelper.deep()\n");
    let helper = "import json\n\ndef deep():\n    json.loads('{')\n";
    std::fs::write(ticket.code().join("helper.py"), helper).unwrap();
    let ended = ticket.run();
    let failure = ended.failure();
    assert_eq!(failure.kind, FailureKind::UserCode);
    assert_eq!(
        (failure.file.as_deref(), failure.line),
        (Some("helper.py"), Some(4))
    );
    assert_eq!(failure.exit_code, Some(1));
    assert!(
        failure
            .message
            .starts_with("`helper.py` line 4 raised `JSONDecodeError`: Expecting"),
        "{}",
        failure.message
    );
    assert_eq!(
        ended.record.exception.as_ref().unwrap().function.as_deref(),
        Some("deep")
    );
}

#[test]
fn a_syntax_error_is_told_with_its_line() {
    let ended = python("x = 1\nprint(x\n").run();
    let failure = ended.failure();
    assert_eq!(
        (failure.file.as_deref(), failure.line),
        (Some("main.py"), Some(2))
    );
    assert!(
        failure.message.contains("`SyntaxError`"),
        "{}",
        failure.message
    );
}

#[test]
fn an_exit_code_is_told_with_the_last_words() {
    let ended = python("import sys\nprint('no rows left', file=sys.stderr)\nsys.exit(3)\n").run();
    let failure = ended.failure();
    assert_eq!(failure.exit_code, Some(3));
    assert_eq!(
        failure.message,
        "the program ended with exit code 3; the last that it wrote to standard error was: no rows left"
    );
}

#[test]
fn the_failure_file_of_sagemaker_is_told() {
    let ended = shell("echo 'bad channel' > /opt/ml/output/failure; exit 1").run();
    let message = &ended.failure().message;
    assert!(
        message.ends_with("it left the message: bad channel"),
        "{message}"
    );
}

#[test]
fn a_crash_is_told_in_words() {
    for (line, words) in [
        ("kill -SEGV $$", "touched memory"),
        ("kill -KILL $$", "killed from outside"),
        ("kill -ABRT $$", "aborted itself"),
        ("sh -c 'kill -SEGV $$'; exit $?", "touched memory"),
    ] {
        let ended = shell(line).run();
        let failure = ended.failure();
        assert!(
            failure.message.contains(words),
            "{line}: {}",
            failure.message
        );
        assert_eq!(failure.kind, FailureKind::UserCode);
    }
}

#[test]
fn what_cannot_be_started_is_told() {
    let command = Ticket::new(Program::Command {
        arguments: vec!["no-such-program".into()],
    });
    let ended = command.run();
    let message = &ended.failure().message;
    assert!(
        message.contains("cannot start `no-such-program`: No such file"),
        "{message}"
    );
    let ended = shell("no-such-program").run();
    assert!(ended.failure().message.contains("a command was not found"));
    let script = Ticket::new(Program::Script {
        path: "gone.py".into(),
        arguments: Vec::new(),
    });
    assert!(script.run().failure().message.contains("gone.py"));
}

#[test]
fn a_process_left_behind_does_not_keep_the_job() {
    let ended = shell("setsid sleep 1000 & echo started").run();
    assert_eq!(ended.completed().output(), ["started"]);
}

#[test]
fn a_failure_leaves_no_outputs_and_a_success_all() {
    let ended = shell("echo x > /opt/ml/model/x; exit 1").run();
    assert!(!ended.ticket.layout.outputs().exists());
    let ended = shell("ln -s /etc/passwd /opt/ml/model/p; echo x > /opt/ml/model/x").run();
    assert_eq!(ended.completed().files("model"), [("x".to_owned(), 2)]);
    assert!(
        ended
            .record
            .exit
            .warnings
            .iter()
            .any(|warning| warning.contains("`p`"))
    );
    assert!(matches!(ended.record.exit.ending, Ending::Completed));
}
