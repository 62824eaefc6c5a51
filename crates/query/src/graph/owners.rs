//! Whose services are, and which ones a selector means, by who was seen.

use std::collections::{HashMap, HashSet};

use model::{Attributes, HOUR_NANOS, Selectors, TimeRange, UnixNanos};

use crate::engine::Engine;
use crate::error::QueryError;
use crate::resource::{resource_matches, squad_of};
use crate::session::View;
use crate::sightings::each_sighting;

/// Services that are remembered. Of others the owner is not known.
const SERVICES_MAX: usize = 100_000;

/// Whoever called somebody was heard within this.
const BEFORE_NANOS: i64 = HOUR_NANOS;

/// What sightings say of services.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    squads: HashMap<String, String>,
    matching: Option<HashSet<String>>,
}

impl Owners {
    /// From who was seen in the view, which has to be digested, or shortly before: a caller began before its callee did.
    pub(crate) async fn of(engine: &Engine, view: &View, selectors: Option<&Selectors>) -> Result<Self, QueryError> {
        let from = UnixNanos::new(view.range.from.get().saturating_sub(BEFORE_NANOS));
        let view = &View { range: TimeRange { from, ..view.range }, ..view.clone() };
        let mut owners = Self { squads: HashMap::new(), matching: selectors.map(|_| HashSet::new()) };
        each_sighting(engine, view, None, &["service_name", "resource_attributes"], |cells, row| {
            let Some(service) = cells.text("service_name", row) else { return };
            let resource = Attributes::new(cells.bytes("resource_attributes", row).unwrap_or_default());
            owners.add(service, resource, selectors);
        })
        .await?;
        Ok(owners)
    }

    fn add(&mut self, service: &str, resource: Attributes<'_>, selectors: Option<&Selectors>) {
        if !self.squads.contains_key(service)
            && self.squads.len() < SERVICES_MAX
            && let Some(squad) = squad_of(resource)
        {
            self.squads.insert(service.to_owned(), squad);
        }
        if let (Some(matching), Some(selectors)) = (&mut self.matching, selectors)
            && matching.len() < SERVICES_MAX
            && !matching.contains(service)
            && resource_matches(selectors, resource)
        {
            matching.insert(service.to_owned());
        }
    }

    /// Who owns a service, where the telemetry says.
    pub(crate) fn squad(&self, service: &str) -> Option<&String> {
        self.squads.get(service)
    }

    /// Whether a selector means the service: one of its resources matched. Without a selector all are meant.
    pub(crate) fn means(&self, service: &str) -> bool {
        self.matching.as_ref().is_none_or(|matching| matching.contains(service))
    }
}
