//! Whether a repair is right. One definition for each kind:
//!
//! | kind | right where |
//! |---|---|
//! | `duplicate_span` | all copies under the id are of one lived span (of a shared id: of its two sides) |
//! | `shared_span_id` | the server was lived as the child of that client |
//! | `missing_parent` | the span that was lived under the id did not arrive under it, and the service, if one is named, is its own |
//! | `parent_cycle` | the span was lived as a root |
//! | `clock_skew` | the shift is as far from the true offset of the two nodes when the trace began as its error allows; without an error, the true offset is of the same sign, at least as large, and at most twice |
//! | `late_root` | the root was opened late |
//! | `log_only_service` | no span of the service arrived, and its records were written below the row it hangs on: one of them below a span that it was hung on by name, all of them below the top of a tree |
//!
//! The simulator's clocks are set between spans, not within them, so nothing is said about `negative_duration`.

use std::collections::BTreeSet;

use model::SpanId;
use stitch::{ClockShift, Repair, RepairKind, Row, ShiftSource, Source, SpanKind, Story};

use super::life::Lived;
use super::sending::{Logged, Sent, span_id};
use super::world::Clock;

/// One repair, judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) subject: &'static str,
    pub(crate) confidence: f64,
    pub(crate) is_right: bool,
}

/// What truly happened, for judging.
#[derive(Clone, Copy)]
pub(crate) struct Truth<'t> {
    pub(crate) lived: &'t [Lived],
    pub(crate) sent: &'t [Sent],
    pub(crate) logged: &'t [Logged],
    pub(crate) clocks: &'t [Clock],
}

impl Truth<'_> {
    /// A verdict on each repair of a story.
    pub(crate) fn judge(&self, story: &Story<'_>) -> Vec<Verdict> {
        let mut shifts = story.shifts.iter();
        let mut verdicts = Vec::new();
        for repair in &story.repairs {
            let (subject, is_right) = match repair.kind {
                RepairKind::DuplicateSpan => ("duplicate_span", self.is_one_span(repair.span_ids[0])),
                RepairKind::SharedSpanId => ("shared_span_id", self.are_two_sides(repair.span_ids[0])),
                RepairKind::MissingParent => self.judge_phantom(repair, story),
                RepairKind::ParentCycle => ("parent_cycle", self.is_root(repair.span_ids[0])),
                RepairKind::ClockSkew => {
                    let shift = shifts.next().expect("each repair of a clock has its shift");
                    (subject_of(shift, repair), self.is_off_by(shift))
                }
                RepairKind::LateRoot => ("late_root", self.is_late(repair.span_ids[0])),
                RepairKind::LogOnlyService => self.judge_logged(repair, story),
                RepairKind::NegativeDuration => panic!("no span of the simulator ends before it starts"),
            };
            verdicts.push(Verdict { subject, confidence: repair.confidence, is_right });
        }
        verdicts
    }

    fn copies(&self, id: SpanId) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(move |copy| span_id(copy.id) == id)
    }

    fn is_one_span(&self, id: SpanId) -> bool {
        let lived: BTreeSet<usize> = self.copies(id).map(|copy| copy.lived).collect();
        lived.len() == 1 || (lived.len() == 2 && self.are_two_sides(id))
    }

    fn are_two_sides(&self, id: SpanId) -> bool {
        let lived: Vec<usize> = self.copies(id).map(|copy| copy.lived).collect();
        let is_server_of = |server: &&usize| lived.iter().any(|client| self.lived[**server].parent == Some(*client));
        lived.iter().any(|server| self.lived[*server].kind == SpanKind::Server && is_server_of(&server))
    }

    fn is_root(&self, id: SpanId) -> bool {
        self.copies(id).all(|copy| self.lived[copy.lived].parent.is_none())
    }

    /// Whose parent it stood for is told by its children: where ids are shared, two lived spans have one.
    fn judge_phantom(&self, repair: &Repair, story: &Story<'_>) -> (&'static str, bool) {
        let phantom = story.rows.iter().position(|row| row.span_id == repair.span_ids[0]).expect("a phantom has a row");
        let Source::Phantom { service } = story.rows[phantom].source else { panic!("an absent span has no copy") };
        let children = story.rows.iter().filter(|row| row.parent == Some(phantom)).filter_map(arrived);
        let parents: Vec<Option<&Lived>> =
            children.map(|copy| self.lived[self.sent[copy].lived].parent.map(|parent| &self.lived[parent])).collect();
        let is_right = parents.iter().flatten().count() == parents.len()
            && parents.iter().flatten().all(|parent| service.is_none_or(|service| parent.service == service));
        let evidence = repair.evidence.last().map_or("", String::as_str);
        let subject = match service {
            None => "missing_parent, no service",
            Some(_) if evidence.contains("address") => "missing_parent, by address",
            Some(_) if evidence.contains("calls of") => "missing_parent, by usual caller",
            Some(_) => "missing_parent, by kind",
        };
        (subject, is_right)
    }

    fn is_late(&self, id: SpanId) -> bool {
        self.copies(id).any(|copy| copy.is_late)
    }

    fn judge_logged(&self, repair: &Repair, story: &Story<'_>) -> (&'static str, bool) {
        let row = story.rows.iter().find(|row| row.span_id == repair.span_ids[0]).expect("a service has a row");
        let Source::Logged { service } = row.source else { panic!("no span is of a service that only logged") };
        let is_only_logged = self.sent.iter().all(|copy| self.lived[copy.lived].service != service);
        let records = || self.logged.iter().filter(|record| self.lived[record.lived].service == service);
        let subject = match repair.after.as_str() {
            after if after.contains("which they name") => "log_only_service, below named",
            after if after.contains("earliest tree") => "log_only_service, within tree",
            _ => "log_only_service, alone",
        };
        let Some(parent) = row.parent else { return (subject, is_only_logged && records().count() > 0) };
        let above = self.lived_as(parent, story);
        let is_below = |record: &Logged| above.iter().any(|&above| self.is_ancestor(above, record.lived));
        (
            subject,
            is_only_logged
                && if subject.ends_with("named") { records().any(is_below) } else { records().all(is_below) },
        )
    }

    /// Which lived span a row is; of a phantom, whom its children had as their parent.
    fn lived_as(&self, row: usize, story: &Story<'_>) -> Vec<usize> {
        match arrived(&story.rows[row]) {
            Some(copy) => vec![self.sent[copy].lived],
            None => {
                let children = story.rows.iter().filter(|child| child.parent == Some(row)).filter_map(arrived);
                children.filter_map(|copy| self.lived[self.sent[copy].lived].parent).collect()
            }
        }
    }

    fn is_ancestor(&self, above: usize, below: usize) -> bool {
        std::iter::successors(Some(below), |&span| self.lived[span].parent).any(|span| span == above)
    }

    fn is_off_by(&self, shift: &ClockShift<'_>) -> bool {
        let clock = |host: &str| self.clocks.iter().find(|clock| clock.node == host).expect("a host is a node");
        let began = self.lived[0].start;
        let offset = clock(shift.host).offset_ns(began) - clock(shift.reference).offset_ns(began);
        match shift.error_ns {
            Some(error_ns) => (shift.shift_ns + offset).abs() <= error_ns,
            None => {
                let least = shift.shift_ns.abs();
                shift.shift_ns.signum() == -offset.signum() && (least..=2 * least).contains(&offset.abs())
            }
        }
    }
}

fn subject_of(shift: &ClockShift<'_>, repair: &Repair) -> &'static str {
    match (shift.source, shift.error_ns) {
        (ShiftSource::ManyTraces, _) if repair.evidence[0].contains("by way of") => "clock_skew, chain",
        (ShiftSource::ManyTraces, _) => "clock_skew, many traces",
        (ShiftSource::OneTrace, None) => "clock_skew, one trace, least",
        (ShiftSource::OneTrace, _) if repair.evidence[0].contains("; 0 of these") => "clock_skew, one trace, no call",
        (ShiftSource::OneTrace, _) if repair.confidence > 0.84 => "clock_skew, one trace, calls",
        (ShiftSource::OneTrace, _) => "clock_skew, one trace, call",
    }
}

fn arrived(row: &Row<'_>) -> Option<usize> {
    match row.source {
        Source::Arrived(copy) => Some(copy),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    }
}
