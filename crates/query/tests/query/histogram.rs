//! How many log records match, over time.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Selectors, TextQuery, TimeRange};
use query::{HistogramQuestion, LEVELS, LevelCounts, QueryErrorKind};

use crate::telemetry::{Sent, at, log, logs};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

const RECORDS: i64 = 20_000;

/// When record `number` happened, in seconds; how severe it is; and whether it says `odd`.
fn facts(number: i64) -> (i64, i32, bool) {
    (number / 7, [0, 1, 9, 9, 17][number as usize % 5], number % 2 == 1)
}

fn requests() -> Vec<Sent> {
    let record = |number: i64| {
        let (second, severity, odd) = facts(number);
        log(second, severity, if odd { "an odd line" } else { "a line" }, Vec::new())
    };
    let sent = |(index, sender): (i64, &&str)| {
        logs(sender, (0..RECORDS).filter(|number| number % 2 == index).map(record).collect())
    };
    (0..).zip(&["service.name=a", "service.name=b"]).map(sent).collect()
}

fn question() -> HistogramQuestion {
    HistogramQuestion {
        selectors: None,
        text: None,
        range: range(at(0), at(10_000)),
        step: Duration::from_secs(60),
        levels: LevelCounts::Apart,
    }
}

/// The histogram must be that of the records that pass.
async fn check(question: HistogramQuestion, passes: impl Fn(i64) -> bool) {
    let step = question.step.as_nanos() as i64;
    let mut expected: BTreeMap<i64, (u64, [u64; LEVELS.len()])> = BTreeMap::new();
    for number in (0..RECORDS).filter(|number| passes(*number) && question.range.contains(at(facts(*number).0))) {
        let (second, severity, _) = facts(number);
        let bucket = expected.entry(at(second).get().div_euclid(step) * step).or_default();
        bucket.0 += 1;
        bucket.1[[0, 1, 3, 5][[0, 1, 9, 17].iter().position(|known| *known == severity).unwrap()]] += 1;
    }
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        for levels in [LevelCounts::Apart, LevelCounts::Together] {
            let asked = HistogramQuestion { levels, ..question.clone() };
            let found = world.engine.log_histogram(&tenant(), asked).await.unwrap();
            assert!(found.coverage.is_complete());
            let counted = found.buckets.iter().map(|bucket| bucket.count).sum::<u64>();
            assert_eq!(found.coverage.rows_returned, counted);
            let found: Vec<_> = found.buckets.iter().map(|b| (b.start.get(), (b.count, b.levels))).collect();
            let without = |(start, (count, _)): (&i64, &(u64, _))| (*start, (*count, [0; LEVELS.len()]));
            let expected: Vec<_> = match levels {
                LevelCounts::Apart => expected.iter().map(|(start, counts)| (*start, *counts)).collect(),
                LevelCounts::Together => expected.iter().map(without).collect(),
            };
            assert_eq!(found, expected, "{layout:?} {question:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_matching_record_is_counted_in_its_step() {
    check(question(), |_| true).await;
    check(HistogramQuestion { step: Duration::from_secs(3_600), ..question() }, |_| true).await;
    check(HistogramQuestion { range: range(at(100), at(130)), step: Duration::from_secs(1), ..question() }, |_| true)
        .await;
    check(HistogramQuestion { range: range(at(-100), at(0)), ..question() }, |_| true).await;
    let text = Some(TextQuery::parse("odd").unwrap());
    check(HistogramQuestion { text, ..question() }, |number| facts(number).2).await;
    let selectors = Some(Selectors::parse("service.name=b").unwrap());
    check(HistogramQuestion { selectors, ..question() }, |number| number % 2 == 1).await;
    let text = Some(TextQuery::parse("severity:error").unwrap());
    check(HistogramQuestion { text, ..question() }, |number| facts(number).1 == 17).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_steps_are_refused() {
    let world = World::new(Layout::Live, &requests()).await;
    for (range, step) in [(TimeRange::ALL, 60), (range(at(0), at(4_001)), 1), (range(at(0), at(1)), 0)] {
        let asked = HistogramQuestion { range, step: Duration::from_secs(step), ..question() };
        let error = world.engine.log_histogram(&tenant(), asked).await.unwrap_err();
        assert_eq!(error.kind(), QueryErrorKind::Invalid, "{error}");
    }
}
