//! What arrives of what was lived: by clocks that are off, and lost, twice, or under another id.

use model::{SpanId, UnixNanos};
use stitch::SpanInput;

use super::life::Lived;
use super::random::Random;
use super::world::Clock;

/// When the simulated hour begins: 2026-11-24T06:00:00Z.
pub(crate) const HOUR: i64 = 1_795_500_000_000_000_000;

/// One copy of a span as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Which lived span it is.
    pub(crate) lived: usize,
    pub(crate) id: u64,
    parent: Option<u64>,
    start: i64,
    duration: i64,
    received: u64,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything arrives, once.
    Whole,
    /// Spans are lost (also all of a service), delivered twice, sent while they run, and given other ids.
    Damaged,
}

/// What arrives of a trace.
pub(crate) fn send(lived: &[Lived], clocks: &[Clock], way: Way, random: &mut Random) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    for (index, span) in lived.iter().enumerate() {
        let read = |time: i64| HOUR + time + clocks[span.node].offset_ns(time);
        let start = read(span.start);
        // A process measures with a clock that nobody sets.
        let duration = span.end - span.start;
        let parent = span.parent.map(|parent| lived[parent].id);
        // A server that took its client's id took its parent, too.
        let parent = if parent == Some(span.id) {
            lived[span.parent.expect("a client")].parent.map(|p| lived[p].id)
        } else {
            parent
        };
        sent.push(Sent { lived: index, id: span.id, parent, start, duration, received: 0 });
    }
    if way == Way::Damaged {
        damage(&mut sent, lived, random);
    }
    // In any order.
    for index in (1..sent.len()).rev() {
        sent.swap(index, random.below(index + 1));
    }
    for (order, copy) in sent.iter_mut().enumerate() {
        copy.received = copy.received * 1_000_000 + order as u64;
    }
    sent
}

fn damage(sent: &mut Vec<Sent>, lived: &[Lived], random: &mut Random) {
    let loss = *random.one_of(&[0.0, 5.0, 20.0]);
    let lost_service = random.percent(15.0).then(|| random.one_of(lived).service.clone());
    sent.retain(|copy| !random.percent(loss) && Some(&lived[copy.lived].service) != lost_service.as_ref());
    for index in 0..sent.len() {
        let other = random.below(sent.len());
        let other_id = sent[other].id;
        let copy = &mut sent[index];
        match random.below(200) {
            0..=7 => {
                let again = Sent { received: 1, ..copy.clone() };
                sent.push(again);
            }
            8..=11 => {
                // Sent while it ran: nobody knew yet how long it would take.
                let again = Sent { received: 1, ..copy.clone() };
                copy.duration /= 2;
                sent.push(again);
            }
            12..=14 => copy.id = random.next() | 1,
            15 => copy.id = other_id,
            16 if copy.parent.is_none() => copy.parent = Some(copy.id),
            _ => {}
        }
    }
}

/// As stitching is given it.
pub(crate) fn inputs<'l>(sent: &[Sent], lived: &'l [Lived], clocks: &'l [Clock]) -> Vec<SpanInput<'l>> {
    let input = |copy: &Sent| {
        let span = &lived[copy.lived];
        SpanInput {
            parent_span_id: copy.parent.map(span_id),
            start: UnixNanos::new(copy.start),
            duration_ns: copy.duration,
            kind: span.kind,
            service: &span.service,
            host: &clocks[span.node].node,
            caller_addresses: [&span.caller_address, ""],
            has_links: span.has_links,
            name: &span.name,
            received_order: copy.received,
            ..SpanInput::bare(span_id(copy.id))
        }
    };
    sent.iter().map(input).collect()
}

pub(crate) fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("ids are odd")
}
