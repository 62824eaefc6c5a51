//! What comes in by HTTP, before anyone has looked what it is: who sends it, and its body.

use std::sync::Arc;

use axum::extract::Request;
use bytes::Bytes;
use http::HeaderMap;
use model::TenantId;

use super::body::{discard_body, read_body};
use super::budget::Share;
use super::delivery::Receiver;
use super::encoding::Compression;
use super::outcome::Refusal;
use super::{BODY_BYTES_MAX, COMPRESSED_BYTES_MAX};
use crate::auth::Auth;

/// What the routes need.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) receiver: Arc<Receiver>,
    pub(super) auth: Arc<Auth>,
}

/// A request that was let in.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) tenant: TenantId,
    pub(super) compression: Compression,
    pub(super) body: Bytes,
    /// What the body takes of the budget.
    pub(super) share: Share,
}

impl Door {
    /// Who sends, how the body is compressed, the body, and what it takes of the budget.
    pub(super) async fn admit(
        &self,
        request: Request,
        compression_of: impl FnOnce(&HeaderMap) -> Result<Compression, Refusal>,
    ) -> Result<Admitted, Refusal> {
        let (head, body) = request.into_parts();
        let tenant = self.auth.tenant_of(&head.headers).ok_or(Refusal::Unauthenticated);
        let (tenant, compression) = match tenant.and_then(|tenant| Ok((tenant, compression_of(&head.headers)?))) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                discard_body(body).await;
                return Err(refusal);
            }
        };
        let bytes_max = if compression == Compression::None { BODY_BYTES_MAX } else { COMPRESSED_BYTES_MAX };
        let mut share = Share::default();
        let body = read_body(body, bytes_max, &self.receiver.budget, &mut share).await?;
        Ok(Admitted { tenant, compression, body, share })
    }
}
