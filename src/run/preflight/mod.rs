//! The preflight: tries the target before the first case, so a wrong address or key is one message and not a page of failing
//! cases. The host must have an address, take connections, speak TLS, and answer as this API; each credential must be what the
//! suite's `check` says.
//!
//! Independent mistakes are reported together: two wrong keys are two lines. Only the checks send requests, as many at once as
//! there are jobs, and they change nothing.
//!
//! | file | what it does |
//! |---|---|
//! | `steps` | the order of the preflight |
//! | `reach` | name, port and TLS |
//! | `logins` | logs in for the credentials that need it |
//! | `candidates` | which credentials are tried |
//! | `answer` | what the answer to a check says |
//! | `api` | whether the target answers as this API |
//! | `credential` | what each check says of its credential |
//! | `not_transmitted` | whether an intermediary strips the credential |
//! | `tried` | builds the results |

mod answer;
mod api;
mod candidates;
mod credential;
mod logins;
mod not_transmitted;
mod reach;
mod steps;
mod tried;

pub(super) use steps::preflight;
