//! What a sender is told, before any transport puts it into its own words.
//!
//! | outcome | HTTP | gRPC | the sender |
//! |---|---|---|---|
//! | accepted | 200 | OK | goes on; `partial_success` says what was refused for good or kept with a mark |
//! | undecodable | 400 | INVALID_ARGUMENT | drops it |
//! | unauthenticated | 401 | UNAUTHENTICATED | drops it |
//! | unsupported | 415 | UNIMPLEMENTED | drops it |
//! | too large | 413 | RESOURCE_EXHAUSTED without RetryInfo | drops it |
//! | over the tenant's rate | 429 + Retry-After | UNAVAILABLE + RetryInfo | comes back |
//! | unavailable | 503 + Retry-After | UNAVAILABLE + RetryInfo | comes back |
//!
//! Never 408 or 500 for what may be tried again: OTLP senders drop those.

use std::time::Duration;

use http::StatusCode;
use rand::RngExt;

/// What an accepted request still has to say; both parts empty when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Records refused for good. The rest is durable.
    pub(crate) rejected: u64,
    /// Why they were refused, or what was changed about those kept.
    pub(crate) message: String,
    /// Points of gauges, sums and summaries that were kept.
    pub(crate) numbers: u64,
    /// Points of histograms that were kept.
    pub(crate) histograms: u64,
    /// Exemplars that were kept.
    pub(crate) exemplars: u64,
}

/// Why a request was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The bytes are not what they claim to be.
    Undecodable(String),
    /// No token, or not the right one.
    Unauthenticated,
    /// A content type, encoding or method that is not spoken here.
    Unsupported(String),
    /// Larger than a request may be.
    TooLarge(String),
    /// The tenant sends more than it may.
    OverRate(Duration),
    /// Not now: starting, draining, out of budget, or the disk fails.
    Unavailable(String, Duration),
}

impl Refusal {
    /// Not now, for a reason that passes in seconds.
    pub(crate) fn not_now(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into(), jittered(Duration::from_secs(2)))
    }

    /// Not now, since requests in work have all the memory that they may.
    pub(crate) fn no_room() -> Self {
        Self::not_now("too many bytes of requests are in work (receive.in_flight_bytes_max)")
    }

    /// Never, since even alone it takes more memory than requests in work may.
    pub(crate) fn never_room() -> Self {
        let reason = "the request takes more memory than all requests in work may (receive.in_flight_bytes_max)";
        Self::TooLarge(format!("{reason}: send smaller batches, or raise it"))
    }

    /// Not now, for a reason that someone has to look at.
    pub(crate) fn not_soon(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into(), jittered(RETRY_MAX))
    }

    /// What happened and what to do, for the sender's log.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Undecodable(what) => format!("cannot decode the request: {what}"),
            Self::Unauthenticated => "a valid token is needed: send the header authorization: Bearer TOKEN".to_owned(),
            Self::Unsupported(what) | Self::TooLarge(what) => what.clone(),
            Self::OverRate(_) => "more bytes per second than this tenant may send: send again later".to_owned(),
            Self::Unavailable(reason, _) => format!("{reason}: send again later"),
        }
    }

    /// The status by HTTP.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Undecodable(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::OverRate(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(..) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// When to come back; `None` where coming back cannot help. One to thirty seconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OverRate(delay) | Self::Unavailable(_, delay) => Some(*delay),
            _ => None,
        }
    }

    /// The word for our own metrics.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Undecodable(_) => "undecodable",
            Self::Unauthenticated => "unauthenticated",
            Self::Unsupported(_) => "unsupported",
            Self::TooLarge(_) => "too_large",
            Self::OverRate(_) => "over_rate",
            Self::Unavailable(..) => "unavailable",
        }
    }
}

/// The longest that a sender is told to wait.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Around the delay by half, in whole seconds of at least one, so that senders do not come back all at once.
pub(crate) fn jittered(delay: Duration) -> Duration {
    let factor = rand::rng().random_range(0.5..1.5);
    delay.mul_f64(factor).clamp(Duration::from_secs(1), RETRY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_between_one_and_thirty_seconds() {
        for seconds in [0, 1, 2, 30, 1_000] {
            for _ in 0..100 {
                let delay = jittered(Duration::from_secs(seconds));
                assert!((Duration::from_secs(1)..=RETRY_MAX).contains(&delay), "{delay:?}");
            }
        }
    }
}
