//! Functions that do what they should not.

use crate::support::{Bench, eventually, runs};
use contracts::functions::{FunctionFault, FunctionObservation, Functions};
use domain::Span;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn one_that_sleeps_for_ever_is_ended_with_its_children() {
    let bench = Bench::new();
    let code = "
import os, subprocess, time
def handler(event, context):
    child = subprocess.Popen(['sleep', '600'])
    with open(event, 'w') as file: file.write('%d %d' % (os.getpid(), child.pid))
    time.sleep(600)
";
    let target = bench.function(code, |spec| spec.timeout = Span::seconds(1));
    let path = bench.folder.path().join("pids");
    let event = serde_json::to_string(path.to_str().unwrap()).unwrap();
    let ended = bench.ask(&target, &event).await.unwrap();
    assert_eq!(ended.fault, Some(FunctionFault::TimedOut));
    let error: serde_json::Value = serde_json::from_slice(&ended.payload).unwrap();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Task timed out after 1.00 seconds")
    );
    assert!(
        ended
            .tail
            .contains("Status: error\tError Type: Sandbox.Timedout"),
        "{}",
        ended.tail
    );
    let pids = std::fs::read_to_string(path).unwrap();
    let pids: Vec<i64> = pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
    eventually("both are gone", || pids.iter().all(|pid| !runs(*pid))).await;
}

#[tokio::test]
async fn one_that_prints_without_end_is_read_without_end_and_bounded() {
    let bench = Bench::new();
    let code = "
def handler(event, context):
    for number in range(event): print('x' * 1000)
    return 'done'
";
    let target = bench.function(code, |_| {});
    let answer = bench.ask(&target, "50000").await.unwrap();
    assert_eq!(&answer.payload[..], br#""done""#);
    assert!(answer.tail.len() <= 4_096 + 3);
    assert!(
        bench
            .plane
            .log(&target.workspace, &target.name, usize::MAX)
            .len()
            <= 5_000
    );
}

#[tokio::test]
async fn one_that_forks_and_comes_back_twice_answers_once() {
    let bench = Bench::new();
    let code = "
import os
def handler(event, context):
    return 'child' if os.fork() == 0 else 'parent'
";
    let target = bench.function(code, |_| {});
    for _ in 0..3 {
        assert_eq!(bench.value(&target, "0").await, json!("parent"));
    }
}

#[tokio::test]
async fn too_large_an_answer_is_told() {
    let bench = Bench::new();
    let target = bench.function("def handler(event, context): return 'x' * event", |_| {});
    let answer = bench.ask(&target, "6400000").await.unwrap();
    assert_eq!(answer.fault, Some(FunctionFault::BadAnswer));
    let told = String::from_utf8_lossy(&answer.payload).into_owned();
    assert!(told.contains("Function.ResponseSizeTooLarge"), "{told}");
    assert_eq!(bench.value(&target, "1").await, json!("x"));
}

#[tokio::test]
async fn one_that_leaks_is_ended_by_its_limit_where_the_machine_has_groups() {
    let bench = Bench::new();
    let code = "
def handler(event, context):
    kept = []
    while True: kept.append(bytearray(8 << 20))
";
    let target = bench.function(code, |spec| spec.timeout = Span::seconds(60));
    let FunctionObservation::Ready { warnings, .. } = bench.ready(&target).await else {
        panic!("it is not ready");
    };
    if warnings.iter().any(|warning| warning.contains("memory")) {
        // This machine cannot enforce it, which was said.
        return;
    }
    let ended = bench.ask(&target, "0").await.unwrap();
    assert_eq!(ended.fault, Some(FunctionFault::OutOfMemory), "{ended:?}");
    let told = String::from_utf8_lossy(&ended.payload).into_owned();
    assert!(told.contains("Runtime.OutOfMemory"), "{told}");
}

#[tokio::test]
async fn a_killed_worker_under_load_costs_only_its_own_call() {
    let bench = Arc::new(Bench::new());
    let code = "
import os, time
def handler(event, context):
    time.sleep(0.02)
    return os.getpid()
";
    let target = bench.function(code, |spec| spec.scale.max = 4);
    bench.ready(&target).await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..60 {
        let (bench, target) = (Arc::clone(&bench), target.clone());
        calls.spawn(async move {
            let answer = bench.ask(&target, "0").await.unwrap();
            if number % 20 == 0 && answer.fault.is_none() {
                let pid: i32 = String::from_utf8_lossy(&answer.payload).parse().unwrap();
                let _ = nix::sys::signal::kill(
                    nix::unistd::Pid::from_raw(pid),
                    nix::sys::signal::Signal::SIGKILL,
                );
            }
            answer.fault
        });
    }
    let mut failed = 0;
    while let Some(fault) = calls.join_next().await {
        match fault.unwrap() {
            None => {}
            Some(FunctionFault::Exited) => failed += 1,
            Some(other) => panic!("{other:?}"),
        }
    }
    assert!(failed <= 3, "{failed}");
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!(
        (figures.calls, figures.errors, figures.busy),
        (60, failed, 0)
    );
}

#[tokio::test]
async fn versions_that_are_retired_leave_no_process() {
    let bench = Bench::new();
    let target = bench.function(
        "import os\ndef handler(e, c): return [os.getpid(), os.getppid()]",
        |_| {},
    );
    let pids = bench.value(&target, "0").await;
    let pids: Vec<i64> = pids
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_i64().unwrap())
        .collect();
    bench
        .plane
        .retire(&target.workspace, &target.name, &[])
        .await;
    assert_eq!(
        bench.plane.observe(&target).await,
        FunctionObservation::Absent
    );
    eventually("instance and template are gone", || {
        pids.iter().all(|pid| !runs(*pid))
    })
    .await;
    assert_eq!(
        bench
            .plane
            .figures(&target.workspace, &target.name)
            .instances,
        0
    );
}

#[tokio::test]
async fn one_that_writes_without_end_is_ended_in_time() {
    let bench = Bench::new();
    let code = "
import os, sys
def handler(event, context):
    if event == 'blocks':
        block = b'x' * (1 << 16)
        while True: os.write(1, block)
    if event == 'lines':
        while True: print('y' * 100, file=sys.stderr)
    return event
";
    let target = bench.function(code, |spec| spec.timeout = Span::seconds(2));
    for event in ["blocks", "lines"] {
        let ended = bench.ask(&target, &format!("\"{event}\"")).await.unwrap();
        assert_eq!(ended.fault, Some(FunctionFault::TimedOut), "{event}");
        assert!(ended.tail.len() <= 4_096 + 3, "{}", ended.tail.len());
        // Others go on.
        assert_eq!(bench.value(&target, "1").await, json!(1));
    }
    let kept = bench.plane.log(&target.workspace, &target.name, usize::MAX);
    assert!(kept.len() <= 5_000);
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!((figures.calls, figures.errors, figures.busy), (4, 2, 0));
}

#[tokio::test]
async fn what_a_call_left_running_ends_with_its_instance() {
    let bench = Bench::new();
    let code = "
import os, subprocess, time
def handler(event, context):
    left = []
    for number in range(20):
        child = os.fork()
        if child == 0:
            # A session of its own, so that it is in no group of ours.
            os.setsid()
            time.sleep(600)
            os._exit(0)
        left.append(child)
    return left
";
    let target = bench.function(code, |_| {});
    let FunctionObservation::Ready { warnings, .. } = bench.ready(&target).await else {
        panic!("it is not ready");
    };
    let left = bench.value(&target, "0").await;
    let left: Vec<i64> = left
        .as_array()
        .unwrap_or_else(|| panic!("{left}"))
        .iter()
        .map(|pid| pid.as_i64().unwrap())
        .collect();
    assert_eq!(left.len(), 20);
    bench
        .plane
        .retire(&target.workspace, &target.name, &[])
        .await;
    if warnings.iter().any(|warning| warning.contains("processes")) {
        // Nothing but a control group finds processes that left their session.
        for pid in left {
            let pid = nix::unistd::Pid::from_raw(pid as i32);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        return;
    }
    eventually("all of them are gone", || {
        left.iter().all(|pid| !runs(*pid))
    })
    .await;
}

#[tokio::test]
async fn answers_that_are_none_are_told_in_each_way() {
    let bench = Bench::new();
    let code = "
import sys
class Odd:
    def __str__(self): raise RuntimeError('no text')
class Worse(Exception):
    def __str__(self): raise RuntimeError('no text')
def handler(event, context):
    if event == 'object': return Odd()
    if event == 'bytes': return b'x'
    if event == 'self':
        ring = []
        ring.append(ring)
        return ring
    if event == 'deep':
        value = []
        for _ in range(100_000): value = [value]
        return value
    if event == 'raise': raise Worse()
    if event == 'recursion': return handler(event, context)
    if event == 'interrupt': raise KeyboardInterrupt()
    if event == 'nan': return float('nan')
    if event == 'surrogate': return '\\ud800'
    return event
";
    let target = bench.function(code, |_| {});
    for (event, kind) in [
        ("object", "Runtime.MarshalError"),
        ("bytes", "Runtime.MarshalError"),
        ("self", "Runtime.MarshalError"),
        ("deep", "Runtime.MarshalError"),
        ("surrogate", "Runtime.MarshalError"),
        ("raise", "Worse"),
        ("recursion", "RecursionError"),
        ("interrupt", "KeyboardInterrupt"),
    ] {
        let answer = bench.ask(&target, &format!("\"{event}\"")).await.unwrap();
        assert!(answer.fault.is_some(), "{event}: {answer:?}");
        let error: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(error["errorType"], kind, "{event}: {error}");
        assert_eq!(bench.value(&target, "1").await, json!(1), "{event}");
    }
}

#[tokio::test]
async fn a_killed_template_costs_nobody_a_call() {
    let bench = Arc::new(Bench::new());
    let code = "
import os, time
def handler(event, context):
    time.sleep(event)
    return [os.getpid(), os.getppid()]
";
    let target = bench.function(code, |spec| spec.scale.max = 4);
    let first = bench.value(&target, "0").await;
    let template = nix::unistd::Pid::from_raw(first[1].as_i64().unwrap() as i32);
    nix::sys::signal::kill(template, nix::sys::signal::Signal::SIGKILL).unwrap();
    eventually("the template is gone", || {
        !runs(i64::from(template.as_raw()))
    })
    .await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (bench, target) = (Arc::clone(&bench), target.clone());
        calls.spawn(async move { bench.ask(&target, "0.1").await });
    }
    while let Some(answer) = calls.join_next().await {
        let answer = answer.unwrap().unwrap();
        assert_eq!(answer.fault, None, "{answer:?}");
    }
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!((figures.calls, figures.errors, figures.busy), (9, 0, 0));
}

#[tokio::test]
async fn one_whose_import_hangs_holds_its_caller_no_longer_than_its_start_may_take() {
    let bench = Bench::new();
    let code = "
import os, time
with open(os.environ['PIDS'], 'a') as file: file.write('%d\\n' % os.getpid())
time.sleep(600)
def handler(event, context): return event
";
    let path = bench.folder.path().join("pids");
    let target = bench.function(code, |spec| {
        spec.timeout = Span::milliseconds(1_000);
        let value = path.to_str().unwrap().to_owned();
        spec.env.insert("PIDS".to_owned(), value);
    });
    // Both wait for the same first instance: nobody begins another ten seconds after it.
    let (asked, other) = tokio::join!(bench.ask(&target, "1"), bench.ask(&target, "2"));
    for ended in [asked.unwrap(), other.unwrap()] {
        assert_eq!(ended.fault, Some(FunctionFault::TimedOut));
        let told = String::from_utf8_lossy(&ended.payload).into_owned();
        assert!(
            told.contains("Task timed out after 11.00 seconds") && told.contains("being loaded"),
            "{told}"
        );
    }
    let FunctionObservation::Ready { trouble, .. } = bench.ready(&target).await else {
        panic!("it takes calls, each of which tries anew");
    };
    let trouble = trouble.expect("that it does not start is told");
    assert!(trouble.contains("not ready within 11 s"), "{trouble}");
    eventually("nothing of it is left", || {
        let pids = std::fs::read_to_string(&path).unwrap();
        pids.lines().all(|pid| !runs(pid.parse().unwrap()))
    })
    .await;
}
