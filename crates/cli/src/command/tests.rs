//! Each verb against a server in this process: what it asks, what it prints, how it ends.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use clap::{CommandFactory, Parser};

use super::*;

mod metrics;

#[derive(Parser)]
#[command(name = "nunchi")]
struct Program {
    #[command(subcommand)]
    command: Command,
}

/// What the server does with the next question.
enum Reply {
    /// Answers with a file of `testdata/`.
    Sample(&'static str),
    /// Answers with a status and a body.
    Says(u16, String),
    /// Answers with more than the client takes.
    Floods,
    /// Never answers, but raises Ctrl-C in the client.
    Interrupts(Interrupt),
    /// Never answers.
    Hangs,
}

#[derive(Clone, Default)]
struct Server {
    replies: Arc<Mutex<std::collections::VecDeque<Reply>>>,
    /// `METHOD path?query token body` of each question.
    asked: Arc<Mutex<Vec<String>>>,
}

async fn reply(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    let token = parts.headers.get(header::AUTHORIZATION).map_or("", |token| token.to_str().unwrap());
    let asked = format!("{} {} {token} {body}", parts.method, parts.uri);
    server.asked.lock().unwrap().push(asked.trim_end().to_owned());
    let next = server.replies.lock().unwrap().pop_front().expect("no more questions than replies");
    let (status, body) = match next {
        Reply::Sample(file) => (200, Body::from(sample(file))),
        Reply::Says(status, body) => (status, Body::from(body)),
        Reply::Floods => (200, Body::from(vec![b' '; 2 * 1024 * 1024])),
        Reply::Interrupts(interrupt) => {
            interrupt.raise();
            std::future::pending().await
        }
        Reply::Hangs => std::future::pending().await,
    };
    Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body).unwrap()
}

fn sample(file: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// What one run did.
struct Ran {
    exit: Exit,
    out: String,
    err: String,
    asked: Vec<String>,
}

/// One run to be made.
struct Run<'a> {
    arguments: &'a [&'a str],
    replies: Vec<Reply>,
    input: &'a str,
    input_end: Sink,
    interrupt: Interrupt,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a [&'a str], replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = replies.into_iter().collect();
        Self { arguments, replies, input: "", input_end: Sink::Terminal, interrupt: Interrupt::new() }
    }

    async fn run(self) -> Ran {
        let mut out = Vec::new();
        let (exit, err, asked) = self.run_into(&mut out).await;
        Ran { exit, out: String::from_utf8(out).unwrap(), err, asked }
    }

    async fn run_into(self, out: &mut dyn io::Write) -> (Exit, String, Vec<String>) {
        let server = Server::default();
        server.replies.lock().unwrap().extend(self.replies);
        let address = serve(server.clone()).await;
        let address = format!("http://{address}");
        let mut arguments = vec!["nunchi"];
        arguments.extend(self.arguments);
        if !self.arguments.contains(&"--server") && self.arguments[0] != "completions" {
            arguments.extend(["--server", &address]);
        }
        let command = Program::try_parse_from(arguments).unwrap().command;
        let mut err = Vec::new();
        let mut session = Session {
            out,
            screen: Screen::PIPE,
            err: &mut err,
            err_screen: Screen::PIPE,
            input: &mut self.input.as_bytes(),
            input_end: self.input_end,
            interrupt: self.interrupt,
            now: UnixNanos::new(1_795_500_000_000_000_000),
            progress: Progress::Silent,
        };
        let exit = execute(command, Program::command(), &mut session).await;
        let asked = server.asked.lock().unwrap().clone();
        (exit, String::from_utf8(err).unwrap().replace(&address, "SERVER"), asked)
    }
}

async fn serve(server: Server) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().fallback(reply).with_state(server);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

fn error_body(code: &str, message: &str, hint: &str) -> String {
    serde_json::json!({"error": {"code": code, "message": message, "hint": hint}}).to_string()
}

/// The exit code and standard error of a question that is answered by `reply`.
#[track_caller]
fn check(reply: Reply, exit: Exit, expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ran = runtime.block_on(Run::new(&["logs", "--timeout", "20s"], [reply]).run());
    assert_eq!((ran.exit, ran.err.as_str(), ran.out.as_str()), (exit, expected, ""));
}

#[test]
fn the_command_line_holds_together() {
    Program::command().debug_assert();
}

#[test]
fn every_verb_documents_the_exit_codes() {
    let verbs = [
        "logs",
        "traces",
        "trace",
        "journey",
        "profile",
        "exemplars",
        "services",
        "service",
        "graph",
        "diff",
        "repairs",
        "clocks",
        "promql",
        "labels",
        "top",
        "sql",
        "status",
        "pin",
        "pins",
        "unpin",
    ];
    for verb in verbs {
        let help = Program::try_parse_from(["nunchi", verb, "--help"]).map(|_| ()).unwrap_err().to_string();
        assert!(help.contains(crate::exit::HELP), "{verb}: {help}");
    }
}

/// What is asked of the server by arguments, and that something of the answer is printed.
async fn check_asked(cases: &[(&[&str], &'static str, &str)]) {
    for (arguments, answer, expected) in cases {
        let ran = Run::new(arguments, [Reply::Sample(answer)]).run().await;
        assert_eq!((ran.exit, ran.asked.as_slice()), (Exit::Done, &[(*expected).to_owned()][..]), "{}", ran.err);
        assert!(!ran.out.is_empty());
    }
}

#[tokio::test]
async fn every_option_of_logs_and_traces_reaches_the_server() {
    check_asked(&[
        (&["logs"], "logs.json", "GET /api/v1/logs?from=now-1h&order=newest&limit=100"),
        (
            &["logs", "a OR b", "-l", "app=x,tier in (a,b)", "--since", "2h", "-n", "5", "--order", "oldest"],
            "logs.json",
            "GET /api/v1/logs?q=a+OR+b&selector=app%3Dx%2Ctier+in+%28a%2Cb%29&from=now-2h&order=oldest&limit=5",
        ),
        (
            &[
                "traces",
                "q",
                "--service",
                "web",
                "--operation",
                "GET /",
                "--min-duration",
                "1ms",
                "--max-duration",
                "2s",
            ],
            "traces.json",
            "GET /api/v1/traces?q=q&service=web&operation=GET+%2F&min_duration=1ms&max_duration=2s&from=now-1h&limit=20",
        ),
        (
            &["traces", "-l", "!canary", "--status", "error", "--from", "0", "--to", "now"],
            "traces.json",
            "GET /api/v1/traces?selector=%21canary&status=error&from=0&to=now&limit=20",
        ),
        (
            &["trace", "4BF92F3577B34DA6A3CE929D0E0E4736", "--view", "raw", "-o", "table"],
            "trace.json",
            "GET /api/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736?view=raw",
        ),
        (
            &["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--repairs"],
            "trace.json",
            "GET /api/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736?view=repaired",
        ),
        (
            &["trace", "4bf92f3577b34da6a3ce929d0e0e4736", "--nearby"],
            "nearby.json",
            "GET /api/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736/nearby",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_option_of_what_lies_about_traces_reaches_the_server() {
    check_asked(&[        (
            &["profile", "web", "GET /", "status:error", "-l", "a=b", "--since", "2h", "-n", "5"],
            "profile.json",
            "GET /api/v1/traces/profile?service=web&operation=GET+%2F&q=status%3Aerror&selector=a%3Db&from=now-2h&limit=5",
        ),
        (
            &["exemplars", "queue.wait", "-l", "a=b"],
            "exemplars.json",
            "GET /api/v1/exemplars?metric=queue.wait&selector=a%3Db&from=now-1h&limit=100",
        ),
        (
            &["journey", "4BF92F3577B34DA6A3CE929D0E0E4736"],
            "journey.json",
            "GET /api/v1/journeys/4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        (&["repairs"], "repairs.json", "GET /api/v1/repairs?from=now-1h&buckets=24"),
        (
            &["repairs", "--kind", "missing_parent", "--service", "cart", "--since", "1d"],
            "repairs.json",
            "GET /api/v1/repairs?kind=missing_parent&service=cart&from=now-1d&buckets=24",
        ),
        (&["clocks", "--host", "node-b"], "clocks.json", "GET /api/v1/clocks?host=node-b&from=now-1h"),
        (
            &["traces", "--repair", "missing_parent", "--service", "cart"],
            "traces.json",
            "GET /api/v1/traces?service=cart&repair=missing_parent&from=now-1h&limit=20",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_option_of_services_reaches_the_server() {
    check_asked(&[
        (&["services", "-l", "squad=a"], "services.json", "GET /api/v1/services?selector=squad%3Da&from=now-1h"),
        (&["service", "a b/c"], "passport.json", "GET /api/v1/services/a%20b%2Fc"),
        (
            &["service", "cart", "--at", "now-2h", "--since", "7d", "--window", "10m", "--environment", "prod"],
            "passport.json",
            "GET /api/v1/services/cart?environment=prod&at=now-2h&from=now-7d&window=10m",
        ),
        (&["graph"], "graph.json", "GET /api/v1/service-graph"),
        (
            &["graph", "-l", "squad=a", "--environment", "prod", "--at", "now-1d", "--window", "10m", "--nodes"],
            "graph.json",
            "GET /api/v1/service-graph?selector=squad%3Da&environment=prod&at=now-1d&window=10m",
        ),
        (&["graph", "--since", "1h", "-o", "dot"], "graph.json", "GET /api/v1/service-graph?from=now-1h"),
        (&["diff", "--since", "15m"], "diff.json", "GET /api/v1/service-graph/diff?from=now-15m"),
        (
            &["diff", "--from", "now-2h", "--to", "now-1h", "--before", "1d", "--nodes", "-l", "a=b"],
            "diff.json",
            "GET /api/v1/service-graph/diff?selector=a%3Db&from=now-2h&to=now-1h&before=1d",
        ),
        (
            &["diff", "--before-from", "0", "--before-to", "60", "--environment", "prod"],
            "diff.json",
            "GET /api/v1/service-graph/diff?environment=prod&before_from=0&before_to=60",
        ),
        (&["status"], "status.json", "GET /api/v1/status"),
        (&["pins"], "pins.json", "GET /api/v1/pins"),
    ])
    .await;
}

#[test]
fn what_is_not_the_trace_itself_is_asked_for_one_at_a_time() {
    let trace = ["nunchi", "trace", "4bf92f3577b34da6a3ce929d0e0e4736"];
    for options in [&["--repairs", "--nearby"][..], &["--repairs", "--view", "raw"], &["--nearby", "--view", "raw"]] {
        assert!(Program::try_parse_from(trace.iter().chain(options)).is_err(), "{options:?}");
    }
}

#[tokio::test]
async fn a_pin_is_made_and_taken_away() {
    let pin: serde_json::Value = serde_json::from_str(&sample("pins.json")).unwrap();
    let pin = || Reply::Says(200, pin["pins"][0].to_string());
    let arguments = ["pin", "--from", "now-2h", "--to", "now", "--reason", "the bank", "--expires", "now+90d"];
    let ran = Run::new(&arguments, [pin()]).run().await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    let body = r#"{"from":"now-2h","to":"now","reason":"the bank","expires":"now+90d"}"#;
    assert_eq!(ran.asked, [format!("POST /api/v1/pins  {body}")]);
    assert!(ran.out.contains("17") && ran.out.contains("the outage of the bank"), "{}", ran.out);

    let ran = Run::new(&["unpin", "17"], [pin()]).run().await;
    assert_eq!((ran.exit, ran.asked), (Exit::Done, vec!["DELETE /api/v1/pins/17".to_owned()]));
    for arguments in
        [&["pin", "--from", "noon", "--to", "now", "--reason", "x"][..], &["pin", "--to", "now"], &["unpin", "x"]]
    {
        assert!(Program::try_parse_from(["nunchi"].iter().chain(arguments)).is_err(), "{arguments:?}");
    }
}

const ROWS: &str = r#"{"columns":[{"name":"n","type":"Int64"}],"rows":[[1]],"coverage":{"complete":true,"truncated":false,
    "rows_returned":1,"rows_live":0,"blocks_total":0,"blocks_read":0,"blocks_pruned":0,"blocks_failed":0,
    "records_received":0,"records_rejected":0}}"#;

#[tokio::test]
async fn a_statement_comes_from_the_command_line_a_file_or_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("q.sql");
    std::fs::write(&file, "SELECT 1 -- file").unwrap();
    for (arguments, expected) in [
        (&["sql", "SELECT 1"][..], r#"{"query":"SELECT 1"}"#),
        (&["sql", "-f", file.to_str().unwrap()], r#"{"query":"SELECT 1 -- file"}"#),
        (&["sql", "-"], r#"{"query":"SELECT 1 -- input"}"#),
        (&["sql", "-", "--since", "1h"], r#"{"query":"SELECT 1 -- input","from":"now-1h"}"#),
    ] {
        let run = Run { input: "SELECT 1 -- input", ..Run::new(arguments, [Reply::Says(200, ROWS.to_owned())]) };
        let ran = run.run().await;
        assert_eq!(ran.asked, [format!("POST /api/v1/sql  {expected}")], "{}", ran.err);
        assert_eq!(ran.out, "n\n1\n");
    }
    let piped =
        Run { input: "SELECT 2", input_end: Sink::Pipe, ..Run::new(&["sql"], [Reply::Says(200, ROWS.to_owned())]) };
    assert_eq!(piped.run().await.asked, ["POST /api/v1/sql  {\"query\":\"SELECT 2\"}"]);
    for arguments in [&["sql"][..], &["sql", " "], &["sql", "-f", "/nonexistent"]] {
        let ran = Run::new(arguments, []).run().await;
        assert_eq!((ran.exit, ran.asked.len()), (Exit::Usage, 0), "{}", ran.err);
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
}

#[tokio::test]
async fn the_token_is_read_from_its_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "s3cret\n").unwrap();
    let token_file = path.to_str().unwrap();
    let refused = Reply::Says(403, error_body("forbidden", "not for you", ""));
    let ran = Run::new(&["status", "--token-file", token_file], [refused]).run().await;
    assert_eq!(ran.asked, ["GET /api/v1/status Bearer s3cret"]);
    assert_eq!(ran.exit, Exit::Authentication);
    assert!(!ran.err.contains("s3cret"));
    for content in ["", "two words", "bad\u{1b}token"] {
        std::fs::write(&path, content).unwrap();
        let ran = Run::new(&["status", "--token-file", token_file], []).run().await;
        assert_eq!((ran.exit, ran.asked.len()), (Exit::Usage, 0), "{}", ran.err);
    }
}

#[test]
fn refusals_become_exit_codes_with_the_servers_words() {
    let says = |status, code, message, hint| Reply::Says(status, error_body(code, message, hint));
    let bad = says(400, "bad_request", "cannot read selector\u{1b}[2J", "see docs");
    check(bad, Exit::Usage, "error: cannot read selector␛[2J\nhint: see docs\n");
    check(says(422, "bad_query", "no such column", ""), Exit::Usage, "error: no such column\n");
    check(says(404, "not_found", "no such trace", ""), Exit::NothingMatched, "error: no such trace\n");
    let token = "hint: give a token by --token-file or NUNCHI_TOKEN_FILE\n";
    check(says(401, "no_token", "token missing", ""), Exit::Authentication, &format!("error: token missing\n{token}"));
    check(
        says(504, "query_timeout", "took too long", "narrow it"),
        Exit::Server,
        "error: took too long\nhint: narrow it\n",
    );
    check(says(503, "draining", "stopping", ""), Exit::Server, "error: stopping\n");
    check(says(429, "busy", "slow down", ""), Exit::Server, "error: slow down\n");
}

#[test]
fn what_is_not_a_nunchi_server_is_said_so() {
    let hint = "hint: does --server point at a nunchi server?\n";
    let not_found = format!("error: SERVER answered 404 Not Found\n{hint}");
    check(Reply::Says(404, "<html>".to_owned()), Exit::Server, &not_found);
    check(Reply::Says(302, String::new()), Exit::Server, &format!("error: SERVER answered 302 Found\n{hint}"));
    check(
        Reply::Says(200, "<html>".to_owned()),
        Exit::Server,
        "error: cannot read the answer of SERVER: expected value at line 1 column 1\n\
         hint: is this a nunchi server, and of the same version as this program?\n",
    );
}

#[test]
fn an_answer_without_end_is_refused() {
    check(
        Reply::Floods,
        Exit::Server,
        "error: the answer is larger than 1 MiB\n\
         hint: ask for less: a smaller --limit, a narrower time range, or fewer columns\n",
    );
}

#[tokio::test]
async fn a_server_that_is_silent_or_absent_is_a_server_failure() {
    let ran = Run::new(&["status", "--timeout", "50ms"], [Reply::Hangs]).run().await;
    assert_eq!(ran.exit, Exit::Server);
    let expected = "error: SERVER gave no answer within 0.05s\nhint: narrow the time range, or raise --timeout\n";
    assert_eq!(ran.err, expected);

    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let ran = Run::new(&["status", "--server", &format!("http://{address}")], []).run().await;
    assert_eq!(ran.exit, Exit::Server);
    assert!(ran.err.contains("is the server running? start it with nunchi server"), "{}", ran.err);
}

#[tokio::test]
async fn ctrl_c_ends_a_wait() {
    let interrupt = Interrupt::new();
    let run = Run::new(&["services"], [Reply::Interrupts(interrupt.clone())]);
    let ran = Run { interrupt, ..run }.run().await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Interrupted, ""));
}

#[tokio::test]
async fn nothing_matched_is_a_failure_only_when_asked_for() {
    let empty = || {
        let mut answer: serde_json::Value = serde_json::from_str(&sample("logs.json")).unwrap();
        answer["logs"] = serde_json::json!([]);
        answer.as_object_mut().unwrap().remove("next_cursor");
        Reply::Says(200, answer.to_string())
    };
    assert_eq!(Run::new(&["logs"], [empty()]).run().await.exit, Exit::Done);
    assert_eq!(Run::new(&["logs", "--exit-status"], [empty()]).run().await.exit, Exit::NothingMatched);
    assert_eq!(Run::new(&["logs", "--exit-status"], [Reply::Sample("logs.json")]).run().await.exit, Exit::Done);
}

#[tokio::test]
async fn a_cut_answer_is_said_on_standard_error_only() {
    let ran = Run::new(&["logs", "-n", "5", "-o", "raw"], [Reply::Sample("logs.json")]).run().await;
    assert_eq!(ran.out, sample("logs.raw.txt"));
    assert_eq!(
        ran.err,
        "note: limit of 5 reached\n\
         truncated: 5 rows shown, there may be more: use --limit, --all, or a narrower time range\n"
    );
}

fn last_page() -> Reply {
    let mut answer: serde_json::Value = serde_json::from_str(&sample("logs.json")).unwrap();
    answer.as_object_mut().unwrap().remove("next_cursor");
    answer["coverage"] = serde_json::json!({"complete": true, "truncated": false, "rows_returned": 5, "rows_live": 0,
        "blocks_total": 1, "blocks_read": 1, "blocks_pruned": 0, "blocks_failed": 0, "records_received": 9, "records_rejected": 0});
    Reply::Says(200, answer.to_string())
}

#[tokio::test]
async fn all_pages_are_fetched_and_make_one_whole_answer() {
    let ran = Run::new(&["logs", "--all", "-o", "json"], [Reply::Sample("logs.json"), last_page()]).run().await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""));
    assert_eq!(
        ran.asked,
        [
            "GET /api/v1/logs?from=now-1h&order=newest&limit=1000",
            "GET /api/v1/logs?from=now-1h&order=newest&limit=1000&cursor=abc",
        ]
    );
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["logs"].as_array().map(Vec::len), Some(10));
    assert_eq!(document["coverage"]["complete"], true);
    assert_eq!(document["coverage"]["rows_returned"], 10);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_ends_in_a_failure() {
    let page = || Reply::Sample("logs.json");
    let ran = Run::new(&["logs", "--all", "-o", "raw"], [page(), page()]).run().await;
    assert_eq!(ran.exit, Exit::Server);
    assert_eq!(ran.out, sample("logs.raw.txt").repeat(2));
}

/// A reader that goes away, or a disk that is full.
struct Broken(io::ErrorKind);

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_failure_but_a_full_disk_is() {
    for (kind, expected, words) in [
        (io::ErrorKind::BrokenPipe, Exit::Done, ""),
        (io::ErrorKind::StorageFull, Exit::Output, "error: cannot write the output: "),
    ] {
        let run = Run::new(&["logs"], [Reply::Sample("logs.json")]);
        let (exit, err, _) = run.run_into(&mut Broken(kind)).await;
        assert_eq!(exit, expected);
        assert!(err.starts_with(words) && err.is_empty() == words.is_empty(), "{err}");
    }
}

#[tokio::test]
async fn completions_are_made_for_the_whole_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = Run::new(&["completions", shell], []).run().await;
        assert_eq!(ran.exit, Exit::Done);
        assert!(ran.out.contains("nunchi") && ran.out.contains("min-duration"), "{shell}");
    }
}

#[test]
fn a_server_address_is_checked_before_anything_is_sent() {
    for address in ["localhost:4319", "ftp://x", "http://user:pw@x", "http://x?q=1", "http://"] {
        let parsed = Program::try_parse_from(["nunchi", "status", "--server", address]);
        assert!(parsed.is_err(), "{address}");
    }
}
