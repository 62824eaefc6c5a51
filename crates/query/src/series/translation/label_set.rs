//! Sets of labels, by name and without the metric's own.

use std::collections::BTreeMap;

use model::Attributes;
use promql::METRIC_NAME;

use super::label_name::label_name;
use super::label_value::label_value;
use crate::config::{NameTranslation, PrometheusView};

/// The metric that says what is known of a resource.
pub(in crate::series) const TARGET_INFO: &str = "target_info";

const SERVICE_NAME: &str = "service.name";
const SERVICE_NAMESPACE: &str = "service.namespace";
const SERVICE_INSTANCE: &str = "service.instance.id";

/// Labels by their names.
pub(in crate::series) type LabelSet = BTreeMap<String, String>;

/// What a resource adds to the labels of each of its series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::series) struct ResourceLabels {
    /// Where points do not have the label themselves.
    promoted: LabelSet,
    /// `job` and `instance`, in any case.
    target: LabelSet,
}

impl ResourceLabels {
    /// Of a resource with these attributes.
    pub(in crate::series) fn new(view: &PrometheusView, resource: Attributes<'_>) -> Self {
        let text = |key| resource.get(key).map(label_value);
        let job = match (text(SERVICE_NAMESPACE), text(SERVICE_NAME)) {
            (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
            (None, name) => name,
            (Some(_), None) => None,
        };
        let target = [("job", job), ("instance", text(SERVICE_INSTANCE))];
        let target = target.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let promoted = resource.iter().map_while(Result::ok).filter_map(|entry| {
            let is_promoted = view.promoted_resource_attributes.iter().any(|key| key == entry.key);
            let name = is_promoted.then(|| label_name(view.names, entry.key)).flatten()?;
            Some((name, label_value(entry.value)))
        });
        let promoted = promoted.filter(|(name, _)| name != METRIC_NAME);
        Self { promoted: promoted.collect(), target: target.filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// The labels of a series that has them as Prometheus does, but for those that say who sent it.
    pub(in crate::series) fn verbatim(&self, attributes: Attributes<'_>) -> LabelSet {
        let entries = attributes.iter().map_while(Result::ok).filter(|entry| entry.key != METRIC_NAME);
        let mut labels: LabelSet = entries.map(|entry| (entry.key.to_owned(), label_value(entry.value))).collect();
        self.add_target(&mut labels);
        labels.retain(|name, value| !name.is_empty() && !value.is_empty());
        labels
    }

    fn add_target(&self, labels: &mut LabelSet) {
        labels.extend(self.target.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// The labels of a series whose points have these attributes. Of attributes that become one label the values are joined
/// by `;`, in the order of their keys.
pub(in crate::series) fn series_labels(
    names: NameTranslation,
    attributes: Attributes<'_>,
    resource: &ResourceLabels,
) -> LabelSet {
    let mut labels = translated(names, attributes, &[METRIC_NAME]);
    for (name, value) in &resource.promoted {
        labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
    resource.add_target(&mut labels);
    labels.retain(|_, value| !value.is_empty());
    labels
}

/// The labels of `target_info` of a resource. `None` where they would tell nothing but `job` and `instance`, or not of whom.
pub(in crate::series) fn target_info_labels(
    names: NameTranslation,
    attributes: Attributes<'_>,
    resource: &ResourceLabels,
) -> Option<LabelSet> {
    let identifying = [SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE];
    if attributes.iter().map_while(Result::ok).all(|entry| identifying.contains(&entry.key)) {
        return None;
    }
    let mut labels = translated(names, attributes, &identifying);
    resource.add_target(&mut labels);
    labels.retain(|_, value| !value.is_empty());
    (labels.contains_key("job") || labels.contains_key("instance")).then_some(labels)
}

fn translated(names: NameTranslation, attributes: Attributes<'_>, ignored: &[&str]) -> LabelSet {
    let mut entries: Vec<_> = attributes.iter().map_while(Result::ok).collect();
    entries.retain(|entry| !ignored.contains(&entry.key));
    entries.sort_by_key(|entry| entry.key);
    let mut labels = LabelSet::new();
    for entry in entries {
        let Some(name) = label_name(names, entry.key).filter(|name| name != METRIC_NAME) else { continue };
        let value = label_value(entry.value);
        let known = labels.entry(name).or_default();
        if !known.is_empty() {
            known.push(';');
        }
        known.push_str(&value);
    }
    labels
}

#[cfg(test)]
mod tests {
    use model::AttributesWriter;

    use super::*;

    fn set(text: &str) -> Vec<u8> {
        let mut writer = AttributesWriter::new();
        for (key, value) in text.split_whitespace().map(|pair| pair.split_once('=').unwrap()) {
            writer.key(key);
            writer.text(value);
        }
        writer.as_bytes().to_vec()
    }

    fn text(labels: LabelSet) -> String {
        labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// Attributes of a point and of its resource; the labels of the series and of `target_info`.
    #[track_caller]
    fn check(attributes: &str, resource: &str, expected: &str, target_info: Option<&str>) {
        let view = PrometheusView {
            promoted_resource_attributes: vec!["k8s.pod.name".to_owned()],
            ..PrometheusView::default()
        };
        let (attributes, resource) = (set(attributes), set(resource));
        let (attributes, resource) = (Attributes::new(&attributes), Attributes::new(&resource));
        let of_resource = ResourceLabels::new(&view, resource);
        assert_eq!(text(series_labels(view.names, attributes, &of_resource)), expected);
        assert_eq!(target_info_labels(view.names, resource, &of_resource).map(text).as_deref(), target_info);
    }

    #[test]
    fn labels_are_of_the_point_and_of_its_resource() {
        check("http.route=/a", "service.name=web", "http_route=/a job=web", None);
        check("", "service.name=web service.namespace=shop service.instance.id=1", "instance=1 job=shop/web", None);
        check("", "service.namespace=shop service.name=", "job=shop/", None);
        check("", "service.namespace=shop host.name=a", "", None);
        check("", "service.name=web host.name=a", "job=web", Some("host_name=a job=web"));
        check("", "host.name=a", "", None);
        check("", "host.name=a job=b", "", Some("host_name=a job=b"));
    }

    #[test]
    fn what_is_promoted_does_not_replace_what_points_say_and_what_they_are_of_does() {
        let target_info = Some("job=web k8s_pod_name=web-1");
        check("", "service.name=web k8s.pod.name=web-1", "job=web k8s_pod_name=web-1", target_info);
        check("k8s.pod.name=x", "service.name=web k8s.pod.name=web-1", "job=web k8s_pod_name=x", target_info);
        check("job=mine instance=i", "service.name=web", "instance=i job=web", None);
    }

    #[test]
    fn values_of_labels_that_fall_together_are_joined_in_the_order_of_their_keys() {
        check("b_c=3 b.c=1 b/c=2", "", "b_c=1;2;3", None);
        check("b.c= b_c=3", "", "b_c=3", None);
        check("b.c=1 b_c=", "", "b_c=1;", None);
        check("__name__=x ..name..=y empty= _=z ..=w", "", "key_=z", None);
    }
}
