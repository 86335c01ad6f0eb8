//! `conformant serve`: the reference server until a signal.

use super::output::{write_stderr, write_stdout};
use crate::location::{InputError, InputErrors};
use crate::outcome::Exit;
use crate::reference;
use crate::run::{self, ExitNotice, Signals};
use crate::settings::{Environment, Flags, Served};

pub(super) fn serve(flags: &Flags, signals: &mut Signals) -> Result<Exit, InputErrors> {
    let wanted = Served::resolve(flags, &Environment::read())?;
    let port = wanted.port;
    let mut options = reference::ReferenceOptions { port, ..reference::ReferenceOptions::default() };
    options.making = wanted.creation_time.unwrap_or(options.making);
    options.user_gap = wanted.user_gap.or(options.user_gap);
    if let Some(asked) = wanted.release {
        options.release = reference::Release::named(&asked).map_err(|unknown| InputError::new(unknown.to_string()))?;
        if let Some(note) = options.release.substitution_note(&asked) {
            write_stderr(&format!("note: {note}"));
        }
    }
    run::runtime()?.block_on(async {
        signals.attend(|| (), ExitNotice::nothing());
        let server = reference::ReferenceServer::start(options).await.map_err(|error| {
            InputError::new(format!("the server cannot listen on port {port}: {error}"))
                .help("name another port, or leave --port out to take a free one")
        })?;
        let variables = std::iter::once(("API_BASE_URL", server.base_url())).chain(server.credentials());
        let lines = variables.fold(String::new(), |lines, (name, value)| lines + name + "=" + &value + "\n");
        let exit = write_stdout(&lines);
        if exit == Exit::Conforms {
            signals.first().await;
        }
        server.shutdown().await;
        Ok(exit)
    })
}
