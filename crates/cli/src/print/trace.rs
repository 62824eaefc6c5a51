//! One trace, in every form.

use std::io::{self, Write};

use protocol::TraceAnswer;

use super::json;
use super::output::TraceOutput;
use super::screen::Screen;
use super::waterfall;

/// Writes the answer in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: TraceOutput, answer: &TraceAnswer) -> io::Result<()> {
    match output {
        TraceOutput::Waterfall => waterfall::write(out, screen, answer),
        TraceOutput::Json => json::write_document(out, answer),
        TraceOutput::Ndjson => {
            answer.spans.iter().try_for_each(|span| json::write_tagged(out, "span", span))?;
            answer.logs.iter().try_for_each(|log| json::write_tagged(out, "log", log))?;
            answer.repairs.iter().try_for_each(|repair| json::write_tagged(out, "repair", repair))
        }
    }
}
