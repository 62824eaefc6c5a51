//! Whose data it is. A tenant comes from a credential, never from a bare header.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A tenant's name: 1 to 63 characters of `a-z`, `0-9`, `_` and `-`, starting with a letter or digit.
///
/// Safe as a folder name by construction.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

/// A name that cannot be a tenant's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a tenant name: use 1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit")]
pub struct TenantError(String);

impl TenantId {
    /// The tenant of everything until told otherwise.
    pub fn default_tenant() -> Self {
        Self(Arc::from("default"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = TenantError;

    fn from_str(name: &str) -> Result<Self, TenantError> {
        let first_fits = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let rest_fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
        if first_fits && rest_fits && name.len() <= 63 {
            Ok(Self(Arc::from(name)))
        } else {
            Err(TenantError(name.to_owned()))
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_safe_as_folders_are_tenants() {
        for name in ["default", "a", "9lives", "team_a-1"] {
            assert!(name.parse::<TenantId>().is_ok(), "{name}");
        }
        for name in ["", ".", "..", "a/b", "A", "-a", "a b", "é", &"x".repeat(64)] {
            assert!(name.parse::<TenantId>().is_err(), "{name}");
        }
    }
}
