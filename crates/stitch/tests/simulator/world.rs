//! Nodes with their clocks, services with their pods, and who calls whom how.

use super::random::Random;

pub(crate) const MICRO: i64 = 1_000;
pub(crate) const MILLI: i64 = 1_000_000;
pub(crate) const SECOND: i64 = 1_000_000_000;

/// A node's clock: what it reads at a true time.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) node: String,
    /// Ahead at the beginning.
    offset_ns: i64,
    /// Gains so many millionths.
    drift_ppm: i64,
    /// Set by so much at a time, if ever.
    step: Option<(i64, i64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub(crate) node: usize,
    pub(crate) address: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) pods: Vec<Pod>,
    pub(crate) operations: Vec<Operation>,
    /// Gives its server spans the ids of their clients, as Zipkin's libraries do.
    pub(crate) shares_ids: bool,
    /// Its calls have no client spans.
    pub(crate) has_no_clients: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// One thing that an operation does; targets are service and operation.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Work,
    Call((usize, usize)),
    CallAll(Vec<(usize, usize)>),
    /// Puts a message in a queue.
    Send((usize, usize)),
    /// Calls, and has its answer before the work begins.
    Ask((usize, usize)),
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) clocks: Vec<Clock>,
    pub(crate) services: Vec<Service>,
}

/// How wrong clocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clocks {
    /// By less than a packet takes.
    InStep,
    /// Some are off by milliseconds to hours, and drift.
    Off,
}

impl Clock {
    pub(crate) fn draw(node: String, clocks: Clocks, random: &mut Random) -> Self {
        let in_step = Self { node, offset_ns: random.between(-15 * MICRO, 15 * MICRO), drift_ppm: 0, step: None };
        if clocks == Clocks::InStep || random.percent(50.0) {
            return in_step;
        }
        let sizes = [2 * MILLI, 40 * MILLI, 750 * MILLI, 30 * SECOND, 7_200 * SECOND];
        let size = *random.one_of(&sizes);
        let offset_ns = random.between(size / 2, size) * if random.percent(50.0) { 1 } else { -1 };
        let drift_ppm = if random.percent(60.0) { random.between(-50, 51) } else { 0 };
        let step = random.percent(10.0).then(|| (random.between(600, 3_000) * SECOND, -offset_ns));
        Self { offset_ns, drift_ppm, step, ..in_step }
    }

    /// What it is ahead by at a time.
    pub(crate) fn offset_ns(&self, at: i64) -> i64 {
        let step = self.step.filter(|&(when, _)| at >= when).map_or(0, |(_, by)| by);
        self.offset_ns + self.drift_ppm * (at / 1_000_000) + step
    }
}

impl World {
    /// Some services in layers, each calling those below it.
    pub(crate) fn draw(clocks: Clocks, random: &mut Random) -> Self {
        let nodes = 3 + random.below(4);
        let clocks = (0..nodes).map(|node| Clock::draw(format!("node-{node}"), clocks, random)).collect();
        let count = 5 + random.below(6);
        let mut services = Vec::new();
        for service in 0..count {
            let pods = (0..1 + random.below(3))
                .map(|pod| Pod { node: random.below(nodes), address: format!("10.{service}.0.{pod}") });
            let pods = pods.collect();
            let operations = (0..1 + random.below(3)).map(|number| Operation {
                name: format!("GET /{service}/{number}"),
                steps: draw_steps(service, count, random),
            });
            services.push(Service {
                name: format!("service-{service}"),
                operations: operations.collect(),
                pods,
                shares_ids: random.percent(10.0),
                has_no_clients: service > 0 && random.percent(8.0),
            });
        }
        // Targets were drawn before it was known how many operations their services have.
        let operations: Vec<usize> = services.iter().map(|service| service.operations.len()).collect();
        for step in services.iter_mut().flat_map(|service| &mut service.operations).flat_map(|it| &mut it.steps) {
            match step {
                Step::Work => {}
                Step::Call(target) | Step::Send(target) | Step::Ask(target) => target.1 %= operations[target.0],
                Step::CallAll(targets) => targets.iter_mut().for_each(|target| target.1 %= operations[target.0]),
            }
        }
        Self { clocks, services }
    }
}

fn draw_steps(service: usize, count: usize, random: &mut Random) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..1 + random.below(3) {
        if service + 1 >= count {
            steps.push(Step::Work);
            continue;
        }
        let mut target = || (service + 1 + random.below(3.min(count - service - 1)), random.below(3));
        let (first, second) = (target(), target());
        steps.push(match random.below(20) {
            0..=3 => Step::Work,
            4..=13 => Step::Call(first),
            14..=16 => Step::CallAll(vec![first, second]),
            17..=18 => Step::Send(first),
            _ => Step::Ask(first),
        });
    }
    steps
}
