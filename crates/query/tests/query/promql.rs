//! Expressions over metrics as they were sent: the same wherever their points lie.

use std::time::Duration;

use promql::{EvaluateError, Expr, Outcome, SourceError, StepSeries, Steps, Value};
use query::{ClassicHistograms, Config, PrometheusView, PromqlError, PromqlQuestion, QueryErrorKind};

use crate::measured::{CUMULATIVE, DELTA, exponential, gauge, histogram, sum, summary};
use crate::telemetry::{Sent, at};
use crate::world::{LAYOUTS_AND_MERGED, Layout, World, tenant};

const CHECKOUT: &str = "service.name=checkout service.instance.id=a service.version=7";

fn millis(seconds: i64) -> i64 {
    at(seconds).get() / 1_000_000
}

async fn ask(world: &World, expr: &str, steps: Steps) -> Result<Outcome, PromqlError> {
    let parsed = Expr::parse(expr).unwrap();
    let answer = world.engine.promql(&tenant(), PromqlQuestion::new(parsed, expr, steps)).await?;
    assert!(answer.coverage.is_complete(), "{:?}", answer.coverage);
    assert!(answer.warnings.is_empty(), "{:?}", answer.warnings);
    Ok(answer.outcome)
}

/// Series as lines: labels, then values, `_` where there is none.
fn lines(outcome: &Outcome) -> Vec<String> {
    let line = |series: &StepSeries| {
        let value = |step: usize| match series.histogram(step) {
            Some(histogram) => histogram.to_string(),
            None if promql::is_absent(series.floats[step]) => "_".to_owned(),
            None => series.floats[step].to_string(),
        };
        let values: Vec<String> = (0..series.floats.len()).map(value).collect();
        format!("{:?} {}", series.labels, values.join(" "))
    };
    match &outcome.value {
        Value::Scalar { value, .. } => vec![value.to_string()],
        Value::Text { value, .. } => vec![value.clone()],
        Value::Vector { series, .. } | Value::Matrix { series, .. } => series.iter().map(line).collect(),
        Value::Samples(series) => {
            series.iter().map(|of| format!("{:?} {:?} {:?}", of.labels, of.floats.values, of.floats.starts)).collect()
        }
    }
}

/// Asks at so many seconds in every layout.
async fn check(requests: &[Sent], cases: &[(&str, i64, &[&str])]) {
    for layout in LAYOUTS_AND_MERGED {
        let world = World::digesting(layout, requests).await;
        // The second time of what was kept.
        for turn in 1..=2 {
            for (expr, seconds, expected) in cases {
                let found = ask(&world, expr, Steps::instant(millis(*seconds))).await;
                let found = lines(&found.unwrap_or_else(|error| panic!("{expr}: {error}")));
                assert_eq!(found, *expected, "{layout:?}, turn {turn}: {expr} at {seconds}");
            }
        }
    }
}

#[tokio::test]
async fn counters_are_read_with_what_they_say_of_their_start() {
    let requests = [
        sum(CHECKOUT, "requests", CUMULATIVE, "code=200", &[(Some(-40), 0, Some(10.0)), (Some(-40), 60, Some(20.0))]),
        sum(CHECKOUT, "requests", CUMULATIVE, "code=200", &[(Some(-40), 120, Some(40.0))]),
        // It began anew and has more than before already.
        sum(CHECKOUT, "requests", CUMULATIVE, "code=500", &[(Some(-40), 0, Some(10.0)), (Some(-40), 60, Some(20.0))]),
        sum(CHECKOUT, "requests", CUMULATIVE, "code=500", &[(Some(61), 120, Some(25.0))]),
        // Nothing is said: what was there at first is no increase.
        sum(
            CHECKOUT,
            "unsaid",
            CUMULATIVE,
            "",
            &[(None, 0, Some(10.0)), (None, 60, Some(20.0)), (None, 120, Some(5.0))],
        ),
    ];
    check(
        &requests,
        &[
            (
                "requests_total",
                130,
                &[
                    r#"{__name__="requests_total", code="200", instance="a", job="checkout"} 40"#,
                    r#"{__name__="requests_total", code="500", instance="a", job="checkout"} 25"#,
                ],
            ),
            ("sum by (code) (increase(requests_total[5m]))", 120, &[r#"{code="200"} 40"#, r#"{code="500"} 45"#]),
            ("sum(increase(unsaid_total[2m30s]))", 120, &["{} 18.75"]),
            ("sum(resets(requests_total[5m]))", 120, &["{} 1"]),
            ("requests_total{code=\"404\"}", 130, &[]),
            ("requests_total", 600, &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn deltas_add_up() {
    let requests = [
        sum(CHECKOUT, "jobs", DELTA, "", &[(Some(-60), 0, Some(5.0)), (Some(0), 60, Some(7.0))]),
        sum(CHECKOUT, "jobs", DELTA, "", &[(Some(60), 120, Some(1.0))]),
        sum(CHECKOUT, "unsaid", DELTA, "", &[(None, 0, Some(5.0)), (None, 60, Some(7.0))]),
        sum(CHECKOUT, "unsaid", DELTA, "", &[(None, 120, Some(1.0))]),
        histogram(CHECKOUT, "took", DELTA, &[1.0], &[(Some(-60), 0, Some((&[1, 2], Some(5.0))))]),
        histogram(CHECKOUT, "took", DELTA, &[1.0], &[(Some(0), 60, Some((&[3, 0], Some(1.0))))]),
        exponential(CHECKOUT, "size", DELTA, &[(Some(-60), 0, Some(&[4, 2])), (Some(0), 60, Some(&[1, 0, 1]))]),
    ];
    check(
        &requests,
        &[
            (r#"increase({__name__=~"jobs(_total)?"}[5m])"#, 120, &[r#"{instance="a", job="checkout"} 13"#]),
            (
                r#"rate({__name__=~"jobs(_total)?"}[5m])"#,
                120,
                &[r#"{instance="a", job="checkout"} 0.043333333333333335"#],
            ),
            (r#"sum_over_time({__name__=~"jobs(_total)?"}[5m])"#, 120, &[r#"{instance="a", job="checkout"} 13"#]),
            // The first is of an unknown time, so it counts where it was measured.
            (r#"increase({__name__=~"unsaid(_total)?"}[5m])"#, 120, &[r#"{instance="a", job="checkout"} 13"#]),
            ("sum by (le) (increase(took_seconds_bucket[5m]))", 60, &[r#"{le="+Inf"} 6"#, r#"{le="1"} 4"#]),
            ("sum(increase(took_seconds_sum[5m]))", 60, &["{} 6"]),
            ("histogram_count(increase(size_seconds[5m]))", 60, &[r#"{instance="a", job="checkout"} 8"#]),
            ("histogram_sum(increase(size_seconds[5m]))", 60, &[r#"{instance="a", job="checkout"} 20"#]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_point_without_a_value_ends_its_series() {
    let requests = [
        gauge(CHECKOUT, "queue", "", &[(0, Some(3.0)), (30, None)]),
        gauge(CHECKOUT, "queue", "", &[(90, Some(4.0))]),
        histogram(CHECKOUT, "took", CUMULATIVE, &[1.0], &[(None, 0, Some((&[1, 2], Some(5.0)))), (None, 30, None)]),
        exponential(CHECKOUT, "size", CUMULATIVE, &[(None, 0, Some(&[4])), (None, 30, None)]),
    ];
    let of_all = "count({__name__=~\"queue|took_.*|size_.*\"})";
    check(
        &requests,
        &[
            ("sum(queue)", 29, &["{} 3"]),
            ("sum(queue)", 30, &[]),
            ("sum(queue)", 90, &["{} 4"]),
            ("count_over_time(queue[5m])", 90, &[r#"{instance="a", job="checkout"} 2"#]),
            // Two buckets, count and sum, and the one of the gauge and of the other histogram.
            (of_all, 29, &["{} 6"]),
            (of_all, 31, &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn late_points_are_in_their_place_and_of_two_of_one_time_the_last_counts() {
    let requests = [
        gauge(CHECKOUT, "queue", "", &[(60, Some(3.0)), (0, Some(1.0))]),
        gauge(CHECKOUT, "queue", "", &[(60, Some(33.0)), (90, Some(4.0))]),
        gauge(CHECKOUT, "queue", "", &[(30, Some(2.0)), (0, Some(1.0))]),
        gauge(CHECKOUT, "queue", "", &[(10, Some(5.0)), (90, Some(44.0))]),
    ];
    check(
        &requests,
        &[
            ("queue[2m]", 90, &[r#"{__name__="queue", instance="a", job="checkout"} [1.0, 5.0, 2.0, 33.0, 44.0] []"#]),
            ("queue[1m]", 90, &[r#"{__name__="queue", instance="a", job="checkout"} [33.0, 44.0] []"#]),
            ("sum_over_time(queue[2m])", 89, &[r#"{instance="a", job="checkout"} 41"#]),
        ],
    )
    .await;
}

#[tokio::test]
async fn ranges_go_across_hours_and_what_lies_between() {
    // Two hours, a point each ten minutes, late by an hour each other time.
    let points: Vec<(i64, Option<f64>)> = (0..12).map(|n| (n * 600 - 7_200, Some(n as f64))).collect();
    let (odd, even): (Vec<_>, Vec<_>) = points.into_iter().partition(|(seconds, _)| seconds % 1_200 != 0);
    let requests = [
        gauge(CHECKOUT, "queue", "", &even),
        gauge(CHECKOUT, "queue", "", &odd),
        gauge("service.name=b", "other", "", &odd),
    ];
    for layout in LAYOUTS_AND_MERGED {
        let world = World::digesting(layout, &requests).await;
        let steps = Steps::range(millis(-7_800), millis(0), 600_000).unwrap();
        let found = ask(&world, "sum(queue)", steps).await.unwrap();
        assert_eq!(lines(&found), ["{} _ 0 1 2 3 4 5 6 7 8 9 10 11 _"], "{layout:?}");
        let found = ask(&world, "sum(max_over_time(queue[2h]))", Steps::instant(millis(-600))).await.unwrap();
        assert_eq!(lines(&found), ["{} 11"], "{layout:?}");
    }
}

#[tokio::test]
async fn classic_histograms_are_series_of_buckets() {
    let requests = [
        histogram(CHECKOUT, "took", CUMULATIVE, &[1.0, 2.0], &[(None, 0, Some((&[1, 2, 1], Some(6.5))))]),
        // Other bounds, and no sum.
        histogram(CHECKOUT, "took", CUMULATIVE, &[2.0, 4.0], &[(None, 60, Some((&[3, 5, 0], None)))]),
        histogram(CHECKOUT, "took", CUMULATIVE, &[2.0, 4.0], &[(None, 90, Some((&[], Some(7.0))))]),
    ];
    check(
        &requests,
        &[
            ("sum by (le) (took_seconds_bucket)", 0, &[r#"{le="+Inf"} 4"#, r#"{le="1"} 1"#, r#"{le="2"} 3"#]),
            ("took_seconds_bucket{le=\"4\"} or on() vector(-1)", 59, &["{} -1"]),
            (
                "sum by (le) (last_over_time(took_seconds_bucket{le=~\"2|4\"}[1m]))",
                60,
                &[r#"{le="2"} 3"#, r#"{le="4"} 8"#],
            ),
            ("sum(took_seconds_count)", 0, &["{} 4"]),
            ("sum(took_seconds_count)", 60, &["{} 8"]),
            ("sum(took_seconds_sum)", 60, &["{} 6.5"]),
            ("sum(count_over_time(took_seconds_sum[5m]))", 90, &["{} 2"]),
            ("histogram_quantile(0.5, sum by (le) (took_seconds_bucket))", 0, &["{} 1.5"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn exponential_histograms_are_native_and_classic_ones_can_be() {
    let requests = [
        exponential(CHECKOUT, "size", CUMULATIVE, &[(Some(-60), 0, Some(&[4, 2])), (Some(-60), 60, Some(&[5, 2, 1]))]),
        histogram(CHECKOUT, "took", CUMULATIVE, &[1.0, 2.0], &[(None, 0, Some((&[1, 2, 1], Some(6.5))))]),
    ];
    check(
        &requests,
        &[
            ("sum(histogram_count(size_seconds))", 60, &["{} 8"]),
            ("sum(histogram_count(increase(size_seconds[5m])))", 60, &["{} 8"]),
            ("sum(histogram_fraction(0, 2, size_seconds))", 60, &["{} 0.625"]),
        ],
    )
    .await;
    let prometheus = PrometheusView { classic_histograms: ClassicHistograms::Native, ..Default::default() };
    for layout in LAYOUTS_AND_MERGED {
        let config = Config { prometheus: prometheus.clone(), ..Config::default() };
        let world = World::limited(layout, &requests, config).await;
        let found = ask(&world, "took_seconds", Steps::instant(millis(0))).await.unwrap();
        let expected = r#"{__name__="took_seconds", instance="a", job="checkout"} {{schema:-53 count:4 sum:6.5 custom_values:[1 2] buckets:[1 2 1]}}"#;
        assert_eq!(lines(&found), [expected], "{layout:?}");
        let found = ask(&world, "sum(took_seconds_count)", Steps::instant(millis(0))).await.unwrap();
        assert_eq!(lines(&found), [""; 0], "{layout:?}");
    }
}

#[tokio::test]
async fn summaries_are_series_of_quantiles() {
    let requests =
        [summary(CHECKOUT, "took", 0, &[(0.5, 1.0), (0.99, 3.0)]), summary(CHECKOUT, "took", 60, &[(0.5, 2.0)])];
    check(
        &requests,
        &[
            ("sum by (quantile) (took_seconds)", 0, &[r#"{quantile="0.5"} 1"#, r#"{quantile="0.99"} 3"#]),
            ("sum by (quantile) (took_seconds)", 60, &[r#"{quantile="0.5"} 2"#, r#"{quantile="0.99"} 3"#]),
            ("sum(count_over_time(took_seconds{quantile=\"0.99\"}[5m]))", 60, &["{} 1"]),
            ("sum(took_seconds_count) + sum(took_seconds_sum)", 60, &["{} 10"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_a_resource_is_joins_with_what_it_measures() {
    let requests = [gauge(CHECKOUT, "queue", "", &[(0, Some(3.0))]), gauge(CHECKOUT, "queue", "", &[(150, Some(4.0))])];
    check(
        &requests,
        &[
            (
                "queue * on (job, instance) group_left (service_version) target_info",
                150,
                &[r#"{instance="a", job="checkout", service_version="7"} 4"#],
            ),
            ("count(target_info)", -1, &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn series_of_several_resources_with_the_same_labels_are_one() {
    let requests = [
        gauge("service.name=a process.pid=1", "queue", "", &[(0, Some(1.0)), (60, Some(2.0))]),
        gauge("service.name=a process.pid=2", "queue", "", &[(30, Some(5.0)), (60, Some(6.0))]),
    ];
    check(
        &requests,
        &[
            ("count(queue)", 60, &["{} 1"]),
            ("sum(count_over_time(queue[5m]))", 60, &["{} 3"]),
            ("sum(queue)", 30, &["{} 5"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn each_series_of_a_large_block_is_found_whole() {
    let mut requests = Vec::new();
    for (metric, from) in [("a", "service.name=x"), ("a", "service.name=y"), ("b", "service.name=x")] {
        for number in 0..100 {
            let points: Vec<(i64, Option<f64>)> = (0..100).map(|at| (at * 10, Some(f64::from(number)))).collect();
            requests.push(gauge(from, metric, &format!("n={number}"), &points));
        }
    }
    let world = World::new(Layout::Blocks, &requests).await;
    let all = ask(&world, "sum by (job) (sum_over_time(a[1h]))", Steps::instant(millis(990))).await.unwrap();
    assert_eq!(lines(&all), [r#"{job="x"} 495000"#, r#"{job="y"} 495000"#]);
    for number in [0, 1, 7, 42, 50, 98, 99] {
        for (metric, job) in [("a", "x"), ("a", "y"), ("b", "x")] {
            let expr = format!("count_over_time({metric}{{job=\"{job}\",n=\"{number}\"}}[1h]) * 1000 + {metric}");
            let found = ask(&world, &expr, Steps::instant(millis(990))).await.unwrap();
            let value = 100_000 + number;
            assert_eq!(lines(&found), [format!(r#"{{job="{job}", n="{number}"}} {value}"#)], "{expr}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_evaluated_says_why() {
    let requests = [
        gauge(CHECKOUT, "queue", "", &[(0, Some(3.0))]),
        gauge(CHECKOUT, "queue", "of=other", &[(0, Some(3.0))]),
        gauge("service.name=b", "up", "", &[(0, Some(1.0))]),
    ];
    let steps = Steps::instant(millis(0));
    for layout in LAYOUTS_AND_MERGED {
        let world = World::new(layout, &requests).await;
        let error = ask(&world, "up * on () queue", steps).await.unwrap_err();
        let PromqlError::Evaluate(error) = error else { panic!("{error:?}") };
        assert!(error.to_string().starts_with("found duplicate series for the match group {}"), "{error}");
        let config = Config { memory_bytes_max: 16, ..Config::default() };
        let small = World::limited(layout, &requests, config).await;
        let error = ask(&small, "queue", steps).await.unwrap_err();
        assert!(
            matches!(error, PromqlError::Evaluate(EvaluateError::TooManySamples | EvaluateError::TooManyValues { .. })),
            "{error:?}"
        );
        let config = Config { selected_series_max: 1, ..Config::default() };
        let narrow = World::limited(layout, &requests, config).await;
        ask(&narrow, "up", steps).await.unwrap();
        let error = ask(&narrow, "queue", steps).await.unwrap_err();
        assert!(
            matches!(error, PromqlError::Evaluate(EvaluateError::Source(SourceError::TooManySeries { max: 1 }))),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_given_up() {
    // All of the memory for one question: it is time that runs out.
    let config = Config { concurrency: 1, ..Config::default() };
    let requests = [gauge(CHECKOUT, "queue", "", &[(0, Some(3.0))])];
    let world = World::limited(LAYOUTS_AND_MERGED[0], &requests, config).await;
    let expr = "sum_over_time(vector(1)[1h:1ms])";
    let question = PromqlQuestion {
        timeout: Some(Duration::from_millis(1)),
        ..PromqlQuestion::new(Expr::parse(expr).unwrap(), expr, Steps::instant(millis(0)))
    };
    let error = world.engine.promql(&tenant(), question).await.unwrap_err();
    let PromqlError::Query(error) = &error else { panic!("{error:?}") };
    assert_eq!(error.kind(), QueryErrorKind::Timeout);
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out_and_the_answer_says_so() {
    let requests = [gauge(CHECKOUT, "queue", "", &[(0, Some(3.0))]), gauge(CHECKOUT, "queue", "", &[(60, Some(4.0))])];
    let mut blocks = Vec::new();
    for number in 0..2 {
        let world = World::flushed_in(&requests.clone().map(|sent| vec![sent]), &[]).await;
        let mut files = world.parquet_files();
        files.retain(|file| file.components().any(|folder| folder.as_os_str() == "metric_numbers"));
        let mut bytes = std::fs::read(&files[number]).unwrap();
        // All of the rows; what is said of them is whole.
        let rows = bytes.len() / 4;
        bytes[4..rows].fill(0x5a);
        std::fs::write(&files[number], bytes).unwrap();
        let expr = "sum(sum_over_time(queue[5m]))";
        let question = PromqlQuestion::new(Expr::parse(expr).unwrap(), expr, Steps::instant(millis(60)));
        let answer = world.engine.promql(&tenant(), question).await.unwrap();
        assert_eq!((answer.coverage.blocks_failed, answer.warnings.len()), (1, 1), "{:?}", answer.warnings);
        blocks.push(lines(&answer.outcome));
    }
    assert_eq!(blocks, [["{} 4"], ["{} 3"]]);
}
