//! Which text is a Kubernetes label key or label value.
//!
//! A key is `name` or `prefix/name`. Name and value are letters, digits, `-`, `_` and `.`, with a letter or digit at
//! both ends; a value may also be empty. A prefix is a DNS subdomain in lower case.

/// Longest name of a label key, in bytes, without its prefix. Kubernetes' limit.
pub const LABEL_NAME_BYTES_MAX: usize = 63;

/// Longest prefix of a label key, in bytes, without the `/`. Kubernetes' limit, which is that of a DNS name.
pub const LABEL_PREFIX_BYTES_MAX: usize = 253;

/// Longest label value, in bytes. Kubernetes' limit.
pub const LABEL_VALUE_BYTES_MAX: usize = 63;

/// Why a text is not a label key or label value. Written so that it reads on after the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelSyntaxError {
    /// The key has more than one `/`.
    #[error("has more than one '/': a key is a name, or a DNS prefix, '/' and a name (example.com/name)")]
    Slashes,
    /// The key begins with `/`.
    #[error("has nothing before its '/': write a DNS prefix such as example.com, or leave out the '/'")]
    PrefixEmpty,
    /// The key's prefix is longer than [`LABEL_PREFIX_BYTES_MAX`].
    #[error("has more than {LABEL_PREFIX_BYTES_MAX} bytes before its '/'")]
    PrefixTooLong,
    /// The key's prefix is not a DNS subdomain.
    #[error(
        "has a prefix that is not a DNS name: use lower-case letters, digits, '-' and '.', with a letter or \
         digit at both ends of each part"
    )]
    Prefix,
    /// The key, or what follows its prefix, is empty.
    #[error("has no name: a key needs at least one letter or digit")]
    NameEmpty,
    /// The key's name is longer than [`LABEL_NAME_BYTES_MAX`].
    #[error("has a name of more than {LABEL_NAME_BYTES_MAX} bytes")]
    NameTooLong,
    /// The key's name has a character that names do not have, or not at their ends.
    #[error(
        "has a name that is not a label's: use letters, digits, '-', '_' and '.', with a letter or digit at both ends"
    )]
    Name,
    /// The value is longer than [`LABEL_VALUE_BYTES_MAX`].
    #[error("is longer than {LABEL_VALUE_BYTES_MAX} bytes")]
    ValueTooLong,
    /// The value has a character that values do not have, or not at their ends.
    #[error("is not a label value: use letters, digits, '-', '_' and '.', with a letter or digit at both ends")]
    Value,
}

/// Whether the text can be a label's key.
pub(super) fn check_key(key: &str) -> Result<(), LabelSyntaxError> {
    let name = match key.split_once('/') {
        None => key,
        Some((_, name)) if name.contains('/') => return Err(LabelSyntaxError::Slashes),
        Some((prefix, name)) => {
            check_prefix(prefix)?;
            name
        }
    };
    if name.is_empty() {
        Err(LabelSyntaxError::NameEmpty)
    } else if name.len() > LABEL_NAME_BYTES_MAX {
        Err(LabelSyntaxError::NameTooLong)
    } else if !is_name(name) {
        Err(LabelSyntaxError::Name)
    } else {
        Ok(())
    }
}

/// Whether the text can be a label's value.
pub(super) fn check_value(value: &str) -> Result<(), LabelSyntaxError> {
    if value.len() > LABEL_VALUE_BYTES_MAX {
        Err(LabelSyntaxError::ValueTooLong)
    } else if !value.is_empty() && !is_name(value) {
        Err(LabelSyntaxError::Value)
    } else {
        Ok(())
    }
}

fn check_prefix(prefix: &str) -> Result<(), LabelSyntaxError> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // A DNS label is at most 63 bytes long, but Kubernetes does not look at that here, so neither do we.
    let is_dns_label =
        |part: &str| part.bytes().all(is_inner) && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    if prefix.is_empty() {
        Err(LabelSyntaxError::PrefixEmpty)
    } else if prefix.len() > LABEL_PREFIX_BYTES_MAX {
        Err(LabelSyntaxError::PrefixTooLong)
    } else if !prefix.split('.').all(is_dns_label) {
        Err(LabelSyntaxError::Prefix)
    } else {
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    bytes.iter().all(is_inner)
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expected: Result<(), LabelSyntaxError>) {
        assert_eq!(check_key(key), expected, "{key:?}");
    }

    #[test]
    fn keys_are_names_with_an_optional_dns_prefix() {
        for key in ["a", "A", "9", "a-b_c.d", "service.name", "example.com/a", "0.1.2.domain/99", "a/A_b", "1.2.3/in"] {
            check(key, Ok(()));
        }
        check("", Err(LabelSyntaxError::NameEmpty));
        check("example.com/", Err(LabelSyntaxError::NameEmpty));
        check("/a", Err(LabelSyntaxError::PrefixEmpty));
        check("a/b/c", Err(LabelSyntaxError::Slashes));
        for prefix in ["Example.com", "-a.com", "a-.com", "a..com", ".a", "a.", "a_b"] {
            check(&format!("{prefix}/a"), Err(LabelSyntaxError::Prefix));
        }
        for name in ["-a", "a-", ".a", "a.", "_a", "a_", "a b", "a:b", "é", "-"] {
            check(name, Err(LabelSyntaxError::Name));
        }
    }

    #[test]
    fn lengths_are_allowed_up_to_their_limit_and_not_beyond() {
        check(&"a".repeat(63), Ok(()));
        check(&"a".repeat(64), Err(LabelSyntaxError::NameTooLong));
        check(&format!("{}/a", "p".repeat(253)), Ok(()));
        check(&format!("{}/a", "p".repeat(254)), Err(LabelSyntaxError::PrefixTooLong));
        assert_eq!(check_value(&"v".repeat(63)), Ok(()));
        assert_eq!(check_value(&"v".repeat(64)), Err(LabelSyntaxError::ValueTooLong));
    }

    #[test]
    fn values_are_names_or_empty() {
        for value in ["", "a", "10.10.100.1", "tick.tack_clock-1"] {
            assert_eq!(check_value(value), Ok(()), "{value:?}");
        }
        for value in ["a b", "-a", "a-", "a/b", "http://x", "+1", "-1", "ü"] {
            assert_eq!(check_value(value), Err(LabelSyntaxError::Value), "{value:?}");
        }
    }
}
