//! Confidence is measured: of the repairs of simulated traces that stitching is sure of, nine in ten are right, and
//! traces that arrive whole get none. `cargo run --release -p stitch --example score` does the same for many seeds.

#![allow(clippy::print_stdout, reason = "the score is worth reading when it is good, too")]

mod simulator;

use simulator::{Clocks, Informed, Score, Season, Source};

/// Fixed, so that what fails once fails always.
const SEEDS: std::ops::Range<u64> = 0..4;

#[track_caller]
fn check(source: Source, informed: Informed) {
    let mut sum = Score::default();
    for seed in SEEDS {
        sum.merge(&Season::new(seed, source, Clocks::Off).score(informed));
    }
    println!("{source:?} traces, informed {informed:?}\n{sum}");
    let (repairs, right) = sum.sure();
    assert!(repairs > 100, "only {repairs} repairs are sure");
    assert!(right >= 0.9, "of {repairs} repairs that are sure, {right} are right");
    for (subject, repairs, claimed, right) in sum.subjects() {
        assert!(repairs < 30 || claimed < 0.9 || right >= 0.9, "{repairs} of {subject} claim {claimed}, right {right}");
    }
    for (decile, repairs, claimed, right) in sum.deciles() {
        assert!(repairs < 30 || right >= claimed - 0.1, "decile {decile} claims {claimed} and is right in {right}");
    }
}

#[test]
fn of_made_up_traces_what_is_sure_is_right() {
    check(Source::MadeUp, Informed::ByOthers);
}

#[test]
fn of_made_up_traces_what_is_sure_by_one_alone_is_right() {
    check(Source::MadeUp, Informed::ByItself);
}

#[test]
fn of_recorded_traces_what_is_sure_is_right() {
    check(Source::Recorded, Informed::ByOthers);
}

#[test]
fn of_recorded_traces_what_is_sure_by_one_alone_is_right() {
    check(Source::Recorded, Informed::ByItself);
}

#[test]
fn whole_traces_by_clocks_in_step_get_no_repair() {
    for seed in SEEDS {
        for source in [Source::MadeUp, Source::Recorded] {
            let repairs = Season::new(seed, source, Clocks::InStep).repairs_of_whole_traces(Informed::ByOthers);
            // Ids that are shared on purpose are shown as two sides, which is a repair, but not of damage.
            let of_damage: Vec<_> = repairs.iter().filter(|repair| repair.kind.as_str() != "shared_span_id").collect();
            assert!(of_damage.is_empty(), "{source:?} {seed}: {of_damage:?}");
        }
    }
}
