//! Each common trouble with a staging target has its own message, which names the cause and the setting to change. It
//! takes about 30 s on two cores.

#[path = "support/command.rs"]
mod command;
#[allow(clippy::type_complexity, dead_code, reason = "as in its own target, of which this one uses a part")]
#[path = "deviant/front.rs"]
mod front;
#[path = "staging_trouble/made.rs"]
mod made;
#[allow(clippy::format_push_string, dead_code, reason = "as in its own target, of which this one uses a part")]
#[path = "deviant/message.rs"]
mod message;
#[path = "staging_trouble/preflight.rs"]
mod preflight;
#[path = "staging_trouble/silence.rs"]
mod silence;
#[path = "staging_trouble/states.rs"]
mod states;

use std::process::Command;

use command::{Finished, conformant};
use front::{Act, Asked, Behaviour, Front, Key, Plan};
use message::Message;

const CORE: &[&str] = &["run", "--profile", "core"];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// The command against an address, with keys of its own.
fn against(base: &str, arguments: &[&str]) -> Command {
    let mut command = conformant(arguments);
    command.env("API_BASE_URL", base);
    command.env("API_KEY", "app-0123456789").env("WRONG_MODE_API_KEY", "app-9876543210");
    command
}

/// The command against a front, with its keys.
fn asking(front: &Front, arguments: &[&str]) -> Command {
    let mut command = conformant(arguments);
    command.env("API_BASE_URL", front.base_url());
    command.envs(front.world.keys.iter().map(|(name, key)| (*name, key.as_str())));
    command
}

/// Runs a command against a front that is served meanwhile.
fn with(behaviour: Behaviour, command: impl FnOnce(&Front) -> Command) -> Finished {
    let runtime = runtime();
    let front = runtime.block_on(Front::start(behaviour));
    Finished::of(command(&front))
}

/// A front that answers certain requests otherwise.
fn answering(answer: impl Fn(&Asked) -> Option<Message> + Send + Sync + 'static) -> Behaviour {
    Behaviour { plan: Box::new(move |asked, _| answer(asked).map_or(Plan::Pass, Plan::Say)), ..Behaviour::none() }
}

/// A front that does something else than answering certain requests.
fn acting(act: impl Fn(&Asked) -> Option<Vec<Act>> + Send + Sync + 'static) -> Behaviour {
    let change = move |asked: &Asked, answer: Message| act(asked).unwrap_or_else(|| vec![Act::Send(answer.bytes())]);
    Behaviour { change: Box::new(change), ..Behaviour::none() }
}

#[track_caller]
fn says(finished: &Finished, parts: &[&str]) {
    let all = format!("{}{}", finished.stdout, finished.stderr);
    for part in parts {
        assert!(all.contains(part), "{part:?} is not said:\n{all}");
    }
}
