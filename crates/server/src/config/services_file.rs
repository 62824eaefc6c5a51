//! The services file: what an operator states of services, read again whenever it changes.
//!
//! ```yaml
//! services:
//!   payment:
//!     owner: money
//!     runbook: https://runbooks.example.org/payment
//!     repository: https://git.example.org/shop/payment
//!     contact: "#squad-money"
//!     description: talks to the bank
//!     labels: {tier: "1"}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use query::StatedFacts;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use tracing::{info, warn};

/// A larger file is not read: ten thousand services take a quarter of this.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// What is stated, by `service.name`.
pub(crate) type StatedServices = BTreeMap<String, StatedFacts>;

/// The file, and what it said when it could last be read.
#[derive(Debug, Default)]
pub(crate) struct ServicesFile {
    path: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// When the file was changed last, and how long it is, as of the last reading; `None` where it was not there.
    stamp: Option<(SystemTime, u64)>,
    services: Arc<StatedServices>,
}

impl ServicesFile {
    /// Reads the file. Without a path nothing is ever stated.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self::default()) };
        let held = Held { stamp: stamp_of(&path), services: Arc::new(read(&path)?) };
        Ok(Self { path: Some(path), held: Mutex::new(held) })
    }

    /// What the file says now or, where it cannot be read now, what it said last; that is logged once for each change.
    /// Blocks the calling thread.
    pub(crate) fn current(&self) -> Arc<StatedServices> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.path else { return Arc::clone(&held.services) };
        let stamp = stamp_of(path);
        if stamp != held.stamp {
            held.stamp = stamp;
            match read(path) {
                Ok(services) => {
                    info!(services = services.len(), "read the services file again");
                    held.services = Arc::new(services);
                }
                Err(error) => warn!(error, "keeping what the services file said before"),
            }
        }
        Arc::clone(&held.services)
    }
}

fn stamp_of(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(path: &Path) -> Result<StatedServices, String> {
    let fail = |problem: &dyn fmt::Display| format!("services_file: {}: {problem}", path.display());
    let bytes = std::fs::metadata(path).map_err(|error| fail(&error))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(fail(&format_args!("it has {bytes} bytes, and {FILE_BYTES_MAX} are the most that is read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(&error))?;
    parse(&text).map_err(|error| fail(&error))
}

fn parse(text: &str) -> Result<StatedServices, serde_norway::Error> {
    // An empty file states nothing.
    let file: Option<File> = serde_norway::from_str(text)?;
    let services = file.and_then(|file| file.services).map(|Named(services)| services).unwrap_or_default();
    Ok(services.into_iter().map(|(name, service)| (name, service.unwrap_or_default().into())).collect())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    services: Option<Named<Option<Service>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    owner: Option<String>,
    runbook: Option<String>,
    repository: Option<String>,
    contact: Option<String>,
    description: Option<String>,
    labels: Option<Named<String>>,
}

impl From<Service> for StatedFacts {
    fn from(service: Service) -> Self {
        let Service { owner, runbook, repository, contact, description, labels } = service;
        let labels = labels.map(|Named(labels)| labels).unwrap_or_default();
        Self { owner, runbook, repository, contact, description, labels }
    }
}

/// A map in which a name that comes twice is an error: whoever wrote the first would look for it in vain.
#[derive(Debug)]
struct Named<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(std::marker::PhantomData))
    }
}

struct NamedVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
        let mut named = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, T>()? {
            if named.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{name:?} is there twice")));
            }
            named.insert(name, value);
        }
        Ok(Named(named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, words: &[&str]) {
        let error = parse(text).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{error:?} does not say {word:?}");
        }
    }

    #[test]
    fn what_is_stated_is_read() {
        let text = "services:\n  pay: {owner: money, labels: {tier: '1'}}\n  web:\n  cart: {runbook: https://r/cart}\n";
        let services = parse(text).unwrap();
        assert_eq!(services.keys().collect::<Vec<_>>(), ["cart", "pay", "web"]);
        assert_eq!((services["pay"].owner.as_deref(), services["pay"].labels["tier"].as_str()), (Some("money"), "1"));
        assert_eq!(services["web"], StatedFacts::default());
        assert!(parse("").unwrap().is_empty() && parse("services:\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        check_refused("services:\n  pay:\n    ownr: money\n", &["services.pay", "ownr", "line 3"]);
        check_refused("service: {}\n", &["unknown field `service`"]);
        check_refused("services:\n  pay:\n    owner: [a]\n", &["services.pay.owner", "line 3"]);
        check_refused("services:\n  pay: {}\n  pay: {}\n", &["\"pay\" is there twice", "services"]);
        check_refused("services:\n  pay: {\n", &["line"]);
    }

    #[test]
    fn a_changed_file_is_read_again_and_a_broken_one_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("services.yaml");
        assert!(ServicesFile::open(Some(path.clone())).unwrap_err().contains("services_file"));
        std::fs::write(&path, "services: {pay: {owner: a}}").unwrap();
        let file = ServicesFile::open(Some(path.clone())).unwrap();
        let owner = || file.current().get("pay").and_then(|service| service.owner.clone());
        for (text, expected) in [
            ("services: {pay: {owner: another}}", Some("another")),
            ("services: {pay: {ownr: third}}  ", Some("another")),
            ("services: {}", None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(owner().as_deref(), expected, "{text}");
        }
        std::fs::write(&path, "services: {pay: {owner: fourth}}").unwrap();
        assert_eq!(owner().as_deref(), Some("fourth"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(owner().as_deref(), Some("fourth"));
        assert!(ServicesFile::open(None).unwrap().current().is_empty());
    }
}
