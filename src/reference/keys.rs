//! The keys of the apps.

use std::fmt;

use uuid::Uuid;

use super::store::App;

/// The variables with the keys of the chat app, the completion app and the other chat app.
pub const CREDENTIALS: [&str; 3] = ["API_KEY", "WRONG_MODE_API_KEY", "OTHER_APP_API_KEY"];

/// The keys of the apps, one for each app.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Of the chat app.
    pub chat: String,
    /// Of the completion app.
    pub completion: String,
    /// Of the other chat app.
    pub other_chat: String,
    /// Of the workflow app.
    pub workflow: String,
}

impl Keys {
    /// New random keys, in the form of the real ones.
    pub fn random() -> Self {
        let key = || format!("app-{}", Uuid::new_v4().simple());
        Self { chat: key(), completion: key(), other_chat: key(), workflow: key() }
    }

    /// The app of a key.
    pub(super) fn app(&self, key: &str) -> Option<App> {
        App::ALL.into_iter().find(|app| self.of(*app) == key)
    }

    /// The key of an app.
    pub(super) fn of(&self, app: App) -> &str {
        match app {
            App::Chat => &self.chat,
            App::Completion => &self.completion,
            App::OtherChat => &self.other_chat,
            App::Workflow => &self.workflow,
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}
