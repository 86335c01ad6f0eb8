//! What a panic prints, without credentials: a message may quote what a target sent.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::io::Write as _;
use std::sync::{Once, PoisonError, RwLock};

use crate::report::to_stderr;
use crate::secret::Secrets;

static SECRETS: RwLock<Vec<Secrets>> = RwLock::new(Vec::new());

/// From now on the message of a panic, anywhere in this process, is printed with these credentials masked.
pub fn mask_panics(secrets: &Secrets) {
    static HOOK: Once = Once::new();
    hide(secrets);
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            if UNHEARD.with(Cell::get) {
                return;
            }
            let thread = std::thread::current();
            let backtrace = Backtrace::capture();
            let backtrace = match backtrace.status() {
                BacktraceStatus::Captured => format!("\n{backtrace}"),
                _ => String::new(),
            };
            let text = format!("thread '{}' {info}{backtrace}", thread.name().unwrap_or("<unnamed>"));
            // When even stderr cannot be written to there is nobody left to tell.
            let _ = writeln!(std::io::stderr().lock(), "\n{}", to_stderr(&masked(text)));
        }));
    });
}

thread_local! {
    /// Whether a panic of this thread is dealt with by whoever called, so that nothing is printed.
    static UNHEARD: Cell<bool> = const { Cell::new(false) };
}

/// Does something whose panic the caller catches and tells in words of its own.
pub(super) fn unheard<T>(other: impl FnOnce() -> T) -> T {
    UNHEARD.with(|unheard| unheard.set(true));
    let done = other();
    UNHEARD.with(|unheard| unheard.set(false));
    done
}

fn hide(secrets: &Secrets) {
    SECRETS.write().unwrap_or_else(PoisonError::into_inner).push(secrets.clone());
}

fn masked(text: String) -> String {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    secrets.iter().fold(text, |text, secrets| secrets.mask_str(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credentials_of_every_session_are_masked() {
        for key in ["app-0123456789-one", "app-0123456789-two"] {
            let mut secrets = Secrets::none();
            secrets.add("a key", key);
            hide(&secrets);
        }
        let text = masked("came: app-0123456789-one, app-0123456789-two, app-0123456789-three".to_owned());
        let stars = "*".repeat("app-0123456789-one".len());
        assert_eq!(text, format!("came: {stars}, {stars}, app-0123456789-three"));
    }
}
