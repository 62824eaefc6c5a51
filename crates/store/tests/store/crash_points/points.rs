//! The steps with a name: the list to edit.

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The process dies.
    Abort,
    /// The disk is full, once.
    Full,
    /// The disk reports an error, once.
    Broken,
}

/// A step with a name.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) name: &'static str,
    can_fail: bool,
    /// What else must fail for the step to be reached, as in `FAILPOINTS`.
    pub(super) after: Option<&'static str>,
}

impl Point {
    pub(super) fn faults(&self) -> &'static [Fault] {
        if self.can_fail { &[Fault::Abort, Fault::Full, Fault::Broken] } else { &[Fault::Abort] }
    }

    const fn after(self, failure: &'static str) -> Self {
        Self { after: Some(failure), ..self }
    }
}

/// A step that can fail.
const fn step(name: &'static str) -> Point {
    Point { name, can_fail: true, after: None }
}

/// A moment between steps, at which a process can only die.
const fn moment(name: &'static str) -> Point {
    Point { name, can_fail: false, after: None }
}

pub(super) const POINTS: &[Point] = &[
    // Starting.
    step("recovery::claim"),
    step("recovery::sweep"),
    step("replay::list"),
    step("replay::read"),
    moment("recovery::frame"),
    step("recovery::set_aside"),
    moment("recovery::frame_set_aside"),
    step("replay::quarantine"),
    moment("replay::copied"),
    step("replay::seal"),
    moment("replay::cut"),
    moment("recovery::replayed"),
    step("wal::start"),
    moment("recovery::log_started"),
    // Appending.
    step("wal::write"),
    moment("wal::written"),
    step("wal::cut_back").after("wal::write=1*return(28)"),
    step("wal::sync"),
    moment("wal::synced"),
    moment("wal::publish"),
    moment("wal::published"),
    // The next file of the log.
    step("wal::create_file"),
    step("wal::write_header"),
    step("wal::sync_header"),
    step("wal::sync_folder"),
    moment("wal::rotated"),
    // Flushing.
    moment("flush::frozen"),
    step("block::create"),
    step("block::write"),
    step("block::sync"),
    step("block::sync_index"),
    step("block::sync_words"),
    step("block::sync_folder"),
    moment("block::synced"),
    moment("flush::written"),
    step("catalog::commit"),
    step("catalog::committed"),
    // Not among the commits of the start, which begins anew with what is there.
    step("catalog::load").after("catalog::commit=6*off->1*return(5)"),
    moment("flush::publish"),
    moment("flush::published"),
    moment("flush::release"),
    moment("wal::release"),
    step("wal::unlink"),
    // Merging, and deleting what is old.
    step("merge::read"),
    moment("rewrite::written"),
    moment("rewrite::publish"),
    moment("rewrite::published"),
    moment("retention::publish"),
    moment("retention::published"),
    step("block::unlink"),
];
