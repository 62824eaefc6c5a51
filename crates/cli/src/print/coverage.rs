//! How much of the truth an answer rests on, said on standard error so that it never mixes with data.

use std::io::{self, Write};

use protocol::Coverage;

use super::colour::Tone;
use super::line::Line;
use super::quantity::{count, instant};
use super::screen::Screen;

/// Notes that are shown; a server that has more to say is cut.
const NOTES_SHOWN_MAX: usize = 16;

/// Writes a line for each way in which the answer is not whole and, on a terminal, one faint line of figures.
/// `more` is what the user can do to see what a limit cut.
pub(crate) fn write(err: &mut dyn Write, screen: Screen, coverage: &Coverage, more: &str) -> io::Result<()> {
    let partial = coverage.blocks_failed > 0 || !(coverage.complete || coverage.truncated);
    let word = if partial { "partial" } else { "note" };
    for note in coverage.notes.iter().take(NOTES_SHOWN_MAX) {
        write_note(err, screen, word, note)?;
    }
    if coverage.blocks_failed > 0 {
        let blocks = count(coverage.blocks_failed, "block");
        write_note(err, screen, "partial", &format!("{blocks} could not be read"))?;
    } else if partial && coverage.notes.is_empty() {
        write_note(err, screen, "partial", "the server could not look at everything")?;
    }
    if coverage.truncated {
        let rows = count(coverage.rows_returned, "row");
        write_note(err, screen, "truncated", &format!("{rows} shown, there may be more: {more}"))?;
    }
    if screen.width.is_some() {
        write_figures(err, screen, coverage)?;
    }
    Ok(())
}

/// Writes a line for each warning and info of the Prometheus API.
pub(crate) fn write_said(err: &mut dyn Write, screen: Screen, warnings: &[String], infos: &[String]) -> io::Result<()> {
    let warnings = warnings.iter().map(|text| ("warning", text));
    let infos = infos.iter().map(|text| ("info", text));
    warnings
        .take(NOTES_SHOWN_MAX)
        .chain(infos.take(NOTES_SHOWN_MAX))
        .try_for_each(|(word, text)| write_note(err, screen, word, text))
}

fn write_note(err: &mut dyn Write, screen: Screen, word: &str, text: &str) -> io::Result<()> {
    let mut line = Line::default();
    line.push(Tone::Warn, word).push(Tone::Plain, ": ").push(Tone::Plain, text);
    line.write(err, screen.paint)?;
    writeln!(err)
}

fn write_figures(err: &mut dyn Write, screen: Screen, coverage: &Coverage) -> io::Result<()> {
    let mut figures = format!(
        "{} · {} of {} read · {} in memory",
        count(coverage.rows_returned, "row"),
        coverage.blocks_read,
        count(coverage.blocks_total, "block"),
        count(coverage.rows_live, "row"),
    );
    if let Some(newest) = &coverage.newest_record {
        figures.push_str(&format!(" · newest record {}", instant(newest)));
    }
    let mut line = Line::default();
    line.push(Tone::Faint, &figures);
    line.write(err, screen.paint)?;
    writeln!(err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::colour::Paint;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(coverage: Coverage, screen: Screen, expected: &Expect) {
        let mut err = Vec::new();
        write(&mut err, screen, &coverage, "use --limit").unwrap();
        expected.assert_eq(&String::from_utf8(err).unwrap());
    }

    fn whole() -> Coverage {
        Coverage {
            complete: true,
            rows_returned: 100,
            rows_live: 1,
            blocks_total: 7,
            blocks_read: 2,
            ..Coverage::default()
        }
    }

    #[test]
    fn a_whole_answer_needs_no_words_on_a_pipe() {
        check(whole(), Screen::PIPE, &expect![""]);
    }

    #[test]
    fn a_terminal_gets_the_figures() {
        let coverage = Coverage { newest_record: Some("2026-11-24T06:00:01.5Z".to_owned()), ..whole() };
        check(
            coverage,
            Screen { width: Some(80), paint: Paint::Off },
            &expect![[r#"
            100 rows · 2 of 7 blocks read · 1 row in memory · newest record 2026-11-24T06:00:01.500Z
        "#]],
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let note = |note: &str| vec![note.to_owned()];
        let cut = Coverage { complete: false, truncated: true, notes: note("limit of 100 reached"), ..whole() };
        check(
            cut,
            Screen::PIPE,
            &expect![[r#"
            note: limit of 100 reached
            truncated: 100 rows shown, there may be more: use --limit
        "#]],
        );
        let failed = Coverage { complete: false, blocks_failed: 1, notes: note("block \x1b[2J is damaged"), ..whole() };
        check(
            failed,
            Screen::PIPE,
            &expect![[r#"
            partial: block ␛[2J is damaged
            partial: 1 block could not be read
        "#]],
        );
        check(
            Coverage { complete: false, ..whole() },
            Screen::PIPE,
            &expect![[r#"
            partial: the server could not look at everything
        "#]],
        );
    }
}
