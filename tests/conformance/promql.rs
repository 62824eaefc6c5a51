//! PromQL over the wire: series by remote write, questions by the HTTP API. Whether an answer is right is judged where the
//! evaluator is (`crates/promql/tests/conformance`); here the server must answer what the evaluator answers.
//!
//! All scripts share one server. Whatever one of them sees, its *world*, is moved to days of its own, since scripts begin at
//! the Unix epoch and forget what they have loaded.

use promql::{Points, Series};
use promqltest::wire::{Respondent, difference, send};
use promqltest::{Command, Folder, Script, When};
use testkit::{TestServer, repository};

use super::move_to_blocks;
use super::vectors::Vectors;

/// The first world, unix milliseconds: 2001-01-01.
const BEGIN: i64 = 978_307_200_000;

/// Cases in which the server may answer something else, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("histogram_count(sum_over_time(mixed[2m]))", RESET_HINTS),
    ("histogram_count(avg_over_time(mixed[2m]))", RESET_HINTS),
];

const RESET_HINTS: &str =
    "whether a counter was reset is told by counts, so that hints that contradict them are not kept";

/// No expression looks further than this beyond the series and questions of its world.
const BETWEEN_WORLDS: i64 = 40 * 86_400_000;

/// What is there at one time of a script, and what is asked then; all of it already where the world is.
struct World {
    series: Vec<Series>,
    asks: Vec<Ask>,
}

struct Ask {
    /// File and line.
    place: String,
    expr: String,
    when: When,
    wrong: Vec<String>,
}

#[tokio::test]
async fn a_server_answers_as_the_evaluator_does() {
    let vectors = Vectors::open_or("promqltest", &repository().join("crates/promql/tests/cases"));
    let mut server = TestServer::start(&[]).await;
    let mut worlds = worlds(&Folder::open(vectors.folder()));
    for world in &worlds {
        send(&server.api(), "/prometheus/api/v1/write", &world.series).await;
    }
    for place in ["in memory", "in blocks"] {
        let served = Respondent::Http { api: server.api(), prefix: "/prometheus" };
        for world in &mut worlds {
            let evaluator = Respondent::evaluator(&world.series);
            for ask in &mut world.asks {
                let (expected, found) =
                    (evaluator.ask(&ask.expr, ask.when).await, served.ask(&ask.expr, ask.when).await);
                ask.wrong.extend(difference(&expected, &found).map(|wrong| format!("{place}: {wrong}")));
            }
        }
        move_to_blocks(&mut server).await;
    }
    let mut tally = vectors.tally();
    for ask in worlds.iter().flat_map(|world| &world.asks) {
        if let Some((_, reason)) = EXCEPTIONS.iter().find(|(expr, _)| *expr == ask.expr && !ask.wrong.is_empty()) {
            println!("promqltest over the wire: {}: {reason}", ask.place);
            continue;
        }
        tally.add(&format!("{}: {}", ask.place, ask.expr), &ask.wrong);
    }
    tally.finish();
}

fn worlds(folder: &Folder) -> Vec<World> {
    let (mut worlds, mut begin) = (Vec::new(), BEGIN);
    for (file, script) in folder.scripts() {
        for world in unmoved(&file, &script) {
            let end = begin + world.end();
            worlds.push(world.moved(begin));
            begin = (end / BETWEEN_WORLDS + 2) * BETWEEN_WORLDS;
        }
    }
    worlds
}

/// A world for each time between two changes of what is there.
fn unmoved(file: &str, script: &Script) -> Vec<World> {
    let mut worlds = vec![World { series: Vec::new(), asks: Vec::new() }];
    for command in &script.commands {
        let world = worlds.last_mut().expect("there is one from the beginning");
        match command {
            Command::Clear => worlds.push(World { series: Vec::new(), asks: Vec::new() }),
            Command::Load(load) if world.asks.is_empty() => world.series.extend(load.series.iter().cloned()),
            Command::Load(load) => {
                let series = world.series.iter().chain(&load.series).cloned().collect();
                worlds.push(World { series, asks: Vec::new() });
            }
            Command::Ask(ask) => world.asks.push(Ask {
                place: format!("{file}.test:{}", ask.line),
                expr: ask.expr.clone(),
                when: ask.when,
                wrong: Vec::new(),
            }),
        }
    }
    worlds.retain(|world| !world.asks.is_empty());
    worlds.iter_mut().for_each(|world| world.series.retain(is_kept));
    worlds
}

/// The server keeps native histograms of observations: counts that are fractions or negative are refused.
fn is_kept(series: &Series) -> bool {
    let is_count = |count: f64| count >= 0.0 && count.fract() == 0.0;
    series.histograms.values.iter().all(|histogram| {
        let buckets = histogram.positive().counts().iter().chain(histogram.negative().counts());
        is_count(histogram.count()) && is_count(histogram.zero_count()) && buckets.copied().all(is_count)
    })
}

impl World {
    fn end(&self) -> i64 {
        let samples = self.series.iter().flat_map(|one| one.floats.times.iter().chain(&one.histograms.times)).copied();
        let questions = self.asks.iter().map(|ask| match ask.when {
            When::Instant(at) => at,
            When::Range { end, .. } => end,
        });
        samples.chain(questions).max().unwrap_or(0)
    }

    fn moved(mut self, by: i64) -> Self {
        for one in &mut self.series {
            move_points(&mut one.floats, by);
            move_points(&mut one.histograms, by);
        }
        for ask in &mut self.asks {
            ask.when = match ask.when {
                When::Instant(at) => When::Instant(at + by),
                When::Range { start, end, step } => When::Range { start: start + by, end: end + by, step },
            };
        }
        self
    }
}

fn move_points<T>(points: &mut Points<T>, by: i64) {
    points.times.iter_mut().for_each(|time| *time += by);
    // 0 says that the start is not known.
    points.starts.iter_mut().filter(|start| **start != 0).for_each(|start| *start += by);
}
