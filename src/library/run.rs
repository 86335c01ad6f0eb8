//! One run, from what the builder was given to the report. It changes nothing of the process, except what was asked for.

use std::sync::Arc;

use super::bad_input::BadInput;
use super::builder_settings::BuilderSettings;
use super::interruption::Interruption;
use super::report::Report;
use super::run_event::{Forwarder, OnEvent};
use crate::event::Listener;
use crate::location::InputErrors;
use crate::report::View;
use crate::run::{self, Selected, Session};
use crate::settings::Settings;
use crate::suite::Suite;

/// How a run is listened to and interrupted.
#[derive(Clone, Default)]
pub(super) struct Wishes {
    pub(super) listeners: Vec<OnEvent>,
    pub(super) handles_signals: bool,
}

/// Carries out one run.
pub(super) async fn run(given: BuilderSettings, wishes: Wishes) -> Result<Report, BadInput> {
    let env = given.environment();
    let secrets = given.secrets(env.clone());
    let ran = async {
        let settings = given.settings(env)?;
        let (suites, selected, notes) = load(&settings)?;
        let session = Box::pin(Session::open(settings, suites, selected)).await?;
        for note in &notes {
            session.note(note);
        }
        Box::pin(run_session(session, wishes)).await
    };
    ran.await.map_err(|errors| BadInput::new(errors.masked(&secrets)))
}

/// The suites, the selected cases, and what a reader should know about them and the settings.
type Loaded = (Arc<Vec<Suite>>, Arc<Vec<Selected>>, Vec<String>);

fn load(settings: &Settings) -> Result<Loaded, InputErrors> {
    let suites = run::load(settings)?;
    let selected = run::select(settings, &suites)?;
    let about_files =
        [run::unread_files(settings), run::unmasked(settings, &suites), run::unused_snapshots(settings, &suites)];
    let notes = settings.notes.iter().cloned().chain(about_files.concat()).collect();
    Ok((Arc::new(suites), Arc::new(selected), notes))
}

async fn run_session(session: Session, wishes: Wishes) -> Result<Report, InputErrors> {
    let secrets = session.secrets().clone();
    let Settings { verbose, strict, .. } = *session.settings();
    let forwarders: Vec<Arc<Forwarder>> =
        wishes.listeners.into_iter().map(|on_event| Arc::new(Forwarder::new(on_event, secrets.clone()))).collect();
    for forwarder in &forwarders {
        session.listen(Arc::clone(forwarder) as Arc<dyn Listener>);
    }
    let mut interruption = if wishes.handles_signals { Interruption::of(&session) } else { Interruption::never() };
    // A journal is a file that a killed process leaves, so it is kept only where it was asked for.
    if session.settings().journal.is_some() {
        session.keep_journal()?;
    }
    let outcome = Box::pin(run::run(session, &mut interruption.signals)).await;
    for forwarder in &forwarders {
        forwarder.resume_panic();
    }
    Ok(Report::new(outcome, secrets, View { color: false, verbose, strict }))
}
