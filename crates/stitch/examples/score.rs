//! The score of stitching on simulated traces of many seeds: `cargo run --release -p stitch --example score -- [SEEDS]`.
//!
//! Prints, for each seed, how many repairs were given with confidence 0.9 and above and which share of them is right,
//! and for all seeds together the same by decile of confidence and by what the repair rests on.

#![allow(clippy::print_stdout, reason = "the score is what the program is for")]

#[path = "../tests/simulator/mod.rs"]
mod simulator;

use simulator::{Clocks, Informed, Score, Season, Source};

/// How many, without an argument.
const SEEDS: u64 = 100;

/// Confidences were chosen by the seeds from 1 000 to 1 199, so they have to prove themselves by others.
const FIRST_SEED: u64 = 2_000;

fn main() {
    let seeds = std::env::args().nth(1).and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    for (source, informed) in [
        (Source::MadeUp, Informed::ByOthers),
        (Source::MadeUp, Informed::ByItself),
        (Source::Recorded, Informed::ByOthers),
        (Source::Recorded, Informed::ByItself),
    ] {
        let mut sum = Score::default();
        let mut by_seed = Vec::new();
        for seed in FIRST_SEED..FIRST_SEED + seeds {
            let score = Season::new(seed, source, Clocks::Off).score(informed);
            let (repairs, right) = score.sure();
            by_seed.push(format!("{seed}: {repairs} {right:.3}"));
            sum.merge(&score);
        }
        println!("{source:?} traces, informed {informed:?}, {seeds} seeds\n{sum}");
        println!("  sure and right by seed: {}\n", by_seed.join(", "));
    }
    for (source, informed) in [(Source::MadeUp, Informed::ByOthers), (Source::Recorded, Informed::ByOthers)] {
        let of_damage = |seed: u64| {
            let repairs = Season::new(seed, source, Clocks::InStep).repairs_of_whole_traces(informed);
            repairs.iter().filter(|repair| repair.kind.as_str() != "shared_span_id").count()
        };
        let repairs: usize = (FIRST_SEED..FIRST_SEED + seeds).map(of_damage).sum();
        println!("{source:?} traces that arrive whole, by clocks in step: {repairs} repairs");
    }
}
