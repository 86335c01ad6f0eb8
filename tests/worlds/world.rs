//! A world, described: everything that its document, its suite and its server have in common. One seed gives one world.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::chance::Chance;
use crate::kind::{Allowed, Kind};

/// A world.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    /// The kind it stands for in the figures.
    pub(crate) main: Kind,
    /// All its kinds.
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) names: Names,
    pub(crate) auth: Auth,
    /// Where requests say for which user they are; none if the API knows no users.
    pub(crate) user: Option<Place>,
    pub(crate) ids: Ids,
    pub(crate) statuses: Statuses,
    /// Whether what it makes and shows lies in a member `data`.
    pub(crate) wrapped: bool,
    /// How an object is looked at.
    pub(crate) look: Look,
    pub(crate) errors: Errors,
    pub(crate) contract: Contract,
    pub(crate) cases: Vec<Case>,
    pub(crate) times: Times,
    pub(crate) trouble: Trouble,
    pub(crate) style: Style,
}

/// The words of its API.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) base: &'static str,
    pub(crate) noun: &'static str,
    pub(crate) collection: &'static str,
    pub(crate) parent: &'static str,
    pub(crate) parents: &'static str,
    /// The operation's id, if it has one.
    pub(crate) operation: Option<String>,
    /// The parameter of the path.
    pub(crate) parameter: &'static str,
}

/// How a client says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    None,
    Bearer,
    Header(&'static str),
    Query(&'static str),
}

/// Where a value stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Header,
    Query,
    Json,
}

/// What ids look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Uuid,
    /// Numbers; `smallest`: the smallest free one is given, else the one after the largest.
    Number {
        smallest: bool,
    },
    Slug,
    Capitals,
    Pair,
}

/// Which statuses the API answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statuses {
    pub(crate) created: u16,
    pub(crate) removed: u16,
    /// The removal of what never was.
    pub(crate) never: u16,
    /// The removal of what is gone.
    pub(crate) gone: u16,
    pub(crate) other_account: u16,
    pub(crate) other_user: u16,
}

/// How objects are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Path,
    Query,
}

/// What the body of an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errors {
    Code,
    Problem,
}

/// How the document says what bodies are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contract {
    Schema,
    Example,
    Examples,
    Both,
}

/// What a case does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Success { bystanders: usize },
    Repeat,
    Missing { bystander: bool },
    NotAnId,
    NoKey,
    WrongKey,
    OtherAccount,
    OtherUser,
    Twice,
    LookAfter,
    Both,
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// A creation, at least and at most, in milliseconds.
    pub(crate) creation: (usize, usize),
    /// Between the look-up of a user and its insertion.
    pub(crate) gap: Option<Duration>,
    /// How far reads lag behind writes.
    pub(crate) lag: Duration,
    /// How long after its 202 an object goes, at most, in milliseconds.
    pub(crate) removal: usize,
    /// From the removal of the row to the answer.
    pub(crate) after_removal: Duration,
}

/// What keeps the server from answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// More requests at once than this are refused.
    AtOnce {
        most: usize,
        told: bool,
    },
    /// A bucket of so many requests, filled by so many a second.
    Bucket {
        size: u32,
        rate: u32,
        told: bool,
    },
    BusyWrites {
        told: bool,
    },
    /// Kept connections end when they are idle for so long.
    IdleEnd(Duration),
    /// Kept connections end with every so manieth request, which is not carried out.
    KeptEnd {
        every: usize,
    },
    /// Fresh connections end with every so manieth first request, unless it is the judged one.
    FreshEnd {
        every: usize,
    },
    OneWorker {
        keeps: bool,
    },
    /// After so many requests.
    Restart {
        after: usize,
    },
    /// Every so manieth creation is answered 500.
    FailedCreations {
        every: usize,
    },
}

/// How answers are written, which matters to nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) chunked: bool,
    pub(crate) small_names: bool,
    pub(crate) date: bool,
}

const NOUNS: &[(&str, &str)] = &[
    ("widget", "widgets"),
    ("note", "notes"),
    ("order", "orders"),
    ("job", "jobs"),
    ("conversation", "conversations"),
    ("document", "documents"),
    ("ticket", "tickets"),
];
const PARENTS: &[(&str, &str)] = &[("project", "projects"), ("team", "teams"), ("shelf", "shelves")];

fn names(chance: &mut Chance) -> Names {
    let (noun, collection) = chance.pick(NOUNS);
    let (parent, parents) = chance.pick(PARENTS);
    Names {
        base: chance.pick(&["/v1", "/api", "/api/v2", ""]),
        noun,
        collection,
        parent,
        parents,
        operation: chance.pick(&[Some(format!("delete_{noun}")), Some(format!("{collection}Destroy")), None]),
        parameter: chance.pick(&["id", "key", "name"]),
    }
}

impl World {
    /// The world of a seed. Seeds in a row have all kinds in turn.
    pub(crate) fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed, 0);
        let kinds: Vec<Kind> = Kind::all().collect();
        let at = usize::try_from(seed % kinds.len() as u64).expect("a small number");
        let main = kinds[at];
        let kinds = combined(main, &kinds, &mut chance);
        let has = |kind| kinds.contains(&kind);

        let ids = if has(Kind::NumbersAgain) {
            Ids::Number { smallest: chance.once_in(2) }
        } else if has(Kind::Slugs) {
            Ids::Slug
        } else if has(Kind::Capitals) {
            Ids::Capitals
        } else if has(Kind::TwoParts) {
            Ids::Pair
        } else {
            Ids::Uuid
        };
        let names = names(&mut chance);
        let auth = chance.pick(&[
            Auth::Bearer,
            Auth::Bearer,
            Auth::Header("X-Api-Key"),
            Auth::Header("X-Token"),
            Auth::Query("api_key"),
            Auth::None,
        ]);
        let user = if has(Kind::NoUsers) || !has(Kind::UserRace) && chance.once_in(3) {
            None
        } else {
            Some(chance.pick(&[Place::Header, Place::Query, Place::Json]))
        };
        let statuses = statuses(&kinds, &mut chance);
        let times = times(&kinds, &mut chance);
        let trouble = trouble(&kinds, &mut chance);
        let mut world = Self {
            seed,
            main,
            kinds,
            names,
            auth,
            user,
            ids,
            statuses,
            wrapped: chance.once_in(3),
            look: chance.pick(&[Look::Path, Look::Query]),
            errors: chance.pick(&[Errors::Code, Errors::Code, Errors::Problem]),
            contract: chance.pick(&[Contract::Schema, Contract::Example, Contract::Examples, Contract::Both]),
            cases: Vec::new(),
            times,
            trouble,
            style: Style { chunked: chance.once_in(4), small_names: chance.once_in(3), date: chance.once_in(2) },
        };
        world.cases = world.some_cases(&mut chance);
        world
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// What a run with so many jobs may end in.
    pub(crate) fn allowed(&self, jobs: usize) -> Allowed {
        let of = self.kinds.iter().map(|kind| match kind.allowed() {
            Allowed::MayBeUnjudgedBesideOthers if jobs == 1 => Allowed::Conforms,
            Allowed::MayBeUnjudgedBesideOthers => Allowed::MayBeUnjudged,
            allowed => allowed,
        });
        let all: Vec<Allowed> = of.collect();
        let strongest = [Allowed::MustBeUnjudged, Allowed::MayBeUnjudged];
        strongest.into_iter().find(|allowed| all.contains(allowed)).unwrap_or(Allowed::Conforms)
    }

    /// Its kinds in words, the main one first.
    pub(crate) fn in_words(&self) -> String {
        let others = self.kinds.iter().filter(|kind| **kind != self.main).map(|kind| kind.name());
        [self.main.name()].into_iter().chain(others).collect::<Vec<_>>().join(" + ")
    }

    /// Two to twelve cases that make sense here.
    fn some_cases(&self, chance: &mut Chance) -> Vec<Case> {
        let mut pool = vec![
            Case::Missing { bystander: true },
            Case::Missing { bystander: self.ids == Ids::Pair || chance.once_in(2) },
            Case::NotAnId,
            Case::Success { bystanders: 0 },
            Case::Success { bystanders: 2 },
            Case::Both,
        ];
        if self.auth != Auth::None {
            pool.extend([Case::NoKey, Case::WrongKey, Case::OtherAccount, Case::OtherAccount]);
        }
        if self.user.is_some() {
            pool.extend([Case::OtherUser, Case::OtherUser]);
        }
        let asynchronous = self.has(Kind::Asynchronous);
        if !asynchronous {
            pool.extend([Case::Repeat, Case::Repeat]);
        }
        // Another client's new object may have the number meanwhile, and where there are no users it is in sight.
        if !(self.has(Kind::NumbersAgain) && self.user.is_none()) {
            pool.push(Case::LookAfter);
        }
        let alone = matches!(
            self.trouble,
            Trouble::BusyWrites { .. } | Trouble::OneWorker { .. } | Trouble::KeptEnd { .. } | Trouble::Restart { .. }
        );
        if !asynchronous && !alone {
            pool.push(Case::Twice);
        }
        chance.shuffle(&mut pool);
        pool.truncate(chance.between(1, 12));
        // The case without which there is nothing to tell is always there, and not always the first.
        pool.insert(chance.below(pool.len() + 1), Case::Success { bystanders: 1 });
        pool
    }
}

/// The main kind, and up to three more that go with it and with each other.
fn combined(main: Kind, all: &[Kind], chance: &mut Chance) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::from([main]);
    let mut others = all.to_vec();
    chance.shuffle(&mut others);
    let most = chance.below(4);
    for other in others {
        if kinds.len() <= most && kinds.iter().all(|kind| kind.goes_with(other)) {
            // A kind that need not end in "conforms" would hide what the main kind must end in.
            if other.allowed() == Allowed::Conforms {
                kinds.insert(other);
            }
        }
    }
    kinds
}

fn statuses(kinds: &BTreeSet<Kind>, chance: &mut Chance) -> Statuses {
    let has = |kind| kinds.contains(&kind);
    let removed = if has(Kind::Asynchronous) { 202 } else { chance.pick(&[204, 204, 200]) };
    let (never, gone) = if has(Kind::GoneAccepted) {
        (removed, removed)
    } else if has(Kind::GoneStatus) {
        chance.pick(&[(410, 410), (404, 410)])
    } else {
        (404, 404)
    };
    // Where what is missing is answered as removed, a refusal must look different; and a number that another client's new
    // object has is answered as one that nothing has.
    let refused = |chance: &mut Chance| match () {
        () if never < 300 => 403,
        () if has(Kind::NumbersAgain) => 404,
        () => chance.pick(&[403, 404]),
    };
    Statuses {
        created: chance.pick(&[200, 201]),
        removed,
        never,
        gone,
        other_account: refused(chance),
        other_user: refused(chance),
    }
}

fn times(kinds: &BTreeSet<Kind>, chance: &mut Chance) -> Times {
    let has = |kind| kinds.contains(&kind);
    let one_worker = has(Kind::OneWorkerCloses) || has(Kind::OneWorkerKeeps);
    let creation = match (has(Kind::SlowCreation), one_worker) {
        (true, false) => (0, 300),
        (true, true) => (0, 60),
        (false, _) => chance.pick(&[(0, 1), (0, 10)]),
    };
    let some = |chance: &mut Chance, from: usize, to: usize| Duration::from_millis(chance.between(from, to) as u64);
    Times {
        creation,
        gap: has(Kind::UserRace).then(|| some(chance, 3, 40)),
        lag: if has(Kind::LateReads) { some(chance, 50, 500) } else { Duration::ZERO },
        removal: if has(Kind::Asynchronous) { chance.pick(&[50, 300, 700]) } else { 0 },
        after_removal: if has(Kind::NumbersAgain) { some(chance, 4, 25) } else { Duration::ZERO },
    }
}

fn trouble(kinds: &BTreeSet<Kind>, chance: &mut Chance) -> Trouble {
    let limit = |chance: &mut Chance, told| match chance.below(2) {
        0 => Trouble::AtOnce { most: chance.between(2, 6), told },
        _ => Trouble::Bucket { size: 40, rate: 100, told },
    };
    for kind in kinds {
        return match kind {
            Kind::LimitTold => limit(chance, true),
            Kind::LimitUntold => limit(chance, false),
            Kind::BusyWrites => Trouble::BusyWrites { told: chance.once_in(2) },
            Kind::KeptEnd if chance.once_in(2) => Trouble::IdleEnd(Duration::from_millis(chance.between(3, 40) as u64)),
            Kind::KeptEnd => Trouble::KeptEnd { every: chance.between(23, 47) },
            Kind::FreshEnd => Trouble::FreshEnd { every: chance.between(5, 12) },
            Kind::OneWorkerCloses => Trouble::OneWorker { keeps: false },
            Kind::OneWorkerKeeps => Trouble::OneWorker { keeps: true },
            Kind::Restart => Trouble::Restart { after: chance.between(3, 40) },
            Kind::MadeAndFailed => Trouble::FailedCreations { every: chance.between(1, 4) },
            _ => continue,
        };
    }
    Trouble::None
}
