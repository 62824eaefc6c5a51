//! Which crate may depend on which: the layers of ARCHITECTURE.md as a literal list.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::finding::{Finding, Rule};
use crate::metadata;

/// Every arrow that may exist, top layer first. A new one is its own commit, with a sentence why.
const EDGES: &[(&str, &[&str])] = &[
    ("nunchi", &["server", "cli", "demo", "store"]),
    ("server", &["protocol", "ingest", "store", "query", "promql", "stitch", "model", "wal"]),
    ("cli", &["protocol", "model"]),
    ("query", &["store", "stitch", "promql", "model"]),
    ("store", &["text-index", "wal", "model"]),
    ("ingest", &["model"]),
    ("stitch", &["model"]),
    ("promqltest", &["promql", "testkit"]),
    ("promql", &[]),
    ("text-index", &[]),
    ("model", &[]),
    ("wal", &[]),
    ("protocol", &[]),
    ("demo", &[]),
    ("testkit", &[]),
    ("xtask", &[]),
];

/// What a crate's own tests may use besides: they may look upwards for input, its code may not.
const TEST_EDGES: &[(&str, &[&str])] = &[("query", &["ingest", "wal"])];

/// What any crate's tests may use.
const TEST_CRATES: &[&str] = &["testkit", "promqltest"];

/// Outside of the layers: they look at the product as a user does, so they may use any part of it.
const ANYTHING: &[&str] = &["tests", "benches"];

/// Heavy libraries and the crates that exist to keep them from leaking.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("datafusion", &["query"]),
    ("parquet", &["store", "query"]),
    ("object_store", &["store", "query"]),
    ("sqlx", &["store"]),
    ("tantivy", &["text-index"]),
    ("axum", &["server", "demo"]),
    ("tonic", &["server"]),
    ("opentelemetry_sdk", &["demo"]),
    ("comfy-table", &["cli"]),
];

/// One crate of this workspace and what its manifest asks for.
#[derive(Debug)]
pub(super) struct Package {
    name: String,
    /// From the root of the repository.
    manifest: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug)]
struct Dependency {
    name: String,
    is_for_tests: bool,
    is_ours: bool,
}

/// Every package of the workspace at `root`.
pub(super) fn read(root: &Path) -> Result<Vec<Package>> {
    let metadata = metadata::read(root)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages.iter().map(|package| Package::parse(package, root)).collect()
}

impl Package {
    fn parse(value: &Value, root: &Path) -> Result<Package> {
        let text = |value: &Value| value.as_str().map(str::to_owned).context("cargo metadata has a new shape");
        let manifest = text(&value["manifest_path"])?;
        let manifest = Path::new(&manifest).strip_prefix(root).unwrap_or(Path::new(&manifest)).display().to_string();
        let dependencies = value["dependencies"].as_array().context("cargo metadata lists no dependencies")?;
        let dependencies = dependencies.iter().map(|dependency| {
            let is_for_tests = dependency["kind"] == "dev";
            Ok(Dependency { name: text(&dependency["name"])?, is_for_tests, is_ours: dependency["path"].is_string() })
        });
        Ok(Package { name: text(&value["name"])?, manifest, dependencies: dependencies.collect::<Result<_>>()? })
    }
}

pub(super) fn check(packages: &[Package], findings: &mut Vec<Finding>) {
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for package in packages.iter().filter(|package| !ANYTHING.contains(&package.name.as_str())) {
        let Some(allowed) = edges.get(package.name.as_str()) else {
            let message = format!("the crate {} has no place in the layers", package.name);
            findings.push(finding(
                package,
                message,
                "give it a line in xtask/src/tidy/edges.rs and in ARCHITECTURE.md",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            if dependency.is_ours && !is_allowed(package, dependency, allowed) {
                let message = format!("{} must not depend on {}", package.name, dependency.name);
                findings.push(finding(
                    package,
                    message,
                    "pass in what it needs, or argue for the edge in its own commit",
                ));
            }
            let kept = KEPT_IN.iter().find(|(library, _)| *library == dependency.name);
            if let Some((library, crates)) = kept
                && !dependency.is_for_tests
                && !crates.contains(&package.name.as_str())
            {
                let message =
                    format!("{} must not know {library}, which is kept in {}", package.name, crates.join(", "));
                findings.push(finding(package, message, "ask that crate for what you need, in our own words"));
            }
        }
    }
}

fn is_allowed(package: &Package, dependency: &Dependency, allowed: &[&str]) -> bool {
    let name = dependency.name.as_str();
    let for_tests = TEST_EDGES.iter().find(|(from, _)| *from == package.name).map_or(&[][..], |(_, to)| to);
    // A crate that names itself turns on features of its own for its tests.
    let is_itself = name == package.name;
    allowed.contains(&name)
        || (dependency.is_for_tests && (is_itself || TEST_CRATES.contains(&name) || for_tests.contains(&name)))
}

fn finding(package: &Package, message: String, remedy: &'static str) -> Finding {
    Finding { path: package.manifest.clone(), line: 1, rule: Rule::Edge, message, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(package: &str, dependencies: &str, expected: &[&str]) {
        let dependencies: Value = serde_json::from_str(dependencies).unwrap();
        let manifest = format!("/nunchi/crates/{package}/Cargo.toml");
        let value = serde_json::json!({ "name": package, "manifest_path": manifest, "dependencies": dependencies });
        let package = Package::parse(&value, Path::new("/nunchi")).unwrap();
        assert!(package.manifest.starts_with("crates/"), "{}", package.manifest);
        let mut findings = Vec::new();
        super::check(&[package], &mut findings);
        assert_eq!(findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn arrows_point_downwards() {
        check("query", r#"[{"name": "store", "path": "/x", "kind": null}]"#, &[]);
        let upwards = r#"[{"name": "query", "path": "/x", "kind": null}]"#;
        check("store", upwards, &["store must not depend on query"]);
        check("store", r#"[{"name": "query", "path": "/x", "kind": "build"}]"#, &["store must not depend on query"]);
        check("tests", upwards, &[]);
        check("newcomer", "[]", &["the crate newcomer has no place in the layers"]);
    }

    #[test]
    fn tests_may_use_the_testkit_and_what_is_listed() {
        check("store", r#"[{"name": "testkit", "path": "/x", "kind": "dev"}]"#, &[]);
        check("store", r#"[{"name": "testkit", "path": "/x", "kind": null}]"#, &["store must not depend on testkit"]);
        check("query", r#"[{"name": "ingest", "path": "/x", "kind": "dev"}]"#, &[]);
        check("query", r#"[{"name": "ingest", "path": "/x", "kind": null}]"#, &["query must not depend on ingest"]);
    }

    #[test]
    fn heavy_libraries_stay_where_they_are_kept() {
        check("query", r#"[{"name": "datafusion", "kind": null}]"#, &[]);
        check("server", r#"[{"name": "sqlx", "kind": null}]"#, &["server must not know sqlx, which is kept in store"]);
        check("server", r#"[{"name": "sqlx", "kind": "dev"}]"#, &[]);
    }

    #[test]
    fn the_list_itself_has_no_cycle() {
        // Top layer first: an arrow may only point to a later line.
        for (index, (from, to)) in EDGES.iter().enumerate() {
            let later: Vec<&str> = EDGES[index + 1..].iter().map(|(name, _)| *name).collect();
            assert!(to.iter().all(|name| later.contains(name)), "an arrow of {from} points upwards");
        }
    }
}
