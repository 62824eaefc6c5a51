//! What truly happened in one trace: made up in a world, or recorded from a running shop.

use std::collections::HashMap;

use stitch::SpanKind;

use super::random::Random;
use super::world::{Clock, Clocks, MICRO, MILLI, SECOND, Step, World};

/// One span as it was lived, by true time.
#[derive(Clone, Debug)]
pub(crate) struct Lived {
    /// Its id, which its client may have, too.
    pub(crate) id: u64,
    /// Index of its parent.
    pub(crate) parent: Option<usize>,
    pub(crate) service: String,
    /// Index of the node's clock.
    pub(crate) node: usize,
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// Where it was called from, if it says.
    pub(crate) caller_address: String,
    pub(crate) has_links: bool,
}

/// Traces of 100 spans end here; those of a shop are mostly smaller.
const SPANS_MAX: usize = 100;

/// One trace of a world, which began at `at`.
pub(crate) fn live(world: &World, at: i64, random: &mut Random) -> Vec<Lived> {
    let mut life = Life { world, random, spans: Vec::new() };
    let operation = life.random.below(world.services[0].operations.len());
    life.serve((0, operation), Arrival { at, parent: None, id: None, kind: SpanKind::Server, from: String::new() });
    life.spans
}

struct Life<'w> {
    world: &'w World,
    random: &'w mut Random,
    spans: Vec<Lived>,
}

/// How a call or message arrives.
struct Arrival {
    at: i64,
    parent: Option<usize>,
    id: Option<u64>,
    kind: SpanKind,
    from: String,
}

/// Who is calling.
#[derive(Clone, Copy)]
struct Caller {
    service: usize,
    pod: usize,
    span: usize,
}

impl Life<'_> {
    /// Lives an operation and says when it ended. Services call only those below them, so this ends.
    fn serve(&mut self, (service, operation): (usize, usize), arrival: Arrival) -> i64 {
        let Arrival { at, parent, id, kind, from } = arrival;
        let pod = self.random.below(self.world.services[service].pods.len());
        let name = self.world.services[service].operations[operation].name.clone();
        let span = self.begin(service, pod, (parent, kind, name), at);
        self.spans[span].id = id.unwrap_or(self.spans[span].id);
        self.spans[span].caller_address = from;
        let caller = Caller { service, pod, span };
        let mut now = at + self.work();
        let steps = self.world.services[service].operations[operation].steps.clone();
        for step in steps {
            now = if self.spans.len() >= SPANS_MAX { now } else { self.step(&step, caller, now) } + self.work();
        }
        self.spans[span].end = now;
        now
    }

    fn step(&mut self, step: &Step, caller: Caller, now: i64) -> i64 {
        match step {
            Step::Work => {
                let span =
                    self.begin(caller.service, caller.pod, (Some(caller.span), SpanKind::Internal, "work".into()), now);
                self.spans[span].end = now + self.work();
                self.spans[span].end
            }
            Step::Call(target) => self.call(*target, caller, now),
            Step::CallAll(targets) => {
                let ends: Vec<i64> = targets.iter().map(|&target| self.call(target, caller, now)).collect();
                ends.into_iter().max().unwrap_or(now)
            }
            Step::Send(target) => {
                let name = format!("send {}", target.0);
                let producer =
                    self.begin(caller.service, caller.pod, (Some(caller.span), SpanKind::Producer, name), now);
                let sent = now + 20 * MICRO + self.random.waiting(300 * MICRO);
                self.spans[producer].end = sent;
                let at = sent + MILLI + self.random.waiting(SECOND);
                let arrival =
                    Arrival { at, parent: Some(producer), id: None, kind: SpanKind::Consumer, from: String::new() };
                self.serve(*target, arrival);
                sent
            }
            Step::Ask(target) => {
                let client = self.client(*target, caller, now);
                let answered = now + 2 * self.way();
                self.spans[client].end = answered;
                // Taken from a queue at some time after the answer.
                let at = answered + self.random.waiting(20 * MILLI);
                let from = self.address(caller);
                self.serve(*target, Arrival { at, parent: Some(client), id: None, kind: SpanKind::Server, from });
                answered
            }
        }
    }

    /// A call that is waited for, or abandoned and made again.
    fn call(&mut self, target: (usize, usize), caller: Caller, now: i64) -> i64 {
        let from = self.address(caller);
        if self.world.services[caller.service].has_no_clients {
            let at = now + self.way();
            let arrival = Arrival { at, parent: Some(caller.span), id: None, kind: SpanKind::Server, from };
            return self.serve(target, arrival) + self.way();
        }
        let client = self.client(target, caller, now);
        let id = self.world.services[target.0].shares_ids.then(|| self.spans[client].id);
        let at = now + self.way();
        let end =
            self.serve(target, Arrival { at, parent: Some(client), id, kind: SpanKind::Server, from }) + self.way();
        if self.random.percent(2.0) {
            // Its patience ended before the answer came.
            let abandoned = at + (end - at) / 2;
            self.spans[client].end = abandoned;
            return if self.spans.len() < SPANS_MAX { self.retry(target, caller, abandoned) } else { abandoned };
        }
        self.spans[client].end = end;
        end
    }

    fn retry(&mut self, target: (usize, usize), caller: Caller, now: i64) -> i64 {
        let client = self.client(target, caller, now);
        let (at, from) = (now + self.way(), self.address(caller));
        let arrival = Arrival { at, parent: Some(client), id: None, kind: SpanKind::Server, from };
        self.spans[client].end = self.serve(target, arrival) + self.way();
        self.spans[client].end
    }

    fn client(&mut self, target: (usize, usize), caller: Caller, now: i64) -> usize {
        let name = self.world.services[target.0].operations[target.1].name.clone();
        self.begin(caller.service, caller.pod, (Some(caller.span), SpanKind::Client, name), now)
    }

    fn begin(
        &mut self,
        service: usize,
        pod: usize,
        (parent, kind, name): (Option<usize>, SpanKind, String),
        start: i64,
    ) -> usize {
        self.spans.push(Lived {
            id: self.random.next() | 1,
            parent,
            service: self.world.services[service].name.clone(),
            node: self.world.services[service].pods[pod].node,
            name,
            kind,
            start,
            end: start,
            caller_address: String::new(),
            has_links: false,
        });
        self.spans.len() - 1
    }

    /// Most servers say where a call came from; some sit behind a proxy, whose address nobody knows.
    fn address(&mut self, caller: Caller) -> String {
        match self.random.below(10) {
            0 => "192.168.0.1".to_owned(),
            1 => String::new(),
            _ => self.world.services[caller.service].pods[caller.pod].address.clone(),
        }
    }

    fn work(&mut self) -> i64 {
        10 * MICRO + self.random.waiting(2 * MILLI)
    }

    /// How long a packet takes. Now and then one is lost and sent again.
    fn way(&mut self) -> i64 {
        let slow = if self.random.percent(3.0) { 20 * MILLI } else { 0 };
        60 * MICRO + self.random.waiting(200 * MICRO) + slow
    }
}

/// Traces of the demo shop that were recorded on one machine, so that all of its nodes had one clock; and its nodes
/// with clocks as drawn.
pub(crate) fn recorded(clocks: Clocks, random: &mut Random) -> (Vec<Vec<Lived>>, Vec<Clock>) {
    let mut nodes: Vec<Clock> = Vec::new();
    let traces = include_str!("recorded.txt").split("\n\n").map(|trace| {
        let mut spans: Vec<Lived> = Vec::new();
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        for line in trace.lines() {
            let words: Vec<&str> = line.splitn(9, ' ').collect();
            let [id, parent, kind, service, node, start, duration, links, name] = words[..] else {
                panic!("{line:?} is not a recorded span")
            };
            let number = |text: &str| text.parse::<i64>().expect("a number of nanoseconds");
            let node_index = nodes.iter().position(|clock| clock.node == node).unwrap_or_else(|| {
                nodes.push(Clock::draw(node.to_owned(), clocks, random));
                nodes.len() - 1
            });
            by_id.insert(id, spans.len());
            spans.push(Lived {
                id: u64::from_str_radix(id, 16).expect("an id"),
                parent: by_id.get(parent).copied(),
                service: service.to_owned(),
                node: node_index,
                name: name.to_owned(),
                kind: kind_of(kind),
                start: number(start),
                end: number(start) + number(duration),
                caller_address: String::new(),
                has_links: links == "linked",
            });
        }
        spans
    });
    (traces.collect(), nodes)
}

fn kind_of(text: &str) -> SpanKind {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    let kinds = [Internal, Server, Client, Producer, Consumer];
    kinds.into_iter().find(|kind| kind.as_str() == text).unwrap_or(SpanKind::Unspecified)
}
