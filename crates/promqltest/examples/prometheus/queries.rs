//! Expressions by a grammar, from a seed.
//!
//! Left out is what may differ by right: `limitk` and `limit_ratio` choose by a hash of labels that is each
//! implementation's own; months and days of what is no number are, in Prometheus, what its processor makes of it; and
//! values become labels only when rounded, as the last digit of a sum depends on the order of its terms; the largest and
//! smallest are those of gauges, which are never equal; two vectors are compared so as to leave out only if both still
//! have their names, as Prometheus gives back names that were to go; what is an instant is taken from the present one, as
//! variances of large numbers are nothing but rounding, and so are the sines of such.

use promqltest::When;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

const FLOATS: [&str; 10] = [
    "requests_total",
    "started_total",
    "delta_total",
    "temperature",
    "memory_bytes",
    "latency_seconds_count",
    "latency_seconds_sum",
    "latency_seconds_bucket",
    "{\"http.größe\"}",
    "mixed",
];
const HISTOGRAMS: [&str; 4] = ["size_bytes", "depth", "wait_seconds", "mixed"];
const MATCHERS: [&str; 9] = [
    "",
    "",
    "",
    "job=\"shop\"",
    "job!=\"shop\"",
    "instance=~\"a.*|b.*\"",
    "instance!~\"a.*\"",
    "code=~\"200|\"",
    "job=\"shop\", instance=\"a:1\"",
];
const DURATIONS: [&str; 6] = ["1m", "2m30s", "5m", "7m", "17m", "40s"];
const OFFSETS: [&str; 9] = ["", "", "", "", "", " offset 3m", " offset -90s", " @ end()", " @ start() offset 1m"];
const OF_RANGES: [&str; 33] = [
    "rate",
    "rate",
    "increase",
    "irate",
    "delta",
    "idelta",
    "deriv",
    "resets",
    "changes",
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "count_over_time",
    "last_over_time",
    "first_over_time",
    "present_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "mad_over_time",
    "absent_over_time",
    "time() - ts_of_min_over_time",
    "time() - ts_of_max_over_time",
    "time() - ts_of_first_over_time",
    "time() - ts_of_last_over_time",
    "integral",
    "rate",
    "increase",
    "avg_over_time",
    "sum_over_time",
    "max_over_time",
    "delta",
    "rate",
];
const OF_VECTORS: [&str; 21] = [
    "abs",
    "ceil",
    "floor",
    "round",
    "sgn",
    "sqrt",
    "exp",
    "ln",
    "log2",
    "log10",
    "atan",
    "asinh",
    "tanh",
    "deg",
    "rad",
    "timestamp",
    "hour(timestamp",
    "minute(timestamp",
    "day_of_week(timestamp",
    "month(timestamp",
    "absent",
];
const OF_HISTOGRAMS: [&str; 5] =
    ["histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"];
const TO_HISTOGRAMS: [&str; 6] = ["rate", "increase", "irate", "sum_over_time", "avg_over_time", "last_over_time"];
/// Uneven ones: where a bucket ends the last digit of a sum would decide between two.
const QUANTILES: [&str; 7] = ["0", "0.1037", "0.4721", "0.9331", "1", "NaN", "2"];
const GAUGES: [&str; 2] = ["temperature", "memory_bytes"];
const AGGREGATES: [&str; 8] = ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"];
const GROUPS: [&str; 6] =
    ["", " by (job)", " by (instance, job)", " without (instance)", " without (le)", " by (le, job)"];
const ARITHMETIC: [&str; 7] = ["+", "-", "*", "/", "%", "^", "atan2"];
const COMPARISONS: [&str; 8] = ["==", "!=", ">", "<", ">=", "<=", "> bool", "<= bool"];
const MATCHINGS: [&str; 6] = [
    "",
    "on (job, instance)",
    "ignoring (code, path, room)",
    "on (job, instance) group_left ()",
    "on (job) group_right ()",
    "ignoring (code, path, room, le) group_left ()",
];
const FILLS: [&str; 5] = ["", "", "", " fill (0)", " fill_left (1)"];

/// Makes expressions.
pub(crate) struct Queries {
    random: StdRng,
}

impl Queries {
    /// How often each expression is asked.
    pub(crate) const WHENS: usize = 3;

    pub(crate) fn new(random: StdRng) -> Self {
        Self { random }
    }

    /// One instant, a range by small steps, and a range by large ones, from an instant on within so much time.
    pub(crate) fn whens(&mut self, from: i64, span: i64) -> [When; Self::WHENS] {
        let mut instant = || from + self.random.random_range(0..span);
        let (at, early, late) = (instant(), instant(), instant());
        [
            When::Instant(at),
            When::Range { start: early, end: early + 600_000, step: 7_000 },
            When::Range { start: late / 60_000 * 60_000, end: late / 60_000 * 60_000 + 3_600_000, step: 60_000 },
        ]
    }

    /// An expression of a vector.
    pub(crate) fn expr(&mut self) -> String {
        let inner = self.vector(3);
        match self.random.random_range(0..30) {
            // That order is lost in a range is told once, and not of what is the same at every step.
            _ if inner.contains('@') => inner,
            0 => format!("sort({inner})"),
            1 => format!("sort_desc({inner})"),
            2 => format!("sort_by_label({inner}, \"instance\")"),
            _ => inner,
        }
    }

    /// `depth` is how often it may go down before it ends in selectors.
    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf();
        }
        match self.random.random_range(0..20) {
            0..2 => self.leaf(),
            2..7 => self.of_range(depth),
            7 => self.of_histograms(),
            8..10 => {
                let (mut function, inner) = (self.one(&OF_VECTORS), self.vector(depth - 1));
                // Of a selector that is fixed to an instant Prometheus reads other samples at each step.
                if inner.contains('@') && function.contains("timestamp") {
                    function = "abs";
                }
                let close = if function.contains('(') { "))" } else { ")" };
                format!("{function}({inner}{close}")
            }
            10..14 => self.aggregate(depth),
            14..16 => self.with_scalar(depth),
            16..18 => self.with_vector(depth),
            18 => self.quantile(depth),
            _ => self.other(depth),
        }
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        *all.choose(&mut self.random).expect("there are some")
    }

    fn selector(&mut self) -> String {
        let name = if self.random.random_bool(0.8) { self.one(&FLOATS) } else { self.one(&HISTOGRAMS) };
        self.selector_of(name)
    }

    fn selector_of(&mut self, name: &str) -> String {
        match (name.strip_suffix('}'), self.one(&MATCHERS)) {
            (_, "") => name.to_owned(),
            (Some(open), matchers) => format!("{open}, {matchers}}}"),
            (None, matchers) => format!("{name}{{{matchers}}}"),
        }
    }

    fn leaf(&mut self) -> String {
        let (selector, offset) = (self.selector(), self.one(&OFFSETS));
        let extension = if self.random.random_bool(0.05) { " smoothed" } else { "" };
        format!("{selector}{extension}{offset}")
    }

    fn range(&mut self, depth: usize) -> String {
        let (duration, offset) = (self.one(&DURATIONS), self.one(&OFFSETS));
        if depth > 1 && self.random.random_bool(0.2) {
            let (inner, step) = (self.vector(depth - 2), self.one(&["", "30s", "1m", "45s"]));
            return format!("({inner})[{duration}:{step}]{offset}");
        }
        let extension = self.one(&["", "", "", "", "", "", " anchored", " smoothed"]);
        format!("{}[{duration}]{extension}{offset}", self.selector())
    }

    fn of_range(&mut self, depth: usize) -> String {
        let range = self.range(depth);
        match self.random.random_range(0..12) {
            0 => format!("quantile_over_time({}, {range})", self.one(&["0", "0.3", "0.5", "0.99", "1.5"])),
            1 => format!("predict_linear({range}, {})", self.one(&["60", "3600", "-30"])),
            2 => format!("double_exponential_smoothing({range}, 0.4, 0.3)"),
            _ => format!("{}({range})", self.one(&OF_RANGES)),
        }
    }

    fn of_histograms(&mut self) -> String {
        let name = self.one(&HISTOGRAMS);
        let (selector, duration) = (self.selector_of(name), self.one(&DURATIONS));
        let inner = match self.random.random_range(0..4) {
            0 => selector,
            1 => format!("{}({selector}[{duration}])", self.one(&TO_HISTOGRAMS)),
            2 => format!("{}{} ({selector})", self.one(&["sum", "avg"]), self.one(&GROUPS)),
            _ => format!("sum{} ({}({selector}[{duration}]))", self.one(&GROUPS), self.one(&TO_HISTOGRAMS)),
        };
        match self.random.random_range(0..4) {
            0 => inner,
            1 => format!("histogram_quantile({}, {inner})", self.one(&QUANTILES)),
            _ => format!("{}({inner})", self.one(&OF_HISTOGRAMS)),
        }
    }

    fn aggregate(&mut self, depth: usize) -> String {
        let (group, inner) = (self.one(&GROUPS), self.vector(depth - 1));
        match self.random.random_range(0..12) {
            0 => format!("quantile{group} ({}, {inner})", self.one(&["0.1", "0.5", "0.9", "-1"])),
            1 | 2 => {
                let (gauge, operator, count) =
                    (self.one(&GAUGES), self.one(&["topk", "bottomk"]), self.one(&["1", "3"]));
                format!("{operator}{group} ({count}, {}{})", self.selector_of(gauge), self.one(&OFFSETS))
            }
            3 => format!("count_values{group} (\"value\", round({inner}))"),
            _ => format!("{}{group} ({inner})", self.one(&AGGREGATES)),
        }
    }

    fn with_scalar(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        let scalar = match self.random.random_range(0..4) {
            0 => format!("scalar({})", self.vector(depth - 1)),
            1 => "time() / 1e9".to_owned(),
            _ => self.one(&["2", "0.5", "-3", "0", "NaN", "Inf"]).to_owned(),
        };
        let operator = if self.random.random_bool(0.6) { self.one(&ARITHMETIC) } else { self.one(&COMPARISONS) };
        if self.random.random_bool(0.7) {
            format!("({inner}) {operator} {scalar}")
        } else {
            format!("{scalar} {operator} ({inner})")
        }
    }

    fn with_vector(&mut self, depth: usize) -> String {
        let (left, mut right) = (self.vector(depth - 1), self.vector(depth - 1));
        let matching = self.one(&MATCHINGS);
        // Mostly so that there is one to match.
        if matching.starts_with("on (job, instance)") && self.random.random_bool(0.8) {
            right = format!("{} by (job, instance) ({right})", self.one(&AGGREGATES));
        }
        if self.random.random_bool(0.3) {
            let matching = matching.split(" group").next().unwrap_or_default();
            return format!("({left}) {} {matching} ({right})", self.one(&["and", "or", "unless"]));
        }
        let operator = if self.random.random_bool(0.6) { self.one(&ARITHMETIC) } else { self.one(&COMPARISONS) };
        if COMPARISONS.contains(&operator) && !operator.ends_with("bool") {
            return format!("{} {operator} {matching}{} {}", self.leaf(), self.one(&FILLS), self.leaf());
        }
        format!("({left}) {operator} {matching}{} ({right})", self.one(&FILLS))
    }

    fn quantile(&mut self, depth: usize) -> String {
        let quantile = self.one(&QUANTILES);
        let inner = match self.random.random_range(0..3) {
            0 => "latency_seconds_bucket".to_owned(),
            1 => format!("sum by (le, job) (rate(latency_seconds_bucket[{}]))", self.one(&DURATIONS)),
            _ => self.vector(depth - 1),
        };
        match self.random.random_range(0..3) {
            0 => format!("histogram_fraction({}, 1.5, {inner})", self.one(&["0", "-Inf", "0.2"])),
            1 => format!("histogram_quantiles({inner}, \"q\", 0.1, 0.9)"),
            _ => format!("histogram_quantile({quantile}, {inner})"),
        }
    }

    fn other(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        match self.random.random_range(0..7) {
            0 => format!("label_replace({inner}, \"host\", \"$1\", \"instance\", \"(.*):.*\")"),
            1 => format!("label_join({inner}, \"where\", \"/\", \"job\", \"instance\")"),
            2 => format!("-({inner})"),
            3 => format!("info({inner})"),
            4 => format!("clamp({inner}, -1, 30)"),
            5 => format!("({inner}) </ 1"),
            _ => format!("vector(scalar({inner}))"),
        }
    }
}
