//! Repair `duplicate_span`: one id arrived more than once. The newest copy is shown, and the ledger says whether it
//! hides anything.

use crate::arrivals::{Arrivals, Copies};
use crate::{Repair, RepairKind, SpanInput, confidence};

/// One repair for each id with copies that are not shown.
pub(crate) fn repairs(arrivals: &Arrivals<'_, '_>) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (group, shown) in arrivals.groups() {
        let hidden: Vec<usize> = group.iter().copied().filter(|&copy| !shown.contains(copy)).collect();
        if !hidden.is_empty() {
            repairs.push(repair(arrivals.spans(), &hidden, shown));
        }
    }
    repairs
}

fn repair(spans: &[SpanInput<'_>], hidden: &[usize], shown: Copies) -> Repair {
    let mut differences = Differences::default();
    for &copy in hidden {
        differences.add(&spans[copy], &spans[counterpart(spans, copy, shown)]);
    }
    let (arrived, after) = match shown {
        Copies::One(_) => (hidden.len() + 1, "the copy received last is shown"),
        Copies::Shared { .. } => (hidden.len() + 2, "of each side of the call, the copy received last is shown"),
    };
    Repair {
        kind: RepairKind::DuplicateSpan,
        span_ids: vec![spans[hidden[0]].span_id],
        before: format!("{arrived} copies of one span arrived"),
        after: after.to_owned(),
        method: "one span id in one trace is one span; what was received last is the sender's last word",
        evidence: differences.evidence(hidden.len()),
        confidence: differences.confidence(),
    }
}

/// The shown copy that a hidden one is a copy of.
fn counterpart(spans: &[SpanInput<'_>], hidden: usize, shown: Copies) -> usize {
    match shown {
        Copies::One(newest) => newest,
        Copies::Shared { client, .. } if spans[hidden].kind == spans[client].kind => client,
        Copies::Shared { server, .. } => server,
    }
}

/// In how many hidden copies each field differs from the shown one.
#[derive(Default)]
struct Differences {
    differing_copies: usize,
    by_field: [usize; FIELDS.len()],
}

/// The fields that are compared. The first [`PASSING_FIELDS`] of them may change while a span runs.
const FIELDS: [&str; 7] = ["duration", "status", "name", "parent", "start", "kind", "service"];
const PASSING_FIELDS: usize = 3;

impl Differences {
    fn add(&mut self, hidden: &SpanInput<'_>, shown: &SpanInput<'_>) {
        let differs = [
            hidden.duration_ns != shown.duration_ns,
            hidden.is_error != shown.is_error,
            hidden.name != shown.name,
            hidden.parent_span_id != shown.parent_span_id,
            hidden.start != shown.start,
            hidden.kind != shown.kind,
            hidden.service != shown.service,
        ];
        self.differing_copies += usize::from(differs.contains(&true));
        for (count, differs) in self.by_field.iter_mut().zip(differs) {
            *count += usize::from(differs);
        }
    }

    fn evidence(&self, hidden: usize) -> Vec<String> {
        if self.differing_copies == 0 {
            return vec![format!("the copies agree in {}", FIELDS.join(", "))];
        }
        let fields: Vec<&str> =
            FIELDS.into_iter().zip(self.by_field).filter(|&(_, copies)| copies > 0).map(|(field, _)| field).collect();
        let who = match hidden {
            1 => "the hidden copy differs".to_owned(),
            _ => format!("{} of {hidden} hidden copies differ", self.differing_copies),
        };
        let mut evidence = vec![format!("{who} from the shown one in {}", fields.join(", "))];
        if self.conflicts() {
            let lasting = FIELDS[PASSING_FIELDS..].join(", ");
            evidence
                .push(format!("a running span does not change its {lasting}: two spans may have one id by accident"));
        }
        evidence
    }

    fn confidence(&self) -> f64 {
        match self.differing_copies {
            0 => confidence::DUPLICATE_AGREES,
            _ if self.conflicts() => confidence::DUPLICATE_CONFLICTS,
            _ => confidence::DUPLICATE_CONTINUES,
        }
    }

    fn conflicts(&self) -> bool {
        self.by_field[PASSING_FIELDS..].iter().any(|&copies| copies > 0)
    }
}
