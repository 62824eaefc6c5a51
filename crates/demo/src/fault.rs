//! The switches: what can go wrong in the shop, and what is wrong right now.

use std::sync::Arc;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use tokio::sync::watch;

/// Something that goes wrong in the shop while its switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Payment takes 2 to 4 seconds; checkout gives up after 3.
    PaymentSlow,
    /// Three of ten reservations fail in inventory.
    InventoryErrors,
    /// Checkout's second pod runs a new version that fails every other order.
    BadDeploy,
    /// Shipping stops taking orders from its queue.
    QueueStalled,
    /// Half of inventory's server spans never leave the process.
    LostSpans,
    /// The clock of payment's node is 750 ms behind.
    SkewedClock,
}

impl Fault {
    /// Every fault, in the order in which they are listed.
    pub const ALL: [Fault; 6] = [
        Fault::PaymentSlow,
        Fault::InventoryErrors,
        Fault::BadDeploy,
        Fault::QueueStalled,
        Fault::LostSpans,
        Fault::SkewedClock,
    ];

    /// The name used on the command line and by the control port, such as `payment-slow`.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::PaymentSlow => "payment-slow",
            Fault::InventoryErrors => "inventory-errors",
            Fault::BadDeploy => "bad-deploy",
            Fault::QueueStalled => "queue-stalled",
            Fault::LostSpans => "lost-spans",
            Fault::SkewedClock => "skewed-clock",
        }
    }

    /// One sentence on what happens while the fault is on.
    pub const fn meaning(self) -> &'static str {
        match self {
            Fault::PaymentSlow => "payment takes 2 to 4 s, checkout gives up after 3 s",
            Fault::InventoryErrors => "30 % of the reservations in inventory fail with an exception",
            Fault::BadDeploy => "the second pod of checkout runs a new version that fails half of its orders",
            Fault::QueueStalled => "shipping stops taking orders from the queue, until checkout finds it full",
            Fault::LostSpans => "half of the server spans of inventory are lost, their children are orphans",
            Fault::SkewedClock => "the clock of payment is 750 ms behind",
        }
    }

    /// The fault with this name, if there is one.
    pub fn named(name: &str) -> Option<Fault> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Name and meaning of every fault, for a help text.
pub fn faults() -> [(&'static str, &'static str); 6] {
    Fault::ALL.map(|fault| (fault.name(), fault.meaning()))
}

/// The position of a fault's switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Switch {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Switch::On => "on",
            Switch::Off => "off",
        }
    }
}

impl ValueEnum for Switch {
    fn value_variants<'a>() -> &'a [Self] {
        &[Switch::On, Switch::Off]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// All switches, shared by everything that can misbehave. A clone is the same switchboard.
#[derive(Clone, Debug)]
pub(crate) struct Faults(Arc<watch::Sender<u8>>);

impl Faults {
    /// A switchboard with everything off.
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn switch(&self, fault: Fault, to: Switch) {
        self.0.send_modify(|bits| match to {
            Switch::On => *bits |= fault.bit(),
            Switch::Off => *bits &= !fault.bit(),
        });
    }

    pub(crate) fn position(&self, fault: Fault) -> Switch {
        position(*self.0.borrow(), fault)
    }

    pub(crate) fn is_on(&self, fault: Fault) -> bool {
        self.position(fault) == Switch::On
    }

    /// Returns once the switch of `fault` is in the position `to`, which may be at once.
    pub(crate) async fn reached(&self, fault: Fault, to: Switch) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|bits| position(*bits, fault) == to).await;
    }
}

const fn position(bits: u8, fault: Fault) -> Switch {
    if bits & fault.bit() == 0 { Switch::Off } else { Switch::On }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_moves_only_its_own_fault() {
        for fault in Fault::ALL {
            let faults = Faults::new();
            faults.switch(fault, Switch::On);
            let on: Vec<_> = Fault::ALL.into_iter().filter(|other| faults.is_on(*other)).collect();
            assert_eq!(on, [fault]);
            faults.switch(fault, Switch::Off);
            assert_eq!(faults.position(fault), Switch::Off);
        }
    }

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::ALL {
            assert_eq!(Fault::named(fault.name()), Some(fault));
        }
        assert_eq!(Fault::named("payment_slow"), None);
    }
}
