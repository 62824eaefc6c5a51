//! The index against labels that are looked at one by one.

use std::collections::{BTreeMap, BTreeSet};

use model::{Attributes, AttributesWriter, UnixNanos};
use promql::{Labels, METRIC_NAME, MatchOperator, Matcher};
use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::{Scope, SeriesIndex};
use crate::config::PrometheusView;
use crate::series::description::{Description, DescriptionHead};
use crate::series::stored::Temporality;
use crate::series::translation::{FamilyKind, StoredKind};

/// Labels of a series, the metric's name among them.
type Pairs = BTreeMap<String, String>;

fn index_of(series: &[Pairs]) -> SeriesIndex {
    let mut index = SeriesIndex::new(PrometheusView::default());
    for (series_id, pairs) in (1..).zip(series) {
        let mut writer = AttributesWriter::new();
        for (name, value) in pairs.iter().filter(|(name, _)| *name != METRIC_NAME) {
            writer.key(name);
            writer.text(value);
        }
        index.describe(&Description {
            head: DescriptionHead { key: series_id, time: UnixNanos::new(0) },
            series_id,
            metric_name: &pairs[METRIC_NAME],
            kind: FamilyKind { stored: StoredKind::Gauge, temporality: Temporality::None, said: None },
            temporality: Temporality::None,
            unit: "",
            help: "",
            attributes: Attributes::new(writer.as_bytes()),
            resource_id: 0,
            resource: Attributes::new(&[]),
            is_verbatim: true,
            bounds: &[],
        });
        if series_id % 3 == 0 {
            index.settle();
        }
    }
    index.settle();
    index
}

fn pairs() -> impl Strategy<Value = Pairs> {
    let value = prop::sample::select(vec!["", "x", "y", "z1", "z2", "z3"]);
    let labels = prop::collection::btree_map(prop::sample::select(vec!["A", "b", "c"]), value, 0..4);
    (labels, prop::sample::select(vec!["m0", "m1"])).prop_map(|(labels, metric)| {
        let labels = labels.into_iter().chain([(METRIC_NAME, metric)]);
        labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    })
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let name = prop::sample::select(vec!["A", "b", "c", "unknown", METRIC_NAME]);
    let operator = prop::sample::select(vec![
        MatchOperator::Equal,
        MatchOperator::NotEqual,
        MatchOperator::Regex,
        MatchOperator::NotRegex,
    ]);
    let value = prop::sample::select(vec!["", "x", "z1", "z.", "x|y", "x|", ".*", ".+", "m0", "m.", "unknown"]);
    (name, operator, value).prop_map(|(name, operator, value)| Matcher::new(name, operator, value).unwrap())
}

fn satisfies(labels: &Labels, matchers: &[Matcher]) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
}

proptest! {
    #[test]
    fn what_is_found_is_what_matches(
        series in prop::collection::vec(pairs(), 1..40),
        matchers in prop::collection::vec(matcher(), 0..4),
        described in prop::collection::vec(any::<(bool, bool)>(), 40),
    ) {
        let index = index_of(&series);
        let known: Vec<Labels> = (0..index.len()).map(|ordinal| index.labels(ordinal)).collect();
        let sent: BTreeSet<Labels> = series.iter().map(|pairs| Labels::new(pairs.clone())).collect();
        prop_assert_eq!(&known.iter().cloned().collect::<BTreeSet<_>>(), &sent);
        prop_assert_eq!(known.len(), sent.len(), "each once");

        let ordinals = || (0..index.len()).zip(&described);
        let first: RoaringBitmap = ordinals().filter(|(_, is)| is.0).map(|(ordinal, _)| ordinal).collect();
        let second: RoaringBitmap = ordinals().filter(|(_, is)| is.1).map(|(ordinal, _)| ordinal).collect();
        let scope = Scope::new([&first, &second]);
        let found = index.find(&scope, &matchers);
        let is_there = |ordinal: u32| first.contains(ordinal) || second.contains(ordinal);
        let expected: Vec<u32> = (0..index.len())
            .filter(|ordinal| is_there(*ordinal) && satisfies(&known[*ordinal as usize], &matchers))
            .collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected.clone());

        let of_found = || expected.iter().map(|ordinal| &known[*ordinal as usize]);
        let names: BTreeSet<&str> = of_found().flat_map(|labels| labels.iter().map(|(name, _)| &**name)).collect();
        let told = index.names_of(&found);
        prop_assert_eq!(told.iter().map(|name| &**name).collect::<Vec<_>>(), Vec::from_iter(names));
        for name in ["A", "b", METRIC_NAME, "unknown"] {
            let values: BTreeSet<&str> = of_found().filter_map(|labels| labels.get(name)).collect();
            let told = index.values_of(name, &found, usize::MAX);
            prop_assert_eq!(told.iter().map(|value| &**value).collect::<Vec<_>>(), Vec::from_iter(values), "{}", name);
        }

        let counted = index.count(&found, usize::MAX);
        let pairs: BTreeSet<(&str, &str)> =
            of_found().flat_map(|labels| labels.iter().map(|(name, value)| (&**name, &**value))).collect();
        prop_assert_eq!((counted.series, counted.label_pairs), (expected.len() as u64, pairs.len() as u64));
        let by_pair: u64 = counted.series_by_pair.iter().map(|of| of.count).sum();
        prop_assert_eq!(by_pair, of_found().map(|labels| labels.len() as u64).sum::<u64>());
    }
}

#[test]
fn a_million_series_take_some_hundred_mebibytes() {
    // A thousandth of it: ten labels, one of them with a value of its own.
    let series: Vec<Pairs> = (0..1_000)
        .map(|number| {
            let shared = (0..8).map(|label| (format!("label_{label}"), format!("value_{}", number % (label + 2))));
            let own = [
                (METRIC_NAME.to_owned(), format!("metric_{}", number % 50)),
                ("instance".to_owned(), format!("10.0.0.{number}:9090")),
            ];
            shared.chain(own).collect()
        })
        .collect();
    let bytes = index_of(&series).bytes();
    assert!((300_000..500_000).contains(&bytes), "{bytes} bytes");
}
