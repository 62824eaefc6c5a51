//! `nunchi completions SHELL`: a completion script on standard output.

use clap::Args;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Print a completion script for a shell.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
To use it:
  bash        nunchi completions bash > ~/.local/share/bash-completion/completions/nunchi
  zsh         nunchi completions zsh > \"${fpath[1]}/_nunchi\"
  fish        nunchi completions fish > ~/.config/fish/completions/nunchi.fish")]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for the whole program, whose command is `root`.
pub(super) fn run(
    arguments: &CompletionsArguments,
    mut root: clap::Command,
    session: &mut Session<'_>,
) -> Result<Exit, Failure> {
    let name = root.get_name().to_owned();
    // Made in memory first: the generator panics when it cannot write, and a pipe may be closed.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut root, name, &mut script);
    session.out.write_all(&script)?;
    Ok(Exit::Done)
}
