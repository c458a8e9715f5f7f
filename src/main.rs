//! The command line: reads it, runs one command, prints what went wrong in words.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let command = schoolgate::cli::Command::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("schoolgate: cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(schoolgate::cli::run(command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("schoolgate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
