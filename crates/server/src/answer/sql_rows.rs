//! A SQL answer as JSON, NDJSON, CSV or an Arrow stream.

use arrow::datatypes::Schema;
use arrow::ipc::writer::StreamWriter;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use protocol::{ColumnInfo, Coverage, SqlAnswer};
use query::SqlRows;
use serde_json::{Map, Value as Json};

use super::error::ApiError;
use super::json_cells::json_cell;

/// How the rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqlFormat {
    Json,
    Ndjson,
    Csv,
    ArrowStream,
}

const ARROW_STREAM: &str = "application/vnd.apache.arrow.stream";

impl SqlFormat {
    /// The first type of `Accept` that is spoken here; JSON where there is no wish.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let spoken = |name: &str| match name.split(';').next().unwrap_or_default().trim() {
            "application/json" => Some(Self::Json),
            "application/x-ndjson" | "application/ndjson" => Some(Self::Ndjson),
            "text/csv" => Some(Self::Csv),
            ARROW_STREAM => Some(Self::ArrowStream),
            _ => None,
        };
        accept.split(',').find_map(spoken).unwrap_or(Self::Json)
    }
}

/// The rows in the format. Formats without room for coverage carry it in the header `nunchi-coverage`.
pub(crate) fn sql_response(rows: &SqlRows, coverage: Coverage, format: SqlFormat) -> Result<Response, ApiError> {
    let (content_type, body) = match format {
        SqlFormat::Json => return Ok(axum::Json(sql_answer(rows, coverage)).into_response()),
        SqlFormat::Ndjson => ("application/x-ndjson", ndjson(rows)),
        SqlFormat::Csv => ("text/csv; charset=utf-8", csv(rows)),
        SqlFormat::ArrowStream => (ARROW_STREAM, arrow_stream(rows)?),
    };
    let coverage = serde_json::to_string(&coverage).unwrap_or_default();
    let mut response = ([(CONTENT_TYPE, content_type)], body).into_response();
    // A note that is not ASCII would not make a header; the rows matter more.
    if let Ok(coverage) = coverage.parse() {
        response.headers_mut().insert("nunchi-coverage", coverage);
    }
    Ok(response)
}

fn sql_answer(rows: &SqlRows, coverage: Coverage) -> SqlAnswer {
    let columns = rows.schema.fields().iter();
    let columns =
        columns.map(|field| ColumnInfo { name: field.name().clone(), data_type: field.data_type().to_string() });
    let rows = json_rows(rows).collect();
    SqlAnswer { columns: columns.collect(), rows, coverage }
}

fn json_rows(rows: &SqlRows) -> impl Iterator<Item = Vec<Json>> {
    let schema: &Schema = &rows.schema;
    rows.batches.iter().flat_map(move |batch| {
        (0..batch.num_rows()).map(move |row| {
            let columns = batch.columns().iter().zip(schema.fields());
            columns.map(|(column, field)| json_cell(column, field, row)).collect()
        })
    })
}

fn ndjson(rows: &SqlRows) -> Vec<u8> {
    let names: Vec<&String> = rows.schema.fields().iter().map(|field| field.name()).collect();
    let mut body = Vec::new();
    for row in json_rows(rows) {
        let object: Map<String, Json> = names.iter().map(|name| (*name).clone()).zip(row).collect();
        body.extend_from_slice(Json::Object(object).to_string().as_bytes());
        body.push(b'\n');
    }
    body
}

fn csv(rows: &SqlRows) -> Vec<u8> {
    let mut body = String::new();
    let names = rows.schema.fields().iter().map(|field| field.name().clone());
    write_csv_line(&mut body, names);
    for row in json_rows(rows) {
        write_csv_line(
            &mut body,
            row.into_iter().map(|cell| match cell {
                Json::Null => String::new(),
                Json::String(text) => text,
                other => other.to_string(),
            }),
        );
    }
    body.into_bytes()
}

/// One line as RFC 4180 has it.
fn write_csv_line(body: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        body.push_str(if index > 0 { "," } else { "" });
        if cell.contains(['"', ',', '\n', '\r']) {
            body.push('"');
            body.push_str(&cell.replace('"', "\"\""));
            body.push('"');
        } else {
            body.push_str(&cell);
        }
    }
    body.push_str("\r\n");
}

fn arrow_stream(rows: &SqlRows) -> Result<Vec<u8>, ApiError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema).map_err(ApiError::internal)?;
    for batch in &rows.batches {
        writer.write(batch).map_err(ApiError::internal)?;
    }
    writer.into_inner().map_err(ApiError::internal)
}
