//! Opens a run: reads what the settings name, and refuses everything that can be refused before a request is sent.
//!
//! | file | what it does |
//! |---|---|
//! | `load` | loads the suites and the known deviations |
//! | `select`, `selected` | which cases run, and which are skipped |
//! | `open` | the steps of the opening, in their order |
//! | `checks` | the refusals that need suites and settings together |
//! | `target` | finds the target, or starts the embedded reference |
//! | `network` | proxy, trust, client certificate and extra header fields |
//! | `secrets` | which values are masked |
//! | `suite_names` | the names that the suites write, and where the objects of their states are |
//! | `provided` | the objects that the environment provides |
//! | `system_limits` | open files and threads that the system allows |
//! | `inputs` | the files that the run reads, so that no report overwrites one |
//! | `journal` | begins and ends the journal |

pub(super) mod checks;
pub(super) mod inputs;
pub(super) mod journal;
pub(super) mod load;
pub(super) mod network;
pub(super) mod open;
pub(super) mod provided;
pub(super) mod secrets;
pub(super) mod select;
pub(super) mod selected;
pub(super) mod suite_names;
pub(super) mod system_limits;
pub(super) mod target;
