//! How many passed, read from what a test runner prints.

use std::ops::AddAssign;

/// How to count what a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// A preparation: one failure when it fails, otherwise nothing.
    Nothing,
    /// A check: one, passed or failed.
    One,
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; …`, once per test binary.
    CargoTest,
    /// `Tests  1 failed | 11 passed | 2 skipped (14)`, once.
    Vitest,
}

/// What was counted. A test that did not run is not a test that passed, so the end result counts it as failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Tally {
    /// What one line of output adds; nothing for a line that is not a summary.
    pub(super) fn of_line(counting: Counting, line: &str) -> Tally {
        let line = without_colours(line);
        let line = line.trim();
        let summary = match counting {
            Counting::CargoTest => line.strip_prefix("test result:"),
            Counting::Vitest => line.strip_prefix("Tests ").filter(|rest| rest.starts_with(' ')),
            Counting::Nothing | Counting::One => None,
        };
        let Some(summary) = summary else { return Tally::default() };
        let words: Vec<&str> = summary.split([' ', ';', '|', '.']).filter(|word| !word.is_empty()).collect();
        let count = |name: &str| -> u64 {
            words.windows(2).filter(|pair| pair[1] == name).filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
        };
        let skipped = count("ignored") + count("skipped") + count("todo");
        Tally { passed: count("passed"), failed: count("failed"), skipped }
    }

    /// The tally of a whole step, given what its lines added up to and whether it ended well.
    pub(super) fn of_step(counting: Counting, lines: Tally, is_success: bool) -> Tally {
        let own = match (counting, is_success) {
            (Counting::One, true) => Tally { passed: 1, ..lines },
            // A runner that found nothing to run ended well, and proved nothing.
            (Counting::CargoTest | Counting::Vitest, true) if lines == Tally::default() => Tally { failed: 1, ..lines },
            // It did not compile, or it crashed before it could say what failed.
            (_, false) if lines.failed == 0 => Tally { failed: 1, ..lines },
            _ => lines,
        };
        Tally { failed: own.failed + own.skipped, ..own }
    }
}

/// A terminal's colours are `ESC [ … m`.
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counting: Counting, line: &str, expected: (u64, u64, u64)) {
        let Tally { passed, failed, skipped } = Tally::of_line(counting, line);
        assert_eq!((passed, failed, skipped), expected, "{line}");
    }

    #[test]
    fn summaries_are_read_and_other_lines_are_not() {
        let line = "test result: ok. 33 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.01s";
        check(Counting::CargoTest, line, (33, 0, 0));
        let line = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        check(Counting::CargoTest, line, (3, 2, 1));
        check(Counting::CargoTest, "test 3 passed; ... ok", (0, 0, 0));
        check(Counting::One, line, (0, 0, 0));
        check(Counting::Vitest, "      Tests  1 failed | 11 passed | 2 skipped (14)", (11, 1, 2));
        check(Counting::Vitest, "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m5 passed\u{1b}[39m (5)", (5, 0, 0));
        check(Counting::Vitest, " Test Files  3 passed (3)", (0, 0, 0));
    }

    #[test]
    fn a_step_counts_its_tests_or_itself() {
        let lines = |passed, failed, skipped| Tally { passed, failed, skipped };
        let none = Tally::default();
        assert_eq!(Tally::of_step(Counting::One, none, true), lines(1, 0, 0));
        assert_eq!(Tally::of_step(Counting::One, none, false), lines(0, 1, 0));
        assert_eq!(Tally::of_step(Counting::Nothing, none, true), none);
        assert_eq!(Tally::of_step(Counting::CargoTest, lines(3, 2, 0), false), lines(3, 2, 0));
        assert_eq!(Tally::of_step(Counting::CargoTest, lines(3, 0, 0), false), lines(3, 1, 0), "a binary crashed");
        assert_eq!(Tally::of_step(Counting::CargoTest, none, true), lines(0, 1, 0), "nothing ran");
        assert_eq!(Tally::of_step(Counting::CargoTest, lines(3, 0, 2), true), lines(3, 2, 2), "not run is not passed");
    }
}
