//! Rules: `keep SELECTOR DURATION` and `tenant NAME DURATION`.
//!
//! ```text
//!   rules = rule { ( ";" | newline ) rule }              outside of double quotes
//!   rule  = "keep" selector duration                     keep squad=payments 30d
//!         | "tenant" name duration                       tenant acme 90d
//! ```
//!
//! The duration is the last word, so a selector may hold spaces.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use model::{SelectorError, Selectors, TenantId, parse_duration};

/// Rules at once. Each resource is held against each, and a block is rewritten for each distinct duration.
pub const RETENTION_RULES_MAX: usize = 64;

/// The width of a block's folder: nothing goes sooner.
pub(crate) const RETENTION_MIN: Duration = Duration::from_secs(3_600);

/// How long some records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetentionRule {
    /// Records whose resource one of the selectors matches, of any tenant.
    Keep {
        /// Which resources.
        selectors: Selectors,
        /// For how long.
        duration: Duration,
    },
    /// Records of a tenant that no selector matches.
    Tenant {
        /// Whose.
        tenant: TenantId,
        /// For how long.
        duration: Duration,
    },
}

/// Rules that can hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionRules(Vec<RetentionRule>);

/// A rule that cannot be read, with what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{problem}")]
pub struct RetentionRuleError {
    /// Which rule, or empty where it is all of them together.
    place: String,
    problem: String,
}

impl RetentionRules {
    /// Reads rules, each text holding one or more of them.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, RetentionRuleError> {
        let mut rules = Vec::new();
        let mut tenants = HashSet::new();
        for text in texts.into_iter().flat_map(split).filter(|text| !text.trim().is_empty()) {
            let place = format!("in the rule {:?}: ", text.trim());
            let rule = parse_rule(text).map_err(|problem| RetentionRuleError { place: place.clone(), problem })?;
            if let RetentionRule::Tenant { tenant, .. } = &rule
                && !tenants.insert(tenant.clone())
            {
                let problem = format!("the tenant {tenant} has a rule already; write one of them");
                return Err(RetentionRuleError { place, problem });
            }
            rules.push(rule);
        }
        if rules.len() > RETENTION_RULES_MAX {
            let problem = format!(
                "there are {} rules, and {RETENTION_RULES_MAX} are allowed: join those of one duration with ||",
                rules.len()
            );
            return Err(RetentionRuleError { place: String::new(), problem });
        }
        Ok(Self(rules))
    }

    /// The rules, in the order written.
    pub fn rules(&self) -> &[RetentionRule] {
        &self.0
    }
}

impl fmt::Display for RetentionRule {
    /// Text that reads back as the same rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep { selectors, duration } => write!(f, "keep {selectors} {}s", duration.as_secs()),
            Self::Tenant { tenant, duration } => write!(f, "tenant {tenant} {}s", duration.as_secs()),
        }
    }
}

/// The text between semicolons and line ends that are not in double quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut pieces, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' | '\n' if !quoted => {
                pieces.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[begin..]);
    pieces
}

const FORMS: &str = "write keep SELECTOR DURATION or tenant NAME DURATION, as in: keep squad=payments 30d";

fn parse_rule(text: &str) -> Result<RetentionRule, String> {
    let text = text.trim();
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if !matches!(verb, "keep" | "tenant") {
        return Err(format!("found {verb:?}, expected keep or tenant; {FORMS}"));
    }
    let Some((what, duration)) = rest.trim().rsplit_once(char::is_whitespace) else {
        return Err(match parse_duration(rest) {
            Ok(_) if verb == "keep" => {
                format!("there is no selector; {FORMS}, or set store.retention to keep everything so long")
            }
            Ok(_) => format!("there is no tenant; {FORMS}"),
            Err(_) => format!("it does not end in a duration such as 30d; {FORMS}"),
        });
    };
    let duration = match parse_duration(duration) {
        Err(_) => return Err(format!("{duration:?} is not a duration; end the rule in one such as 12h, 30d or 8w")),
        Ok(duration) if duration < RETENTION_MIN => {
            return Err(format!("{duration:?} is too short; keep it at least 1h, the width of a block's folder"));
        }
        Ok(duration) => duration,
    };
    if verb == "tenant" {
        let tenant = what.trim().parse().map_err(|error| format!("{error}"))?;
        return Ok(RetentionRule::Tenant { tenant, duration });
    }
    let selectors = Selectors::parse(what).map_err(|error| place_selector(text, what, error))?;
    Ok(RetentionRule::Keep { selectors, duration })
}

/// A selector's error, with its position counted from the start of the rule.
fn place_selector(rule: &str, selector: &str, error: SelectorError) -> String {
    let before = selector.as_ptr() as usize - rule.as_ptr() as usize;
    let position = rule[..before].chars().count() + error.position;
    SelectorError { position, ..error }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], expected: &[&str]) {
        let rules = RetentionRules::parse(texts.iter().copied()).unwrap();
        let written: Vec<String> = rules.rules().iter().map(ToString::to_string).collect();
        assert_eq!(written, expected);
        assert_eq!(RetentionRules::parse(written.iter().map(String::as_str)), Ok(rules));
    }

    #[test]
    fn rules_are_read_one_by_one_or_several_in_a_text() {
        check(&[], &[]);
        check(&[" ; \n"], &[]);
        check(&["keep squad=payments 1d"], &["keep squad=payments 86400s"]);
        check(
            &["keep app=noisy,tier!=prod 1h ; keep a in (x, y) || b 1h30m;tenant acme 2d"],
            &["keep app=noisy,tier!=prod 3600s", "keep a in (x,y) || b 5400s", "tenant acme 172800s"],
        );
        check(&["  keep\ta \t1w", "tenant  b  1h"], &["keep a 604800s", "tenant b 3600s"]);
        check(&[r#"keep url="a;b \" c" 1h;keep d 1h"#], &[r#"keep url="a;b \" c" 3600s"#, "keep d 3600s"]);
    }

    #[track_caller]
    fn check_refused(text: &str, says: &str) {
        let error = RetentionRules::parse([text]).unwrap_err().to_string();
        assert!(error.contains(says), "{text:?}: {error:?} does not say {says:?}");
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_place_and_what_would_be_right() {
        check_refused("kep a=b 1d", r#"in the rule "kep a=b 1d": found "kep", expected keep or tenant"#);
        check_refused("keep a=b 1d; drop c 1d", r#"in the rule "drop c 1d""#);
        check_refused("keep", "does not end in a duration such as 30d");
        check_refused("keep squad=payments", "does not end in a duration such as 30d");
        check_refused("keep 30d", "there is no selector");
        check_refused("tenant 30d", "there is no tenant");
        check_refused("keep a=b c", r#""c" is not a duration"#);
        check_refused("keep a=b 30", r#""30" is not a duration"#);
        check_refused("keep a=b 59m", "at least 1h");
        check_refused("tenant Acme 1d", r#""Acme" is not a tenant name"#);
        check_refused("tenant a 1d; tenant a 2d", "the tenant a has a rule already");
        check_refused("keep é=b 1d", "at character 6: the key");
        check_refused("keep a in (b 1d", "at character 13: found the end");
        check_refused("keep a | b 1d", "at character 8: a single '|'");
        check_refused(&"keep a 1h;".repeat(65), "there are 65 rules, and 64 are allowed");
    }
}
