//! Many traces of one world, from first to last: each is stitched by what those before it taught.

use stitch::{Repair, Story, Surroundings, Trace, stitch_within};

use super::knowledge::Knowledge;
use super::life::{Lived, live, recorded};
use super::random::Random;
use super::score::Score;
use super::sending::{HOUR, Way, inputs, log, mentions, send};
use super::verdict::Truth;
pub(crate) use super::world::Clocks;
use super::world::{Clock, SECOND, World};

/// Where traces are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Made up, in a world of the seed's.
    MadeUp,
    /// Recorded, over and over.
    Recorded,
}

/// By what a trace is stitched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Informed {
    /// What the traces before it taught.
    ByOthers,
    /// Nothing but itself.
    ByItself,
}

/// How many traces there are in the hour, and from which on they are judged.
const TRACES: usize = 500;
const JUDGED_FROM: usize = 300;

/// An hour of traces.
pub(crate) struct Season {
    random: Random,
    world: World,
    recorded: Vec<Vec<Lived>>,
    clocks: Vec<Clock>,
    knowledge: Knowledge,
}

impl Season {
    pub(crate) fn new(seed: u64, source: Source, clocks: Clocks) -> Self {
        let mut random = Random::new(seed);
        let world = World::draw(clocks, &mut random);
        let knowledge = Knowledge::of(&world);
        let (recorded, clocks) = match source {
            Source::MadeUp => (Vec::new(), world.clocks.clone()),
            Source::Recorded => recorded(clocks, &mut random),
        };
        Self { random, world, recorded, clocks, knowledge }
    }

    /// The verdicts on all repairs of damaged traces.
    pub(crate) fn score(&mut self, informed: Informed) -> Score {
        let mut score = Score::default();
        self.run(Way::Damaged, informed, |story, truth| {
            truth.judge(story).into_iter().for_each(|verdict| score.add(verdict));
        });
        score
    }

    /// The repairs of traces that arrive whole.
    pub(crate) fn repairs_of_whole_traces(&mut self, informed: Informed) -> Vec<Repair> {
        let mut repairs = Vec::new();
        self.run(Way::Whole, informed, |story, _| repairs.extend(story.repairs.iter().cloned()));
        repairs
    }

    fn run(&mut self, way: Way, informed: Informed, mut see: impl FnMut(&Story<'_>, &Truth<'_>)) {
        for number in 0..TRACES {
            let at = number as i64 * 3_600 * SECOND / TRACES as i64 + self.random.between(0, SECOND);
            let lived = self.live(at);
            let sent = send(&lived, &self.clocks, way, &mut self.random);
            let logged = log(&lived, &self.clocks, &mut self.random);
            let spans = inputs(&sent, &lived, &self.clocks);
            let mentions = mentions(&logged, &lived, &self.clocks);
            let received = HOUR + at + 5 * SECOND;
            if number >= JUDGED_FROM {
                let surroundings = match informed {
                    Informed::ByOthers => self.knowledge.surroundings(received),
                    Informed::ByItself => Surroundings::default(),
                };
                let story = stitch_within(Trace { spans: &spans, mentions: &mentions }, &surroundings);
                see(&story, &Truth { lived: &lived, sent: &sent, logged: &logged, clocks: &self.clocks });
            }
            self.knowledge.learn(&spans, received);
        }
    }

    fn live(&mut self, at: i64) -> Vec<Lived> {
        if self.recorded.is_empty() {
            return live(&self.world, at, &mut self.random);
        }
        let mut lived = self.random.one_of(&self.recorded).clone();
        for span in &mut lived {
            span.start += at;
            span.end += at;
        }
        lived
    }
}
