//! `man`: the manual page, or those of all commands.

use std::{fs, io};

use clap::Command;
use clap_mangen::Man;

use crate::{
    args::{self, ManArgs},
    report,
    session::{Exit, Outcome, Session},
};

pub(super) fn run(args: &ManArgs, session: &mut Session<'_>) -> Outcome {
    let mut command = args::command(false);
    command.build();
    let Some(folder) = &args.folder else {
        session.io.stdout(&page(&command)?)?;
        return Ok(Exit::Success);
    };
    let subcommands = command.get_subcommands().filter(|command| command.get_name() != "help");
    let named = subcommands.map(|command| (format!("deodar-{}", command.get_name()), command.clone()));
    let pages: Vec<(String, Command)> = named.chain([("deodar".to_owned(), command.clone())]).collect();
    for (name, command) in pages {
        let path = format!("{folder}/{name}.1");
        let text = page(&command)?;
        if let Err(error) = fs::write(session.io.path(&path), text) {
            return session.stop(report::cannot_write(&path, &error));
        }
    }
    Ok(Exit::Success)
}

fn page(command: &Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
