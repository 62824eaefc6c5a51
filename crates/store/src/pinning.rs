//! Making pins and taking them away.

use model::{TenantId, UnixNanos};
use tracing::info;

use crate::catalog::{Edit, NewPin, PIN_REASON_BYTES_MAX, PINS_MAX, Pin, PinId};
use crate::error::{StoreError, StoreErrorKind};
use crate::flush::Flusher;

impl Flusher {
    /// Commits a pin. Retention decides under the same lock, so what it removes afterwards the pin does not hold.
    pub(crate) async fn pin(&self, asked: NewPin, now: UnixNanos) -> Result<Pin, StoreError> {
        let invalid = |problem: String| Err(StoreError::new(StoreErrorKind::Invalid, problem));
        if asked.range.from >= asked.range.to {
            return invalid("from must be earlier than to, which is exclusive".to_owned());
        }
        if asked.reason.len() > PIN_REASON_BYTES_MAX {
            let bytes = asked.reason.len();
            return invalid(format!("the reason is {bytes} bytes long, and {PIN_REASON_BYTES_MAX} are allowed"));
        }
        if asked.expires.is_some_and(|expires| expires <= now) {
            return invalid("expires has passed already".to_owned());
        }
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        let snapshot = self.shared.snapshot();
        if snapshot.pins(&asked.tenant).count() >= PINS_MAX {
            return invalid(format!("there are {PINS_MAX} pins, and more are not allowed: take one away first"));
        }
        let pin = Pin { id: PinId::new(snapshot.seq().get() + 1), asked, created: now };
        let edit = Edit { pin: Some(pin.clone()), ..Edit::default() };
        let committed = self.commit(&mut seq, &edit).await?;
        self.shared.apply(committed, &edit, Vec::new());
        info!(id = %pin.id, tenant = %pin.asked.tenant, from = %pin.asked.range.from, to = %pin.asked.range.to, "pinned");
        Ok(pin)
    }

    /// Takes a pin of the tenant away, if it is there.
    pub(crate) async fn unpin(&self, tenant: &TenantId, id: PinId) -> Result<bool, StoreError> {
        let mut seq = self.seq.lock().await;
        self.settle(&mut seq).await?;
        if !self.shared.snapshot().pins(tenant).any(|pin| pin.id == id) {
            return Ok(false);
        }
        let edit = Edit { unpin: vec![id], ..Edit::default() };
        let committed = self.commit(&mut seq, &edit).await?;
        self.shared.apply(committed, &edit, Vec::new());
        info!(%id, %tenant, "took a pin away");
        Ok(true)
    }
}
