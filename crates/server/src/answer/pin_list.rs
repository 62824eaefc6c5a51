//! The bodies of `/api/v1/pins`.

use protocol::{Pin, PinsAnswer};

/// The pins, in the order given.
pub(crate) fn pins_answer<'a>(pins: impl Iterator<Item = &'a store::Pin>) -> PinsAnswer {
    PinsAnswer { pins: pins.map(pin_answer).collect() }
}

/// One pin.
pub(crate) fn pin_answer(pin: &store::Pin) -> Pin {
    let store::Pin { id, asked: store::NewPin { tenant: _, range, reason, expires }, created } = pin;
    Pin {
        id: id.get(),
        from: range.from.to_string(),
        to: range.to.to_string(),
        reason: reason.clone(),
        created: created.to_string(),
        expires: expires.map(|expires| expires.to_string()),
    }
}
