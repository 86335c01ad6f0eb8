//! Masks secrets in what the process prints besides its reports: input errors, notes, and panic messages.
//!
//! The secrets and the hook for panics are state of the process. So only a door that owns its process calls this: the command
//! and the test door do, the library does not.
//!
//! The secrets are known before any file is read, because an input error may quote a line that holds one.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::sync::{Once, PoisonError, RwLock};

use crate::finding::Finding;
use crate::location::InputErrors;
use crate::outcome;
use crate::report::to_stderr;
use crate::secret::Secrets;
use crate::settings::{self, Environment, Settings};
use crate::write;

static SECRETS: RwLock<Vec<Secrets>> = RwLock::new(Vec::new());

/// From now on the process masks in everything it prints, panic messages too, what may be secret in the environment.
/// `arguments` are those of the command line, if it has settings.
pub fn hide_environment(arguments: &[String]) {
    let hidden = settings::hidden(arguments, Environment::read());
    mask_panics(&hidden);
}

/// Does the same as [`hide_environment`] for the resolved settings. A file of variables may be a pipe, which can be read only
/// once.
pub fn hide_settings(settings: &Settings) {
    let cases = ["--cases".to_owned(), settings.cases.display().to_string()];
    hide(&settings::hidden(&cases, settings.env.clone()));
}

/// From now on these secrets are masked in every panic message of the process, and in everything that goes through
/// [`printable`] and [`input_errors_text`].
pub fn mask_panics(secrets: &Secrets) {
    static HOOK: Once = Once::new();
    hide(secrets);
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            if IS_CAUGHT.with(Cell::get) {
                return;
            }
            let thread = std::thread::current();
            let backtrace = Backtrace::capture();
            let backtrace = match backtrace.status() {
                BacktraceStatus::Captured => format!("\n{backtrace}"),
                _ => String::new(),
            };
            let text = format!("thread '{}' {info}{backtrace}", thread.name().unwrap_or("<unnamed>"));
            write::write_stderr(&format!("\n{}", to_stderr(&printable(&text))));
        }));
    });
}

thread_local! {
    /// Whether the caller catches and reports a panic of this thread, so no message is printed.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Calls a function whose panic the caller catches and reports in its own words.
pub(super) fn without_panic_message<T>(call: impl FnOnce() -> T) -> T {
    IS_CAUGHT.with(|is_caught| is_caught.set(true));
    let result = call();
    IS_CAUGHT.with(|is_caught| is_caught.set(false));
    result
}

/// From now on these secrets are masked in everything that the process prints.
fn hide(secrets: &Secrets) {
    SECRETS.write().unwrap_or_else(PoisonError::into_inner).push(secrets.clone());
}

/// A text for stderr with every known secret masked.
pub fn printable(text: &str) -> String {
    masked(text.to_owned(), |secrets, text| {
        let mut text = text;
        secrets.mask_again(&mut text);
        text
    })
}

/// Input errors as text with every known secret masked, also in the lines that they quote.
pub fn input_errors_text(errors: &InputErrors) -> String {
    printable(&masked(errors.clone(), |secrets, errors| errors.masked(secrets)).to_string())
}

/// Masks every known secret in findings that belong to no run.
pub fn without_secrets(findings: &mut [Finding]) {
    masked((), |secrets, ()| outcome::mask_findings(findings.iter_mut(), secrets));
}

fn masked<T>(whole: T, mut mask: impl FnMut(&Secrets, T) -> T) -> T {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    secrets.iter().fold(whole, |whole, secrets| mask(secrets, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::{InputError, Source, Span};

    #[test]
    fn the_secrets_of_every_session_are_masked() {
        for key in ["app-0123456789-one", "app-0123456789-two"] {
            let mut secrets = Secrets::none();
            secrets.add("a key", key);
            hide(&secrets);
        }
        let text = printable("came: app-0123456789-one, app-0123456789-two, app-0123456789-three");
        let stars = "*".repeat("app-0123456789-one".len());
        assert_eq!(text, format!("came: {stars}, {stars}, app-0123456789-three"));
    }

    #[test]
    fn what_an_error_quotes_is_masked_before_it_is_cut() {
        let secrets = Secrets::none();
        secrets.mask_late("hunter22-0123456789-quoted", false);
        hide(&secrets);
        // The quote shows a part of the line: the value's end alone stands in it.
        let line = format!("{}hunter22-0123456789-quoted: [broken", "x".repeat(190));
        let source = Source::new("hunter22-0123456789-quoted.yaml", format!("a: 1\n{line}\n"));
        let at = line.find("broken").expect("it is there") + 5;
        let error = InputError::at(source.place(Span::new(at, at + 6)), "wrong: hunter22-012345…")
            .help("not hunter22-0123456789-quoted");
        let said = input_errors_text(&error.into());
        for part in ["hunter", "-quoted", "456789"] {
            assert!(!said.contains(part), "{said}");
        }
        assert!(said.contains("[broken") && said.contains(":2:"), "{said}");
    }
}
