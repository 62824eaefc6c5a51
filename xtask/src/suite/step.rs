//! What a step is: what it needs, what it does, what it counts.

use anyhow::Result;

use super::tally::Counting;
use crate::checkout::Checkout;

/// One line of the progress display.
#[derive(Debug)]
pub(crate) struct Step {
    /// Unique in its suite; other steps need it by this name.
    pub(super) name: &'static str,
    /// Earlier steps without which this one would only fail again.
    pub(super) needs: &'static [&'static str],
    pub(super) action: Action,
    pub(super) counting: Counting,
}

#[derive(Debug)]
pub(super) enum Action {
    /// A function of this program.
    Call(fn(&Checkout) -> Result<()>),
    /// A program whose output is shown as it comes.
    Run(Program),
}

/// What to start, where, and with which changes to the environment.
#[derive(Debug)]
pub(super) struct Program {
    /// From the root of the repository; empty for the root itself.
    pub(super) folder: &'static str,
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
    pub(super) environment: &'static [(&'static str, &'static str)],
    pub(super) vectors: Vectors,
}

/// Whose test vectors a program is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vectors {
    /// Those in the repository.
    Ours,
    /// Those of other projects besides: `NUNCHI_CONFORMANCE_DIR` names their folder.
    Others,
}

impl Step {
    /// Prepares something; counts only when it fails.
    pub(super) const fn prepare(name: &'static str, call: fn(&Checkout) -> Result<()>) -> Step {
        Step { name, needs: &[], action: Action::Call(call), counting: Counting::Nothing }
    }

    /// A function that passes or fails as a whole.
    pub(super) const fn check_by(name: &'static str, call: fn(&Checkout) -> Result<()>) -> Step {
        Step { name, needs: &[], action: Action::Call(call), counting: Counting::One }
    }

    /// A cargo command that passes or fails as a whole.
    pub(super) const fn cargo(name: &'static str, arguments: &'static [&'static str]) -> Step {
        Step::run(name, Program { folder: "", name: "cargo", arguments, environment: &[], vectors: Vectors::Ours })
    }

    /// An npm command for the page that passes or fails as a whole.
    pub(super) const fn npm(name: &'static str, arguments: &'static [&'static str]) -> Step {
        Step::run(name, Program { folder: "ui", name: "npm", arguments, environment: &[], vectors: Vectors::Ours })
    }

    const fn run(name: &'static str, program: Program) -> Step {
        Step { name, needs: &[], action: Action::Run(program), counting: Counting::One }
    }

    /// Sets what must have gone well before.
    pub(super) const fn needs(mut self, needs: &'static [&'static str]) -> Step {
        self.needs = needs;
        self
    }

    /// Sets how the output is counted.
    pub(super) const fn counting(mut self, counting: Counting) -> Step {
        self.counting = counting;
        self
    }

    /// Gives the program the folder of other projects' test vectors.
    pub(super) const fn with_vectors_of_others(mut self) -> Step {
        if let Action::Run(program) = &mut self.action {
            program.vectors = Vectors::Others;
        }
        self
    }

    /// Sets variables of the environment for the program.
    pub(super) const fn environment(mut self, environment: &'static [(&'static str, &'static str)]) -> Step {
        if let Action::Run(program) = &mut self.action {
            program.environment = environment;
        }
        self
    }
}
