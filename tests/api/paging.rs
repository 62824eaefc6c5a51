//! Pages of log records that share a nanosecond.

use std::collections::BTreeMap;

use prost::Message;
use serde_json::Value;
use testkit::request::{attribute, logs, record};
use testkit::{Api, TestServer};

use crate::wire::{Compression, Request, Signal, Transport};

const TIME: u64 = 1_795_500_000_000_000_000;

/// The bodies of all pages one after the other, and how many pages there were.
async fn pages(api: &Api, order: &str, limit: &str) -> (Vec<(String, String)>, usize) {
    let (mut records, mut cursor, mut count) = (Vec::new(), String::new(), 0);
    loop {
        let page = api.ask("/api/v1/logs", &[("order", order), ("limit", limit), ("cursor", &cursor)]).await;
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        let of_page = page["logs"].as_array().expect("logs are a list");
        records.extend(of_page.iter().map(|record| (text(&record["time"]), text(&record["body"]))));
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return (records, count),
        }
        assert!(count < 1_000, "the pages do not end");
    }
}

#[tokio::test]
async fn every_record_is_on_exactly_one_page_in_either_order() {
    let mut server = TestServer::start(&["--store-flush-interval", "1h"]).await;
    // Three times; at the middle one 30 records of which 7 say exactly the same, sent in pieces.
    let before = (0..5).map(|n| record(TIME - 1, format!("before {n}")));
    let tied = (0..23).map(|n| record(TIME, format!("tied {n}")));
    let same = (0..7).map(|_| record(TIME, "the same"));
    let mut after: Vec<_> = (0..5).map(|_| record(TIME + 1, "after")).collect();
    // Alike but for an attribute.
    after.iter_mut().enumerate().for_each(|(n, record)| record.attributes = vec![attribute("n", n.to_string())]);
    let all: Vec<_> = before.chain(tied).chain(same).chain(after).collect();
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for chunk in all.chunks(9) {
        let body = logs("shop", chunk.to_vec()).encode_to_vec();
        let answer = Request::new(Signal::Logs, &body, Compression::None).send(&server, Transport::Grpc).await;
        assert!(answer.is_success(), "{answer:?}");
    }
    for n in 0..5 {
        expected.insert(format!("before {n}"), 1);
    }
    expected.extend((0..23).map(|n| (format!("tied {n}"), 1)));
    expected.extend([("the same".to_owned(), 7), ("after".to_owned(), 5)]);

    for place in ["memory", "blocks"] {
        for order in ["newest", "oldest"] {
            for limit in [1, 2, 3, 7, 39, 40, 41] {
                let (records, count) = pages(&server.api(), order, &limit.to_string()).await;
                let name = format!("{order} first, {limit} a page, from {place}");
                let mut found: BTreeMap<String, usize> = BTreeMap::new();
                records.iter().for_each(|(_, body)| *found.entry(body.clone()).or_default() += 1);
                assert_eq!(found, expected, "{name}");
                let times: Vec<&String> = records.iter().map(|(time, _)| time).collect();
                let in_order = if order == "oldest" { times.is_sorted() } else { times.iter().rev().is_sorted() };
                assert!(in_order, "{name}: {times:?}");
                assert_eq!(count, 40_usize.div_ceil(limit), "{name}");
            }
        }
        server.terminate();
        assert!(server.ended().await.success());
        server.restart().await;
    }
}
