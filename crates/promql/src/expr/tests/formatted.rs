//! Texts and how they are laid out. The expected texts are those of Prometheus 3.16.

/// Text, laid out, with an empty line before it.
pub(super) const FORMATTED: &[(&str, &str)] = &[
    (
        r#"up"#, r#"
up
"#,
    ),
    (
        r#"sum by (job) (rate(http_requests_total{job="api", code=~"5.."}[5m])) / on (job) group_left () sum by (job) (rate(http_requests_total[5m]))"#,
        r#"
  sum by (job) (rate(http_requests_total{code=~"5..",job="api"}[5m]))
/ on (job) group_left ()
  sum by (job) (rate(http_requests_total[5m]))
"#,
    ),
    (
        r#"histogram_quantile(0.99, sum by (le, instance, namespace, pod) (rate(http_request_duration_seconds_bucket{job="x"}[5m])))"#,
        r#"
histogram_quantile(
  0.99,
  sum by (le, instance, namespace, pod) (rate(http_request_duration_seconds_bucket{job="x"}[5m]))
)
"#,
    ),
    (
        r#"topk(10, (sum without (instance) (a_rather_long_metric_name_number_one) + sum without (instance) (another_long_name)))"#,
        r#"
topk(
  10,
  (
      sum without (instance) (a_rather_long_metric_name_number_one)
    +
      sum without (instance) (another_long_name)
  )
)
"#,
    ),
    (
        r#"max_over_time((sum without (instance) (a_rather_long_metric_name_number_one) + sum(another_long_name_of_a_metric))[1h:5m] offset 1d)"#,
        r#"
max_over_time(
  (sum without (instance) (a_rather_long_metric_name_number_one) + sum(another_long_name_of_a_metric))[1h:5m] offset 1d
)
"#,
    ),
    (
        r#"-(sum without (instance) (a_rather_long_metric_name_number_one) + sum(another_long_name_of_a_metric) > bool 1)"#,
        r#"
-(
    sum without (instance) (a_rather_long_metric_name_number_one) + sum(another_long_name_of_a_metric)
  > bool
    1
)
"#,
    ),
    (
        r#"quantile_over_time(0.5, up[1h:5m]) + label_replace(a_rather_long_metric_name_number_one, "destination", "$1", "source", "(.*)")"#,
        r#"
  quantile_over_time(0.5, up[1h:5m])
+
  label_replace(a_rather_long_metric_name_number_one, "destination", "$1", "source", "(.*)")
"#,
    ),
];
