//! The words about clocks: repairs, and remarks about what was left alone.

use model::SpanId;

use super::clocks::Clocks;
use super::crossings::{Crossing, Crossings, what_it_says};
use super::readings::{OneTrace, Reading, Shift, ShiftedBy};
use crate::clock::Interval;
use crate::evidence::{duration, list, quote};
use crate::forest::Node;
use crate::{ClockShift, Offset, Remark, RemarkReason, Repair, RepairKind, ShiftSource, Source, SpanInput, confidence};

/// One clock, in the trace that it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Subject<'s, 'a> {
    pub(super) clocks: &'s Clocks<'a>,
    pub(super) clock: usize,
    pub(super) crossings: &'s Crossings,
    pub(super) nodes: &'s [Node<'a>],
}

impl<'a> Subject<'_, 'a> {
    /// The repair that moves the members of the clock.
    pub(super) fn repair(&self, members: &[usize], shift: &Shift<'_>) -> Repair {
        let (host, reference) = (quote(self.host()), quote(self.reference()));
        let (way, direction) = if shift.ns > 0 { ("behind", "later") } else { ("ahead of", "earlier") };
        let size = duration(shift.ns.saturating_abs());
        let spans = if members.len() == 1 { "1 span is".to_owned() } else { format!("{} spans are", members.len()) };
        let (method, evidence, confidence) = match shift.by {
            ShiftedBy::ManyTraces(offset) => (
                "calls bound the offset of the clocks of their two hosts; it lies where most calls of the hour agree",
                many_traces(offset),
                offset.confidence(),
            ),
            ShiftedBy::OneTrace(found) => (
                "no other traces tell, so the offset is taken with which this trace's spans fit into their parents",
                one_trace(found),
                confidence::one_trace(found.calls, found.crossings, found.error_ns.is_some()),
            ),
        };
        Repair {
            kind: RepairKind::ClockSkew,
            span_ids: members.iter().map(|&member| self.nodes[member].span_id).collect(),
            before: format!("{spans} by the clock of {host}, which is {size} {way} that of {reference}"),
            after: format!("all spans of {host} are shown {size} {direction}"),
            method,
            evidence,
            confidence,
        }
    }

    /// The same in numbers.
    pub(super) fn in_numbers(&self, shift: &Shift<'_>) -> ClockShift<'a> {
        let (error_ns, pairs, source) = match shift.by {
            ShiftedBy::ManyTraces(offset) => (Some(offset.error_ns), offset.pairs, ShiftSource::ManyTraces),
            ShiftedBy::OneTrace(found) => {
                (found.error_ns, u64::try_from(found.crossings).unwrap_or(u64::MAX), ShiftSource::OneTrace)
            }
        };
        ClockShift { host: self.host(), reference: self.reference(), shift_ns: shift.ns, error_ns, pairs, source }
    }

    /// What is to be said about the clock although, or because, nothing is moved for it.
    pub(super) fn remark(&self, reading: &Reading) -> Option<Remark> {
        let (span_ids, reason, evidence) = match reading {
            Reading::InStep | Reading::Coarse(_) | Reading::OneTrace(_) => return None,
            Reading::ManyTraces { offset, .. } => {
                (self.unexplained_by(offset), RemarkReason::NotWaitedFor, many_traces(offset))
            }
            Reading::Contradiction { agreeing, crossings } => {
                let evidence = format!("only {agreeing} of {crossings} spans with their parents on another host agree");
                (self.children(|crossing| crossing.is_outside()), RemarkReason::Contradiction, vec![evidence])
            }
            Reading::Alone(found) => {
                let size = duration(found.offset_ns.saturating_abs());
                let evidence = format!(
                    "one span alone is too late for its parent: the clock is off by {size}, or nobody waited for it, and \
                     no other span tells which"
                );
                (self.children(|crossing| crossing.is_outside()), RemarkReason::TooLittle, vec![evidence])
            }
            &Reading::BeyondLimit { ref found, limit_ns } => {
                let shift_ns = found.offset_ns.saturating_neg();
                let (size, limit) = (duration(shift_ns.saturating_abs()), duration(limit_ns));
                let mut evidence = one_trace(found);
                evidence.push(format!("the offset would be {size}, and one trace alone is trusted up to {limit}"));
                let reason = RemarkReason::BeyondLimit { shift_ns, limit_ns };
                (self.children(|crossing| crossing.is_outside()), reason, evidence)
            }
        };
        if span_ids.is_empty() {
            return None;
        }
        let host = quote(self.host());
        let who = match span_ids.len() {
            1 => "1 span stands outside of its parent's time".to_owned(),
            spans => format!("{spans} spans stand outside of their parents' time"),
        };
        let noticed = format!("{who}, on host {host} or called from it");
        Some(Remark { kind: RepairKind::ClockSkew, span_ids, noticed, reason, evidence })
    }

    fn host(&self) -> &'a str {
        self.clocks.hosts[self.clock]
    }

    fn reference(&self) -> &'a str {
        self.clocks.hosts[self.clocks.reference]
    }

    /// The calls that do not fit the offset. It is known relative to the reference, so only calls from or to that can
    /// be held against it.
    fn unexplained_by(&self, offset: &Offset) -> Vec<SpanId> {
        self.children(|crossing| {
            crossing.is_call
                && crossing.other(self.clock) == self.clocks.reference
                && !crossing.seen_by(self.clock).overlaps(offset.interval())
        })
    }

    fn children(&self, is_meant: impl Fn(&Crossing) -> bool) -> Vec<SpanId> {
        let meant = self.crossings.of(self.clock).filter(|&crossing| is_meant(crossing));
        meant.map(|crossing| self.nodes[crossing.child].span_id).collect()
    }
}

/// Calls whose server stands outside its client's time by more than `in_step`, and of which a side does not say on which host it was.
pub(super) fn unknown_hosts(nodes: &[Node<'_>], spans: &[SpanInput<'_>], in_step: Interval) -> Option<Remark> {
    let host = |node: &Node<'_>| match node.source {
        Source::Arrived(span) => spans[span].host,
        Source::Phantom { .. } | Source::Logged { .. } => "",
    };
    let mut outside: Vec<&Node<'_>> = Vec::new();
    for child in nodes {
        let Some(parent) = child.parent.map(|parent| &nodes[parent]) else { continue };
        let (says, is_call) = what_it_says(parent, child, spans);
        let is_unknown = host(parent).is_empty() || host(child).is_empty();
        if is_call && is_unknown && says.lower_ns != i64::MIN && !says.overlaps(in_step) {
            outside.push(child);
        }
    }
    if outside.is_empty() {
        return None;
    }
    outside.sort_by(|a, b| a.place(b));
    let span_ids: Vec<SpanId> = outside.iter().map(|node| node.span_id).collect();
    Some(Remark {
        kind: RepairKind::ClockSkew,
        noticed: format!("servers stand outside of their clients' time: {}", list(span_ids.iter(), ", ")),
        span_ids,
        reason: RemarkReason::UnknownHost,
        evidence: vec!["their resources name neither node nor host, so whose clock is off cannot be said".to_owned()],
    })
}

fn many_traces(offset: &Offset) -> Vec<String> {
    let Offset { pairs, agreeing_percent, sampled, error_ns, .. } = offset;
    let way = match offset.via.is_empty() {
        true => "between the two hosts".to_owned(),
        false => format!("by way of {}", list(offset.via.iter().map(|host| quote(host)), ", ")),
    };
    vec![
        format!("{pairs} calls {way} about that time; by a sample of {sampled}, {agreeing_percent} % of all agree"),
        format!("they leave an error of ± {}", duration(*error_ns)),
    ]
}

fn one_trace(found: &OneTrace) -> Vec<String> {
    let OneTrace { error_ns, agreeing, crossings, calls, .. } = *found;
    let error = match error_ns {
        Some(error_ns) => format!("they leave an error of ± {}", duration(error_ns)),
        None => "they bound the offset on one side only: it is at least so large".to_owned(),
    };
    vec![
        format!(
            "{agreeing} of {crossings} spans of this trace whose parent is on another host agree; {calls} of these \
             are the two sides of a call"
        ),
        error,
    ]
}
