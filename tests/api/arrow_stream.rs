//! Rows as an Arrow stream.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type, TimestampNanosecondType};
use arrow::ipc::reader::StreamReader;
use reqwest::Method;
use serde_json::json;

use super::cases::server_with_rows;

#[tokio::test]
async fn rows_come_as_an_arrow_stream_with_their_types() {
    let server = server_with_rows(&[]).await;
    let api = server.api();
    let query =
        "SELECT time, severity_number, body, attr_i64(attributes, 'order') AS \"order\" FROM logs ORDER BY time";
    let request = api.request(Method::POST, "/api/v1/sql").json(&json!({ "query": query }));
    let reply = api.send(request.header("accept", "application/vnd.apache.arrow.stream")).await;
    assert_eq!(reply.header("content-type"), "application/vnd.apache.arrow.stream");
    let reader = StreamReader::try_new(&reply.bytes[..], None).unwrap();
    assert_eq!(reader.schema().field(2).data_type(), &DataType::Utf8View);
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 6);
    let first = &batches[0];
    assert_eq!(first.column(0).as_primitive::<TimestampNanosecondType>().value(0), 1_795_500_001_000_000_000);
    assert_eq!(first.column(2).as_string_view().value(0), "order 17 placed");
    assert_eq!(first.column(3).as_primitive::<Int64Type>().value(0), 17);

    let request =
        api.request(Method::POST, "/api/v1/sql").json(&json!({ "query": "SELECT body FROM logs WHERE false" }));
    let reply = api.send(request.header("accept", "application/vnd.apache.arrow.stream")).await;
    let reader = StreamReader::try_new(&reply.bytes[..], None).unwrap();
    assert_eq!(reader.schema().field(0).name(), "body", "an answer without rows has columns all the same");
}
