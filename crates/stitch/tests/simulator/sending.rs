//! What arrives of what was lived: by clocks that are off, and lost, twice, or under another id.

use model::{SpanId, UnixNanos};
use stitch::{LogMention, SpanInput};

use super::life::Lived;
use super::random::Random;
use super::world::{Clock, MICRO, MILLI};

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
    /// Whether its span was opened after what is below it.
    pub(crate) is_late: bool,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything arrives, once.
    Whole,
    /// Roots are opened late; spans are lost (also all of a service, while its logs stay), delivered twice, sent while they run, and given other ids.
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
        sent.push(Sent { lived: index, id: span.id, parent, start, duration, received: 0, is_late: false });
    }
    if way == Way::Damaged {
        open_late(&mut sent, lived, random);
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

/// Now and then a root's span is opened when what is below it has begun.
fn open_late(sent: &mut [Sent], lived: &[Lived], random: &mut Random) {
    let children = || lived.iter().filter(|span| span.parent == Some(0) && span.node == lived[0].node);
    let Some(first) = children().map(|span| span.start).min() else { return };
    let late = first - lived[0].start + random.between(100 * MICRO, 20 * MILLI);
    if random.percent(15.0) && late < lived[0].end - lived[0].start {
        let root = &mut sent[0];
        (root.start, root.duration, root.is_late) = (root.start + late, root.duration - late, true);
    }
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

/// One log record as it arrived. None is lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logged {
    /// During which lived span it was written.
    pub(crate) lived: usize,
    named: Option<u64>,
    time: i64,
}

/// The log records of a trace: of some spans, mostly with an id. What makes no spans itself logs the id that it was called
/// with, and of any service that may be so.
pub(crate) fn log(lived: &[Lived], clocks: &[Clock], random: &mut Random) -> Vec<Logged> {
    let names_callers = random.percent(50.0);
    let mut logged = Vec::new();
    for (number, span) in lived.iter().enumerate() {
        if !random.percent(60.0) {
            continue;
        }
        let time = random.between(span.start, span.end + 1);
        let mut caller = Some(number);
        while let Some(within) = caller.filter(|&within| lived[within].service == span.service) {
            caller = lived[within].parent;
        }
        let named = if names_callers { caller } else { Some(number) };
        let named = named.filter(|_| random.percent(80.0)).map(|named| lived[named].id);
        logged.push(Logged { lived: number, named, time: HOUR + time + clocks[span.node].offset_ns(time) });
    }
    logged
}

/// As stitching is given them.
pub(crate) fn mentions<'l>(logged: &[Logged], lived: &'l [Lived], clocks: &'l [Clock]) -> Vec<LogMention<'l>> {
    let mention = |record: &Logged| {
        let span = &lived[record.lived];
        LogMention {
            service: &span.service,
            host: &clocks[span.node].node,
            span_id: record.named.map(span_id),
            time: UnixNanos::new(record.time),
        }
    };
    logged.iter().map(mention).collect()
}

pub(crate) fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&number.to_be_bytes()).expect("ids are odd")
}
