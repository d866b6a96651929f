//! What functions are kept from, seen from inside: files, the network, the kernel, each other.

use crate::functions::invoke;
use crate::support::Server;
use serde_json::{Value, json};

fn port(server: &Server) -> u16 {
    server.address.rsplit(':').next().unwrap().parse().unwrap()
}

const PROBE: &str = "
import json, os, pathlib, socket
def attempt(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__
def handler(event, context):
    if event.get('write'):
        pathlib.Path('/tmp/mine').write_text('x')
    code = os.environ['LAMBDA_TASK_ROOT']
    return {
        'user': os.getuid(),
        'code': attempt(lambda: sorted(os.listdir(code))),
        'data': attempt(lambda: sorted(os.listdir(event['data']))),
        'etc': attempt(lambda: pathlib.Path('/etc/tradewind-probe').write_text('x')),
        'own': attempt(lambda: pathlib.Path(code, 'x').write_text('x')),
        'tmp': sorted(name for name in os.listdir('/tmp') if name == 'mine'),
        'net': attempt(lambda: socket.create_connection(('127.0.0.1', event['port']), 2) and 'open'),
        'caps': [line.split()[1] for line in open('/proc/self/status') if line.startswith('CapEff')],
        'pid': os.getpid(),
    }
";

#[test]
fn a_function_sees_its_own_files_and_nothing_of_the_server() {
    let server = Server::start();
    let folder = server.place.project("probe", &[("app.py", PROBE)]);
    let data = server.place.data.to_str().unwrap().to_owned();
    for (name, network) in [("open", "open"), ("closed", "none")] {
        let arguments = [
            "functions",
            "deploy",
            name,
            &folder,
            "--handler",
            "app.handler",
        ];
        let more = ["--network", network, "--timeout", "20s"];
        server.tradewind(&[&arguments[..], &more].concat()).good();
    }
    let function = server.get("/functions/closed").good();
    let lacks: Vec<Value> = function["warnings"].as_array().cloned().unwrap_or_default();
    let lacking = |what: &str| {
        lacks
            .iter()
            .any(|note| note.as_str().unwrap().contains(what))
    };
    let event = json!({"data": data, "port": port(&server), "write": true});
    let seen = invoke(&server, "closed", &event);
    if !lacking("files") {
        assert_eq!(seen["code"], json!(["app.py"]), "{seen}");
        let told = seen["data"].to_string();
        assert!(
            !told.contains("tradewind.db") && !told.contains("credentials"),
            "{seen}"
        );
        assert_eq!(seen["etc"], "OSError", "{seen}");
        assert_eq!(seen["own"], "OSError", "{seen}");
        assert_eq!(seen["tmp"], json!(["mine"]), "{seen}");
    }
    if !lacking("user") {
        assert_ne!(seen["user"], 0, "{seen}");
        assert_eq!(seen["caps"], json!(["0000000000000000"]), "{seen}");
    }
    if !lacking("network") {
        assert_eq!(seen["net"], "OSError", "{seen}");
        let open = invoke(
            &server,
            "open",
            &json!({"data": data, "port": port(&server)}),
        );
        assert_eq!(open["net"], "open", "{open}");
    }
}

#[test]
fn a_function_with_only_the_loopback_reaches_this_installation_and_nothing_else() {
    let server = Server::start();
    // Somebody else's service on this machine, which an open network would reach.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = other.local_addr().unwrap().port();
    let code = "
import os, socket, threading, urllib.error, urllib.request
def attempt(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__
def health(port):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open('http://127.0.0.1:%d/api/v1/health' % port, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code
def proxied(port, line):
    with socket.create_connection(('127.0.0.1', port), 5) as server:
        server.sendall((line + ' HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n').encode())
        return server.makefile('rb').readline().split()[1].decode()
def handler(event, context):
    other = '127.0.0.1:%d' % event['other']
    own = socket.create_server(('127.0.0.1', 0))
    return {
        'server': [attempt(lambda: health(event['port'])) for _ in range(5)],
        'other': attempt(lambda: socket.create_connection(('127.0.0.1', event['other']), 2) and 'open'),
        'tunnel': attempt(lambda: proxied(event['port'], 'CONNECT ' + other)),
        'absolute': attempt(lambda: proxied(event['port'], 'GET http://' + other + '/')),
        'served': attempt(lambda: proxied(event['port'], 'CONNECT sts.amazonaws.com:443')),
        'own': attempt(lambda: socket.create_connection(own.getsockname(), 2) and 'open'),
        'vsock': attempt(lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) and 'open'),
        'packet': attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW) and 'open'),
        'signal': attempt(lambda: os.kill(os.getppid(), 0)),
    }
";
    let folder = server.place.project("near", &[("app.py", code)]);
    let arguments = ["functions", "deploy", "near", &folder];
    let more = ["--handler", "app.handler", "--network", "loopback"];
    let timeout = ["--timeout", "30s"];
    server
        .tradewind(&[&arguments[..], &more, &timeout].concat())
        .good();
    let lacks = server.get("/functions/near").good()["warnings"].to_string();
    let event = json!({"port": port(&server), "other": other});
    for _ in 0..2 {
        let seen = invoke(&server, "near", &event);
        if !lacks.contains("network") && !lacks.contains("loopback") {
            assert_eq!(seen["other"], "ConnectionRefusedError", "{seen}");
            assert_eq!(seen["own"], "open", "{seen}");
            // The server is a proxy as well, and carries nobody out of here.
            assert_eq!(seen["tunnel"], "403", "{seen}");
            assert_eq!(seen["absolute"], "403", "{seen}");
            assert_eq!(seen["served"], "200", "{seen}");
            let all = seen["server"].as_array().unwrap();
            assert!(all.iter().all(serde_json::Value::is_u64), "{seen}");
        }
        if !lacks.contains("system calls") {
            assert_eq!(seen["vsock"], "PermissionError", "{seen}");
            assert_eq!(seen["packet"], "PermissionError", "{seen}");
        }
    }
}

#[test]
fn what_no_function_needs_of_the_kernel_is_refused() {
    let server = Server::start();
    let code = "
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    return 0 if result >= 0 else ctypes.get_errno()
def handler(event, context):
    return {
        'ptrace': call(101, 0, 0, 0, 0),
        'keyctl': call(250, 0, -3, 0),
        'bpf': call(321, 0, 0, 0),
        'setns': call(308, -1, 0),
        'network namespace': call(272, 0x40000000),
        'user namespace': call(272, 0x10000000 | 0x00020000),
        'mount': call(165, b'none', b'/tmp', b'tmpfs', 0, None),
        'io_uring': call(425, 1, 0),
        'allowed': call(39),
    }
";
    let folder = server.place.project("asks", &[("app.py", code)]);
    let arguments = ["functions", "deploy", "asks", &folder];
    let more = ["--handler", "app.handler", "--timeout", "20s"];
    server.tradewind(&[&arguments[..], &more].concat()).good();
    let lacks = server.get("/functions/asks").good()["warnings"].to_string();
    if lacks.contains("system calls") || !cfg!(target_arch = "x86_64") {
        // This machine cannot enforce it, which was said; or its calls have other numbers.
        return;
    }
    let seen = invoke(&server, "asks", &json!({}));
    for what in [
        "ptrace",
        "keyctl",
        "bpf",
        "setns",
        "network namespace",
        "mount",
    ] {
        assert_eq!(seen[what], 1, "{what}: {seen}");
    }
    assert_eq!(seen["io_uring"], 38, "{seen}");
    assert_eq!(seen["allowed"], 0, "{seen}");
    // No namespace below the instance's own: its number is 0 (ENOSPC).
    if !lacks.contains("files") {
        assert_ne!(seen["user namespace"], 0, "{seen}");
    }
}

#[test]
fn a_custom_runtime_is_confined_and_says_what_it_may_write() {
    let server = Server::start();
    let script = "#!/bin/sh
base=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
attempt() { if (echo x > \"$1\") 2>/dev/null; then echo true; else echo false; fi; }
while true; do
    headers=$(mktemp)
    curl -sS --noproxy '*' -D \"$headers\" -o /dev/null $base/next
    id=$(grep -Fi lambda-runtime-aws-request-id \"$headers\" | tr -d '[:space:]' | cut -d: -f2)
    said=\"{\\\"tmp\\\": $(attempt /tmp/x), \\\"own\\\": $(attempt ./x), \\\"etc\\\": $(attempt /etc/x), \\\"user\\\": $(id -u)}\"
    curl -sS --noproxy '*' -d \"$said\" $base/$id/response > /dev/null
done
";
    if !std::path::Path::new("/usr/bin/curl").exists() {
        return;
    }
    let folder = server.place.project("custom", &[("bootstrap", script)]);
    let file = std::path::Path::new(&folder).join("bootstrap");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(file, mode).unwrap();
    // With a loopback of its own it reaches the Runtime API as well.
    for network in ["open", "loopback"] {
        let arguments = ["functions", "deploy", "custom", &folder, "--bootstrap"];
        server
            .tradewind(&[&arguments[..], &["--timeout", "20s", "--network", network]].concat())
            .good();
        let lacks = server.get("/functions/custom").good()["warnings"].to_string();
        let seen = invoke(&server, "custom", &json!({}));
        assert_eq!(seen["tmp"], true, "{seen}");
        if !lacks.contains("files") {
            assert_eq!((&seen["own"], &seen["etc"]), (&json!(false), &json!(false)));
        }
        if !lacks.contains("user") {
            assert_ne!(seen["user"], 0, "{seen}");
        }
    }
}

#[test]
fn doctor_says_how_functions_are_confined() {
    let server = Server::start();
    let said = server.tradewind(&["--json", "doctor"]).good().json();
    let findings = said.as_array().unwrap();
    let isolation = findings.iter().find(|one| one["what"] == "isolation");
    let isolation = isolation.unwrap();
    let detail = isolation["detail"].as_str().unwrap();
    match isolation["state"].as_str() {
        Some("good") => assert!(detail.contains("Landlock"), "{detail}"),
        Some("lacking") => assert!(detail.contains("confined"), "{detail}"),
        other => panic!("{other:?}: {detail}"),
    }
}
