//! Stitching and critical paths of traces as large as one gets, in the shapes that are hard; and comparing traces.

use criterion::{Criterion, criterion_group, criterion_main};
use model::{SpanId, UnixNanos};
use stitch::{Contrast, SpanInput, SpanKind, TraceSample, compare_attributes, critical_paths, stitch};

const SPANS: i64 = 100_000;

/// Parent, start and end of a span by its number, from 1 on.
type Shape = fn(i64) -> (i64, i64, i64);

const SHAPES: [(&str, Shape); 4] = [
    ("chain", |n| (n - 1, n, 3 * SPANS - n)),
    ("in_a_row", |n| if n == 1 { (0, 0, 10 * SPANS) } else { (1, 10 * n - 10, 10 * n + 1) }),
    ("at_once", |n| if n == 1 { (0, 0, 10 * SPANS) } else { (1, n, 9 * SPANS + n % 7) }),
    ("tree_of_ten", |n| (n / 10, n, 2 * SPANS - n % 1_000)),
];

/// Traces that are compared, and attributes of each.
const TRACES: usize = 1_000;
const ATTRIBUTES: usize = 200;

fn trace(shape: Shape) -> Vec<SpanInput<'static>> {
    let span = |number: i64| {
        let (parent, start, end) = shape(number);
        let span_id = id(number).expect("numbers start at 1");
        SpanInput {
            parent_span_id: id(parent),
            start: UnixNanos::new(start),
            duration_ns: end - start,
            kind: SpanKind::Internal,
            service: "web",
            name: "work",
            is_error: false,
            ..SpanInput::bare(span_id)
        }
    };
    (1..=SPANS).rev().map(span).collect()
}

/// `None` for 0, which is no id.
fn id(number: i64) -> Option<SpanId> {
    SpanId::from_bytes(&number.to_be_bytes()).ok()
}

fn stories(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stitch");
    group.sample_size(20);
    for (name, shape) in SHAPES {
        let spans = trace(shape);
        let story = stitch(&spans);
        group.bench_function(format!("story_{name}"), |bencher| {
            bencher.iter_with_large_drop(|| stitch(&spans));
        });
        group.bench_function(format!("critical_path_{name}"), |bencher| {
            bencher.iter_with_large_drop(|| critical_paths(&story, &spans));
        });
    }
    group.finish();
}

fn comparisons(criterion: &mut Criterion) {
    let text = |number: usize| format!("value-{number}");
    let values: Vec<String> = (0..ATTRIBUTES).map(text).collect();
    let keys: Vec<String> = (0..ATTRIBUTES).map(|number| format!("key.{number}")).collect();
    let pair = |trace: usize, key: usize| (&keys[key][..], &values[trace * (key + 1) % ATTRIBUTES][..]);
    let attributes: Vec<Vec<(&str, &str)>> =
        (0..TRACES).map(|trace| (0..ATTRIBUTES).map(|key| pair(trace, key)).collect()).collect();
    let samples: Vec<TraceSample<'_>> = attributes
        .iter()
        .zip(1..)
        .map(|(attributes, duration_ns)| TraceSample { duration_ns, is_error: false, operations: &[], attributes })
        .collect();
    criterion.bench_function("stitch/compare_1000_traces", |bencher| {
        bencher.iter(|| compare_attributes(&samples, Contrast::Slow));
    });
}

criterion_group!(benches, stories, comparisons);
criterion_main!(benches);
