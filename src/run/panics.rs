//! What a panic prints, without credentials: a message may quote what a target sent.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::sync::{Once, PoisonError, RwLock};

use crate::secret::Secrets;
use crate::write;

static SECRETS: RwLock<Vec<Secrets>> = RwLock::new(Vec::new());

/// From now on the message of a panic, anywhere in this process, is printed with these credentials masked.
pub fn mask_panics(secrets: &Secrets) {
    static HOOK: Once = Once::new();
    hide(secrets);
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let thread = std::thread::current();
            let backtrace = Backtrace::capture();
            let backtrace = match backtrace.status() {
                BacktraceStatus::Captured => format!("\n{backtrace}"),
                _ => String::new(),
            };
            let text = format!("thread '{}' {info}{backtrace}", thread.name().unwrap_or("<unnamed>"));
            write::complain(&format!("\n{}", masked(text)));
        }));
    });
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
