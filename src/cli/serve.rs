//! `conformant serve`: its options, and the reference server until a signal.

use clap::Args;

use super::{complain, runtime, say};
use crate::location::{InputError, InputErrors};
use crate::outcome::Exit;
use crate::reference;
use crate::run::{ExitNotice, Signals};
use crate::settings::{Environment, ServedFlags, Settings};

#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServeArguments {
    /// The port on the loopback interface; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// The release of the real API to behave as [default: the newest]
    #[arg(long, value_name = "X.Y.Z")]
    pub(crate) release: Option<String>,
    /// How long it takes to make a conversation, as a model would [default: no time]
    #[arg(long, value_name = "TIME")]
    pub(crate) creation_time: Option<String>,
    /// How long it takes between looking an unknown user up and making one, as the real API's database does
    #[arg(long, value_name = "TIME")]
    pub(crate) user_gap: Option<String>,
}

pub(super) fn serve(arguments: ServeArguments, signals: &mut Signals) -> Result<Exit, InputErrors> {
    let ServeArguments { port, release, creation_time, user_gap } = arguments;
    let flags = ServedFlags { release, creation_time, user_gap };
    let wanted = Settings::served(&flags, &Environment::read())?;
    let mut options = reference::Options { port, ..reference::Options::default() };
    options.making = wanted.creation_time.unwrap_or(options.making);
    options.user_gap = wanted.user_gap.or(options.user_gap);
    if let Some(asked) = wanted.release {
        options.release = reference::Release::named(&asked).map_err(|unknown| InputError::new(unknown.to_string()))?;
        if let Some(note) = options.release.stands_for(&asked) {
            complain(&format!("note: {note}"));
        }
    }
    runtime()?.block_on(async {
        signals.attend(|| (), ExitNotice::nothing());
        let server = reference::Server::start(options).await.map_err(|error| {
            InputError::new(format!("the server cannot listen on port {port}: {error}"))
                .help("name another port, or leave --port out to take a free one")
        })?;
        let variables = std::iter::once(("API_BASE_URL", server.base_url())).chain(server.credentials());
        let lines = variables.fold(String::new(), |lines, (name, value)| lines + name + "=" + &value + "\n");
        let exit = say(&lines);
        if exit == Exit::Conforms {
            signals.first().await;
        }
        server.shutdown().await;
        Ok(exit)
    })
}
