//! The `deodar` executable: the process around [`deodar_cli::run`].

use std::{env, io, process::ExitCode};

use deodar_cli::{Io, run};

fn main() -> ExitCode {
    let (mut stdin, mut stdout, mut stderr) = (io::stdin(), io::stdout(), io::stderr());
    ExitCode::from(run(env::args_os(), Io::of_process(&mut stdin, &mut stdout, &mut stderr)))
}
