//! The command line: reads it, runs one command, prints what went wrong in words.

use std::process::ExitCode;

use clap::Parser as _;

/// A reader that has seen enough (`schoolgate … | head`) is no fault to report.
fn end_quietly_with_the_reader() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>();
        let closed = |text: &String| text.contains("failed printing to stdout: Broken pipe");
        if text.is_some_and(closed) {
            std::process::exit(0);
        }
        before(panic);
    }));
}

fn main() -> ExitCode {
    end_quietly_with_the_reader();
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
        Err(error) if is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("schoolgate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that went wrong is that nobody reads any more.
fn is_closed(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
