//! The life of an object at the target: it is made or provided, seen, removed, and looked for once more.
//!
//! Each file sends staged calls and enters their answers into the record of the run. No file here knows a case's own requests.
//!
//! | file | what it does |
//! |---|---|
//! | `facts` | keeps what answers have shown about a state's objects on this target |
//! | `creations` | stops asking for objects after failures |
//! | `lateness` | learns how long to wait for a late answer |
//! | `ask_exists` | asks `exists` until the answer is the expected one |
//! | `leave` | reports an object as left behind, or strikes it out of the ledger |
//! | `make` | makes an object |
//! | `provide` | takes an object that the environment provides |
//! | `remove` | removes an object |
//! | `state_check` | tries once per state whether `exists` and `undo` prove anything |
//! | `clean_up` | removes at the end what is still in the ledger |

pub(super) mod ask_exists;
pub(super) mod clean_up;
pub(super) mod creations;
pub(super) mod facts;
pub(super) mod lateness;
pub(super) mod leave;
pub(super) mod make;
pub(super) mod provide;
pub(super) mod remove;
pub(super) mod state_check;
