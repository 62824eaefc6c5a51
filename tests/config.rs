//! Options that cannot be used are refused by name, with what to do instead.

use std::io::Write;
use std::net::TcpListener;
use std::process::Command;

use serde_json::json;
use testkit::{Process, TestServer, nunchi};

const PORTS: [&str; 3] = ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"];

/// Starts a server that must refuse to start, and say these words.
async fn check_refused(name: &str, command: &mut Command, words: &[&str]) {
    let mut server = Process::start(name, command);
    let ended = server.ended().await;
    let said = server.settled_output().await;
    assert_eq!(ended.code(), Some(1), "{name}: {said}");
    for words in words {
        assert!(said.contains(words), "{name} does not say {words:?}:\n{said}");
    }
}

/// `nunchi server` on a folder and ports of its own.
fn server_in(folder: &tempfile::TempDir) -> Command {
    let mut command = nunchi();
    command.arg("server").arg("--data-dir").arg(folder.path());
    for port in PORTS {
        command.args([port, "127.0.0.1:0"]);
    }
    command
}

#[tokio::test]
async fn an_option_that_there_is_not_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = folder.path().join("nunchi.yaml");
    for (text, words) in [
        ("stor: {retention: 1d}", &["stor", "nunchi.yaml", "nunchi server --help"][..]),
        ("store: {retentoin: 1d}", &["retentoin"]),
        ("store: {retention: soon}", &["store.retention", "soon"]),
        ("query: {concurrency: many}", &["query.concurrency"]),
        ("store: [retention", &["nunchi.yaml"]),
    ] {
        std::fs::write(&yaml, text).unwrap();
        check_refused(text, server_in(&folder).arg("--config").arg(&yaml), words).await;
    }
    let missing = folder.path().join("missing.yaml");
    check_refused("a missing file", server_in(&folder).arg("--config").arg(missing), &["missing.yaml"]).await;
    for variable in ["NUNCHI_STORE_RETENTOIN", "NUNCHI_STORE"] {
        check_refused(variable, server_in(&folder).env(variable, "1d"), &[variable, "--help"]).await;
    }
    check_refused("a variable", server_in(&folder).env("NUNCHI_STORE_RETENTION", "soon"), &["store.retention"]).await;
}

#[tokio::test]
async fn an_open_door_needs_a_token_or_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let mut command = nunchi();
        command.arg("server").arg("--data-dir").arg(folder.path()).args(["--listen-api", "0.0.0.0:0"]);
        command
    };
    let how = ["listen.api", "0.0.0.0:0", "--auth-token-file", "--auth-insecure-open", "127.0.0.1"];
    check_refused("an open door", &mut open(), &how).await;
    let mut token = tempfile::NamedTempFile::new().unwrap();
    write!(token, "short").unwrap();
    check_refused("a short token", open().arg("--auth-token-file").arg(token.path()), &["auth.token_file", "openssl"])
        .await;
    write!(token, "0123456789abcdef").unwrap();
    let options = ["--auth-token-file", token.path().to_str().unwrap(), "--listen-api", "0.0.0.0:0"];
    let server = TestServer::start(&options).await;
    assert_eq!(server.api().get("/api/v1/services", &[]).await.status, 401);
}

#[tokio::test]
async fn a_services_file_is_checked_at_the_start_and_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("services.yaml");
    let missing = ["services_file", "services.yaml"];
    check_refused("no file", server_in(&folder).arg("--services-file").arg(&path), &missing).await;
    std::fs::write(&path, "services:\n  pay:\n    ownr: money\n").unwrap();
    let words = ["services_file", "services.pay", "ownr", "line 3"];
    check_refused("an unknown key", server_in(&folder).env("NUNCHI_SERVICES_FILE", &path), &words).await;

    std::fs::write(&path, "services:\n  pay:\n    owner: money\n").unwrap();
    let server = TestServer::start(&["--services-file", path.to_str().unwrap()]).await;
    let owner = async || server.api().ask("/api/v1/services/pay", &[]).await["owner"].clone();
    assert_eq!(owner().await, json!({"value": "money", "source": "services_file"}));
    std::fs::write(&path, "services:\n  pay:\n    owner: treasury\n").unwrap();
    assert_eq!(owner().await["value"], "treasury");
    std::fs::write(&path, "services:\n  pay: [broken\n").unwrap();
    assert_eq!(owner().await["value"], "treasury", "what it said last holds");
    assert_eq!(server.api().get("/api/v1/services/nobody", &[]).await.status, 404);
}

#[tokio::test]
async fn a_folder_and_a_port_belong_to_one_server() {
    let first = TestServer::start(&[]).await;
    let mut second = nunchi();
    second.arg("server").arg("--data-dir").arg(first.data_dir());
    for port in PORTS {
        second.args([port, "127.0.0.1:0"]);
    }
    let folder = first.data_dir().display().to_string();
    check_refused("a second server", &mut second, &[&folder, "in use by another nunchi server", "--data-dir"]).await;
    assert_eq!(first.api().number("SELECT 1").await, 1, "the first goes on");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    for (port, name) in [
        ("--listen-otlp-grpc", "OTLP over gRPC"),
        ("--listen-otlp-http", "OTLP over HTTP"),
        ("--listen-api", "the page and the API"),
    ] {
        let mut command = nunchi();
        command.arg("server").arg("--data-dir").arg(folder.path());
        for other in PORTS.into_iter().filter(|other| *other != port) {
            command.args([other, "127.0.0.1:0"]);
        }
        check_refused(port, command.args([port, &address]), &[&address, name]).await;
    }
}

#[tokio::test]
async fn flags_win_over_variables_and_variables_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = folder.path().join("nunchi.yaml");
    std::fs::write(&yaml, "store: {durability: none}").unwrap();
    for (variable, flag, expected) in
        [(None, None, "none"), (Some("os"), None, "os"), (Some("os"), Some("fsync"), "fsync")]
    {
        let data_dir = tempfile::tempdir().unwrap();
        let mut command = server_in(&data_dir);
        command.arg("--config").arg(&yaml);
        variable.map(|mode| command.env("NUNCHI_STORE_DURABILITY", mode));
        flag.map(|mode| command.args(["--store-durability", mode]));
        let server = TestServer::started_by(command, data_dir).await;
        assert_eq!(server.api().ask("/api/v1/status", &[]).await["durability"], expected);
    }
}
