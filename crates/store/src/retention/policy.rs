//! How long the records of one resource are kept.

use std::time::Duration;

use model::{Attributes, ResourceLabels, Table, TenantId, UnixNanos, resource_text};

use super::rule::{RetentionRule, RetentionRules};
use crate::block::BlockMeta;

/// Rows of `series` stay this much longer than the points that they describe. Points may leave a little late: taking
/// them out is work, and work may have to wait.
pub(crate) const SERIES_GRACE: Duration = Duration::from_secs(86_400);

/// A record that is younger than its folder's hour by more than this was filed by a clock that was behind. Senders'
/// clocks are wrong by less, where they are not wrong beyond all measure.
const CLOCK_BEHIND: Duration = Duration::from_secs(86_400);

/// The default and the rules.
#[derive(Clone, Debug)]
pub(crate) struct Retention {
    default: Duration,
    rules: RetentionRules,
}

impl Retention {
    pub(crate) fn new(default: Duration, rules: RetentionRules) -> Self {
        Self { default, rules }
    }

    /// How long the records of a resource are kept.
    pub(crate) fn of_resource(&self, tenant: &TenantId, resource: Attributes<'_>) -> Duration {
        let labels = ResourceLabels::new(|key: &str| resource_text(resource, key));
        let matching = self.rules.rules().iter().filter_map(|rule| match rule {
            RetentionRule::Keep { selectors, duration } => selectors.matches(&labels).then_some(*duration),
            RetentionRule::Tenant { .. } => None,
        });
        matching.max().unwrap_or_else(|| self.otherwise(tenant))
    }

    /// How long the records of the tenant are kept that no selector matches.
    fn otherwise(&self, tenant: &TenantId) -> Duration {
        let of_tenant = self.rules.rules().iter().find_map(|rule| match rule {
            RetentionRule::Tenant { tenant: of, duration } => (of == tenant).then_some(*duration),
            RetentionRule::Keep { .. } => None,
        });
        of_tenant.unwrap_or(self.default)
    }

    /// Every duration that [`Self::of_resource`] may give for the tenant. Never empty.
    fn durations(&self, tenant: &TenantId) -> impl Iterator<Item = Duration> {
        let of_rules = self.rules.rules().iter().filter_map(|rule| match rule {
            RetentionRule::Keep { duration, .. } => Some(*duration),
            RetentionRule::Tenant { .. } => None,
        });
        of_rules.chain([self.otherwise(tenant)])
    }

    /// The longest that anything of the tenant is kept.
    pub(crate) fn longest(&self, tenant: &TenantId) -> Duration {
        self.durations(tenant).max().unwrap_or(self.default)
    }

    /// The longest of the tenant's durations that is over at `now` for rows of the hour; `None` while none is.
    pub(crate) fn longest_over(&self, place: Place<'_>, now: UnixNanos) -> Option<Duration> {
        self.durations(place.tenant).filter(|kept| place.is_over(*kept, now)).max()
    }
}

/// Where rows are: what their expiry depends on beside how long they are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) table: Table,
    /// Start of the hour.
    pub(crate) hour: UnixNanos,
}

impl<'a> Place<'a> {
    /// Of a block, as it is seen at `now`.
    ///
    /// That is its folder's hour, unless that came from a clock that was far behind: a machine that starts in 1970 files
    /// what it is sent under 1970, and once its clock is right, nothing of it must be found too old. Its records tell
    /// their own time then, if that is not in the future.
    pub(crate) fn of(meta: &'a BlockMeta, now: UnixNanos) -> Self {
        let is_filed_behind = meta.hour.plus(CLOCK_BEHIND) < meta.max_time && meta.max_time <= now.plus(CLOCK_BEHIND);
        let hour = if is_filed_behind { meta.max_time.hour() } else { meta.hour };
        Self { tenant: &meta.tenant, table: meta.table, hour }
    }

    /// Whether rows that are kept so long have expired at `now`: their hour lies wholly before that.
    pub(crate) fn is_over(&self, kept: Duration, now: UnixNanos) -> bool {
        let kept = if self.table == Table::Series { kept.saturating_add(SERIES_GRACE) } else { kept };
        self.hour < now.minus(kept).hour()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{AttributesWriter, HOUR_NANOS};

    use super::*;

    const RULES: &str =
        "keep squad=payments 30d; keep app=noisy 1h; keep app=web || tier in (gold) 10h; tenant acme 3d";

    fn retention() -> Retention {
        Retention::new(Duration::from_secs(7 * 86_400), RetentionRules::parse([RULES]).unwrap())
    }

    #[track_caller]
    fn check(tenant: &str, resource: &[(&str, &str)], hours: u64) {
        let mut attributes = AttributesWriter::new();
        for (key, value) in resource {
            attributes.key(key);
            attributes.text(value);
        }
        let kept = retention().of_resource(&tenant.parse().unwrap(), Attributes::new(attributes.as_bytes()));
        assert_eq!(kept, Duration::from_secs(hours * 3_600), "{tenant} {resource:?}");
    }

    #[test]
    fn the_longest_matching_rule_decides_then_the_tenant_then_the_default() {
        check("default", &[], 7 * 24);
        check("default", &[("service.name", "cart")], 7 * 24);
        check("acme", &[("service.name", "cart")], 3 * 24);
        check("default", &[("squad", "payments")], 30 * 24);
        check("acme", &[("k8s.pod.label.squad", "payments")], 30 * 24);
        check("default", &[("app", "noisy")], 1);
        check("default", &[("app", "noisy"), ("tier", "gold")], 10);
        check("default", &[("app", "noisy"), ("squad", "payments")], 30 * 24);
        check("acme", &[("app", "web")], 10);
    }

    #[test]
    fn rows_expire_with_their_hour_and_series_a_day_later() {
        let tenant = TenantId::default_tenant();
        let now = UnixNanos::new(1_000 * HOUR_NANOS);
        let hours_over = |table| {
            let is_over = |age: &i64| {
                let hour = UnixNanos::new((1_000 - age) * HOUR_NANOS);
                Place { tenant: &tenant, table, hour }.is_over(Duration::from_secs(10 * 3_600), now)
            };
            (0..100).filter(is_over).collect::<BTreeSet<i64>>()
        };
        assert_eq!(hours_over(Table::Logs), (11..100).collect());
        assert_eq!(hours_over(Table::Series), (35..100).collect());
    }
}
