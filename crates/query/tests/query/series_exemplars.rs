//! Exemplars by what Prometheus calls their series.

use model::TimeRange;
use promql::{MatchOperator, Matcher};
use query::SeriesExemplarsQuestion;

use crate::measured::histogram_with_exemplars;
use crate::telemetry::{at, gauge_with_exemplars};
use crate::world::{LAYOUTS_AND_MERGED, World, range, tenant};

/// The exemplars of series that match, as labels of the series, value, trace.
async fn exemplars(world: &World, matchers: &[(&str, MatchOperator, &str)], within: TimeRange) -> Vec<String> {
    let matcher =
        |(name, operator, value): &(&str, MatchOperator, &str)| Matcher::new(*name, *operator, *value).unwrap();
    let matchers = vec![matchers.iter().map(matcher).collect()];
    let question = SeriesExemplarsQuestion { matchers, range: within };
    let found = world.engine.exemplars_of(&tenant(), question).await.unwrap();
    assert!(found.warnings.is_empty() && found.coverage.is_complete());
    let lines = found.series.iter().flat_map(|series| {
        series.exemplars.iter().map(|exemplar| {
            let said = ["trace_id", "span_id", "user"].map(|name| exemplar.labels.get(name).unwrap_or("-"));
            let bucket = series.labels.get("le").unwrap_or("-");
            format!("{} {bucket} {} {} {}", series.labels.metric_name(), exemplar.value, &said[0][..2], said[2])
        })
    });
    lines.collect()
}

#[tokio::test]
async fn an_exemplar_is_of_the_bucket_that_it_is_in() {
    use MatchOperator::{Equal, Regex};
    let requests = [
        histogram_with_exemplars("service.name=a", "took", 0, &[(0.5, 1), (1.5, 2), (7.0, 3)]),
        histogram_with_exemplars("service.name=a", "took", 60, &[(0.7, 4)]),
        gauge_with_exemplars("service.name=a", "queue", 0, &[([5, 5], 3)]),
    ];
    let (all, early) = (range(at(-60), at(61)), range(at(-60), at(60)));
    for layout in LAYOUTS_AND_MERGED {
        let world = World::digesting(layout, &requests).await;
        let check = async |matchers: &[(&str, MatchOperator, &str)], within, expected: &[&str]| {
            assert_eq!(exemplars(&world, matchers, within).await, expected, "{layout:?} {matchers:?}");
        };
        let bucket = ("__name__", Equal, "took_seconds_bucket");
        let of_one = "took_seconds_bucket 1 0.5 01 kim";
        check(
            &[bucket],
            all,
            &[
                "took_seconds_bucket +Inf 7 03 kim",
                of_one,
                "took_seconds_bucket 1 0.7 04 kim",
                "took_seconds_bucket 2 1.5 02 kim",
            ],
        )
        .await;
        check(&[bucket, ("le", Equal, "1")], early, &[of_one]).await;
        check(&[bucket, ("le", Regex, "5|9")], all, &[]).await;
        check(&[("__name__", Equal, "took_seconds_count")], all, &[]).await;
        check(&[("__name__", Regex, "queue.*")], all, &["queue_ratio - 3 05 kim"]).await;
    }
}
