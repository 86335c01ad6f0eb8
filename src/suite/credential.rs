//! A credential of a suite: a secret in a variable, or one that a login gives.

use super::expectation::Expectation;
use super::step::Step;
use super::strict::names;
use super::template::Reference;
use crate::location::{Pointer, Span};

/// A credential: where its secret comes from, and a call that shows whether it is the right secret.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the suite.
    pub name: String,
    /// Where its secret comes from.
    pub source: CredentialSource,
    /// Whether the run skips its cases when a variable is not set.
    pub optional: bool,
    /// A call that the server answers as expected only if the credential is right.
    pub check: Option<Step>,
    /// A sentence that the run prints about the credential, if its check gets a certain response.
    pub note: Option<Note>,
    /// Where it stands.
    pub span: Span,
}

/// Where the secret of a credential comes from.
#[derive(Debug)]
pub enum CredentialSource {
    /// An environment variable.
    Env(String),
    /// A login, once per run.
    Login(Box<Login>),
}

/// A login: a call whose response gives the secret of a credential.
#[derive(Debug)]
pub struct Login {
    /// The call; its `expect` is the response that means success.
    pub call: Step,
    /// What is taken from the response.
    pub gives: LoginGives,
}

/// What a run takes from the response to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginGives {
    /// The secret.
    pub key: LoginKey,
    /// The pointer to the number of seconds for which the secret is good.
    pub expires: Option<Pointer>,
    /// A token against forged requests, sent with each request that may change something.
    pub csrf: Option<Csrf>,
}

/// Where the response to a login holds the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginKey {
    /// At a pointer of the JSON body. It is sent as the security scheme says.
    Token(Pointer),
    /// In the cookie of this name. It is sent as that cookie.
    Cookie(String),
}

/// A token against forged requests (CSRF).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csrf {
    /// The field in which it is sent.
    pub header: String,
    /// Where the response to the login holds it.
    pub from: CsrfSource,
}

/// Where the response to a login holds a token against forged requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsrfSource {
    /// At a pointer of the JSON body.
    Pointer(Pointer),
    /// In a field.
    Header(String),
    /// In a cookie. The cookie is sent back too, because servers compare it with the field.
    Cookie(String),
}

/// A sentence about a credential that is right: it may allow only a part of the suite, for example.
#[derive(Debug)]
pub struct Note {
    /// The response to the check for which the sentence is printed, whatever its status.
    pub when: Expectation,
    /// The sentence, without a full stop.
    pub say: String,
}

/// The secret of a credential in a run.
#[derive(Clone)]
pub struct CredentialValue {
    /// The secret.
    pub secret: String,
    /// The token against forged requests that a login gave with it.
    pub csrf: Option<String>,
}

impl Credential {
    /// The variable that holds its secret, if it has no login.
    pub fn env(&self) -> Option<&str> {
        match &self.source {
            CredentialSource::Env(name) => Some(name),
            CredentialSource::Login(_) => None,
        }
    }

    /// Its login, if it has one.
    pub fn login(&self) -> Option<&Login> {
        match &self.source {
            CredentialSource::Env(_) => None,
            CredentialSource::Login(login) => Some(login),
        }
    }

    /// The name of the cookie in which its secret is sent, if its login gives a cookie.
    pub fn cookie(&self) -> Option<&str> {
        match &self.login()?.gives.key {
            LoginKey::Cookie(name) => Some(name),
            LoginKey::Token(_) => None,
        }
    }

    /// The variables that it needs, each once: its own, or those in its login.
    pub fn variables(&self) -> Vec<&str> {
        match &self.source {
            CredentialSource::Env(name) => vec![name],
            CredentialSource::Login(login) => {
                let mut variables: Vec<&str> = Vec::new();
                for reference in login.call.sent_texts().into_iter().flat_map(|(_, text)| text.references()) {
                    if let Reference::Env(name) = reference
                        && !variables.contains(&name.as_str())
                    {
                        variables.push(name);
                    }
                }
                variables
            }
        }
    }

    /// How messages name its secret: by the variable, or as `the login of NAME`.
    pub fn origin(&self) -> String {
        match &self.source {
            CredentialSource::Env(name) => name.clone(),
            CredentialSource::Login(_) => format!("the login of {}", self.name),
        }
    }

    /// What a user must set for another secret: its variables. A login without variables stands in the suite.
    pub fn to_set(&self) -> String {
        match self.variables().as_slice() {
            [] => self.origin(),
            all => names(all).replace('`', ""),
        }
    }
}

impl From<String> for CredentialValue {
    fn from(secret: String) -> Self {
        Self { secret, csrf: None }
    }
}

impl std::fmt::Debug for CredentialValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialValue(…)")
    }
}
