//! Who is asking: the tenant comes from the credential, never from a bare header.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use model::TenantId;

/// Checks the credential of every request.
#[derive(Debug)]
pub(crate) struct Auth {
    /// `None` accepts anyone, which is only allowed on loopback or by word.
    token: Option<String>,
    tenant: TenantId,
}

impl Auth {
    pub(crate) fn new(token: Option<String>) -> Self {
        Self { token, tenant: TenantId::default_tenant() }
    }

    /// The tenant that the request speaks for; `None` where it must be refused.
    pub(crate) fn tenant_of(&self, headers: &HeaderMap) -> Option<TenantId> {
        let Some(token) = &self.token else { return Some(self.tenant.clone()) };
        let given = headers.get(AUTHORIZATION)?.as_bytes();
        let (scheme, given) = given.split_at_checked(7)?;
        (scheme.eq_ignore_ascii_case(b"bearer ") && same(given, token.as_bytes())).then(|| self.tenant.clone())
    }
}

/// Compares without telling by its duration how much was right.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differences = given.iter().zip(token).fold(0, |differences, (a, b)| differences | (a ^ b));
    given.len() == token.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens_the_door() {
        let auth = Auth::new(Some("0123456789abcdef".to_owned()));
        let asked_with = |header: &str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().unwrap())]);
            auth.tenant_of(&headers).is_some()
        };
        assert!(asked_with("Bearer 0123456789abcdef"));
        assert!(asked_with("bearer 0123456789abcdef"));
        for header in ["Bearer 0123456789abcde", "Bearer 0123456789abcdeff", "Basic 0123456789abcdef", "Bearer ", "B"] {
            assert!(!asked_with(header), "{header}");
        }
        assert!(auth.tenant_of(&HeaderMap::new()).is_none());
        assert!(Auth::new(None).tenant_of(&HeaderMap::new()).is_some());
    }
}
