//! The table of kinds: each way in which a server that keeps its contract is awkward, what goes together, and what a run
//! may end in where it need not end in "conforms".

/// A way to be awkward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    UserRace,
    NoUsers,
    LateReads,
    SlowCreation,
    NumbersAgain,
    Slugs,
    Capitals,
    TwoParts,
    Asynchronous,
    GoneStatus,
    MarkedDeleted,
    SoftDelete,
    LimitTold,
    LimitUntold,
    BusyWrites,
    KeptEnd,
    FreshEnd,
    OneWorkerCloses,
    OneWorkerKeeps,
    Restart,
    GoneAccepted,
    MadeAndFailed,
}

/// What a run against a sound world may end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Every case passes, and the exit is 0.
    Conforms,
    /// No case fails; some may not be judged, and then the exit is 3.
    MayBeUnjudged,
    /// As the one before where several cases run at once; with one job every case passes.
    MayBeUnjudgedBesideOthers,
    /// No case fails, and the exit is 3.
    MustBeUnjudged,
}

/// What a kind is about. A world has at most one kind of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Users,
    Reads,
    Creation,
    Ids,
    Removal,
    Gone,
    Trouble,
}

/// One line of the table.
struct Row {
    kind: Kind,
    part: Part,
    name: &'static str,
    about: &'static str,
    allowed: Allowed,
}

const fn row(kind: Kind, part: Part, allowed: Allowed, name: &'static str, about: &'static str) -> Row {
    Row { kind, part, name, about, allowed }
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(Kind::UserRace, Part::Users, Allowed::Conforms, "user race",
        "a user is looked up and then inserted, with a gap; what belongs to any but the first of a name is found by nobody"),
    row(Kind::NoUsers, Part::Users, Allowed::Conforms, "no users", "the API knows no users"),
    row(Kind::LateReads, Part::Reads, Allowed::Conforms, "late reads", "reads lag behind writes"),
    row(Kind::SlowCreation, Part::Creation, Allowed::Conforms, "slow creations", "a creation takes 0 to 300 ms"),
    row(Kind::NumbersAgain, Part::Ids, Allowed::Conforms, "numbers again",
        "ids are numbers, freed ones are given again, and the row is gone some ms before the response"),
    row(Kind::Slugs, Part::Ids, Allowed::Conforms, "slugs", "ids are words"),
    row(Kind::Capitals, Part::Ids, Allowed::Conforms, "capitals", "ids that differ in capitals alone are different ids"),
    row(Kind::TwoParts, Part::Ids, Allowed::Conforms, "two parts", "the path names a parent and its child"),
    row(Kind::Asynchronous, Part::Removal, Allowed::Conforms, "removal later",
        "a removal is answered 202, as documented, and the object goes up to 0.7 s later"),
    row(Kind::GoneStatus, Part::Gone, Allowed::Conforms, "410", "what is gone is answered 410"),
    row(Kind::MarkedDeleted, Part::Gone, Allowed::Conforms, "marked deleted",
        "a look at what is not there is answered 200 with `deleted: true`"),
    row(Kind::SoftDelete, Part::Gone, Allowed::Conforms, "soft deletes",
        "a look at what was deleted is answered 200 with `deleted: true`, one at what never was with neither yes nor no"),
    row(Kind::LimitTold, Part::Trouble, Allowed::Conforms, "429 with Retry-After", "too many requests are refused"),
    row(Kind::LimitUntold, Part::Trouble, Allowed::Conforms, "429 without Retry-After", "the same, without saying until when"),
    row(Kind::BusyWrites, Part::Trouble, Allowed::Conforms, "503 for a write beside another",
        "a write while another goes on is refused"),
    row(Kind::KeptEnd, Part::Trouble, Allowed::Conforms, "kept connections end",
        "a kept connection ends while it is idle, or with a request that was not carried out"),
    // A creation whose connection ends may have made something, as far as the client can tell.
    row(Kind::FreshEnd, Part::Trouble, Allowed::MayBeUnjudged, "fresh connections end",
        "a new connection ends before its first request, which is not the judged one, was carried out"),
    row(Kind::OneWorkerCloses, Part::Trouble, Allowed::Conforms, "one worker, closing",
        "one connection is served at a time and closed after each response"),
    // Several clients that each keep a connection wait for one another.
    row(Kind::OneWorkerKeeps, Part::Trouble, Allowed::MayBeUnjudgedBesideOthers, "one worker, keeping",
        "one connection is served at a time, as long as its client keeps it"),
    row(Kind::Restart, Part::Trouble, Allowed::MayBeUnjudged, "restart",
        "nothing listens for a second in the middle of the run; the state is kept"),
    row(Kind::GoneAccepted, Part::Gone, Allowed::Conforms, "removal of what is gone accepted",
        "the document allows it: whatever is not there afterwards is answered as removed"),
    row(Kind::MadeAndFailed, Part::Creation, Allowed::MustBeUnjudged, "made and answered 500",
        "creations are answered 500, some or all, and made their object"),
];

/// Kinds of different parts that do not make sense together.
const APART: &[(Kind, Kind)] = &[
    // A freed number names a new object, so nothing can be said of the old one.
    (Kind::NumbersAgain, Kind::GoneStatus),
    (Kind::NumbersAgain, Kind::MarkedDeleted),
    (Kind::NumbersAgain, Kind::SoftDelete),
    // The two answers of such a removal would be the same.
    (Kind::Asynchronous, Kind::GoneAccepted),
];

impl Kind {
    /// All, in the order of the table.
    pub(crate) fn all() -> impl ExactSizeIterator<Item = Self> {
        TABLE.iter().map(|row| row.kind)
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.kind == self).expect("every kind is in the table")
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    pub(crate) fn about(self) -> &'static str {
        self.row().about
    }

    pub(crate) fn allowed(self) -> Allowed {
        self.row().allowed
    }

    /// Whether a world can be both.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        let failing = |kind: Self| kind == Self::MadeAndFailed;
        // Without other trouble, what is left can only be what a failed creation left.
        let troubles = self.row().part == Part::Trouble || other.row().part == Part::Trouble;
        self.row().part != other.row().part
            && !APART.iter().any(|pair| *pair == (self, other) || *pair == (other, self))
            && !(troubles && (failing(self) || failing(other)))
    }
}
