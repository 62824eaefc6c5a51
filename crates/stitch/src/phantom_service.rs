//! Which service an absent parent belongs to, and on what evidence.
//!
//! Asked in this order, and the first that answers is believed:
//!
//! 1. A child that is not the receiving side of a call began in its parent's process.
//! 2. The receiving side of a call names the address that called it, and one service had that at the time.
//! 3. The operation that was called has a usual caller.

use crate::evidence::{list, quote};
use crate::{SpanInput, SpanKind, Surroundings, confidence};

/// Which service the absent parent belongs to, and why.
pub(crate) struct Origin<'a> {
    /// `None` where nothing tells.
    pub(crate) service: Option<&'a str>,
    /// The facts; at least one.
    pub(crate) evidence: Vec<String>,
    /// How sure it is that the parent existed, and was of this service if one is named.
    pub(crate) confidence: f64,
}

impl<'a> Origin<'a> {
    /// The origin of the parent that all of these spans name.
    pub(crate) fn of<'s>(children: &[&'s SpanInput<'a>], surroundings: &Surroundings<'a>) -> Self
    where
        'a: 's,
    {
        let by_kind = match local_service(children) {
            Ok(origin) => return origin,
            Err(evidence) => evidence,
        };
        if let Some(origin) = by_address(children, surroundings).or_else(|| by_usual_caller(children, surroundings)) {
            return origin;
        }
        Self { service: None, evidence: vec![by_kind.to_owned()], confidence: confidence::MISSING_PARENT }
    }
}

/// The service in whose process children began, or why none is known.
fn local_service<'a>(children: &[&SpanInput<'a>]) -> Result<Origin<'a>, &'static str> {
    // A span without a service is no evidence of one.
    let local: Vec<&&SpanInput<'a>> =
        children.iter().filter(|child| child.kind.begins_in_parents_process() && !child.service.is_empty()).collect();
    let Some(service) = local.first().map(|child| child.service) else {
        return Err(match children.iter().any(|child| child.kind.is_receiving()) {
            true => "its children are the receiving sides of calls: the caller is another process",
            false => "its children do not say by their kinds where they began",
        });
    };
    if local.iter().any(|child| child.service != service) {
        return Err("its children began in the processes of different services");
    }
    let evidence = format!(
        "internal, client and producer spans begin in their parent's process, and those among its children \
         ({} of {}) are of {}",
        local.len(),
        children.len(),
        quote(service)
    );
    Ok(Origin { service: Some(service), evidence: vec![evidence], confidence: confidence::MISSING_PARENT_WITH_SERVICE })
}

/// The service that had the addresses from which the children were called.
fn by_address<'a>(children: &[&SpanInput<'a>], surroundings: &Surroundings<'a>) -> Option<Origin<'a>> {
    let book = surroundings.addresses?;
    // Of a message this is the broker's, not the sender's.
    let called = children.iter().filter(|child| child.kind == SpanKind::Server);
    let found: Vec<(&str, &'a str)> = called
        .filter_map(|child| {
            let mut addresses = child.caller_addresses.into_iter().filter(|address| !address.is_empty());
            addresses.find_map(|address| book.holder(address, child.start).map(|holder| (address, &*holder.service)))
        })
        .collect();
    let service = one_of(found.iter().map(|&(_, service)| service))?;
    let addresses = list(found.iter().map(|&(address, _)| quote(address)), ", ");
    let evidence = format!("its children were called from {addresses}, then the address of {}", quote(service));
    Some(Origin { service: Some(service), evidence: vec![evidence], confidence: confidence::MISSING_PARENT_BY_ADDRESS })
}

/// The service that usually calls what the children are.
fn by_usual_caller<'a>(children: &[&SpanInput<'a>], surroundings: &Surroundings<'a>) -> Option<Origin<'a>> {
    let callers = surroundings.callers?;
    let called = children.iter().filter(|child| child.kind.is_receiving());
    let usual = called.filter_map(|child| Some((child, callers.usual(child.service, child.name)?)));
    let usual: Vec<_> = usual.collect();
    let service = one_of(usual.iter().map(|(_, caller)| caller.service))?;
    // The weakest of them: that several were called from one place is no further evidence of which.
    let confidences = usual.iter().map(|(_, caller)| confidence::usual_caller(caller.calls, caller.of_calls));
    let evidence = usual.iter().map(|(child, caller)| {
        let (operation, of) = (quote(child.name), quote(child.service));
        format!("{} of {} calls of {operation} of {of} are by {}", caller.calls, caller.of_calls, quote(service))
    });
    Some(Origin {
        service: Some(service),
        evidence: vec![list(evidence.collect::<Vec<_>>().into_iter(), ", ")],
        confidence: confidences.fold(confidence::MISSING_PARENT, f64::min),
    })
}

/// What all of them are; `None` where there is none, or two differ.
fn one_of<'a>(mut services: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = services.next()?;
    services.all(|service| service == first).then_some(first)
}
