//! An API that a suite is written for: a collection, perhaps below a parent that others own, with ids of one shape.

use serde_json::{Value, json};

use crate::chance::Chance;

/// The shapes of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Uuid,
    Number,
    LongNumber,
    Hex,
    Nano,
    Ulid,
    Prefixed,
    Word,
}

impl Shape {
    pub(crate) const ALL: [Self; 8] =
        [Self::Uuid, Self::Number, Self::LongNumber, Self::Hex, Self::Nano, Self::Ulid, Self::Prefixed, Self::Word];

    /// An id of an object that others made.
    fn foreign(self, chance: &mut Chance) -> String {
        match self {
            Self::Uuid => {
                format!("{:08x}-8f0b-4c1d-9e2f-77aa00bb{:04x}", chance.between(1 << 28, 1 << 32), chance.below(9999))
            }
            Self::Number => chance.between(100, 500).to_string(),
            Self::LongNumber => chance.between(10_000_000, 50_000_000).to_string(),
            Self::Hex => format!("507f1f77bcf86cd7{:08x}", chance.between(1 << 28, 1 << 32)),
            Self::Nano => random(chance, 21, "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789_-"),
            Self::Ulid => format!("01{}", random(chance, 24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")),
            Self::Prefixed => {
                format!("cus_{}", random(chance, 16, "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
            }
            Self::Word => {
                chance.pick(&["production", "alice", "billing", "home", "europe", "kept-for-alice"]).to_owned()
            }
        }
    }

    /// The id of the object that the run makes as number `number`.
    fn own(self, number: usize) -> String {
        match self {
            Self::Uuid => format!("c0ffee00-0000-4000-8000-{number:012x}"),
            Self::Number => (600 + number).to_string(),
            Self::LongNumber => (70_000_000 + number).to_string(),
            Self::Hex => format!("60aa1f77bcf86cd7{number:08x}"),
            Self::Nano => format!("V1StGXR8_Z5jdHi6Bm{number:03}"),
            Self::Ulid => format!("01HZ3NDEKTSV4RRFFQ69G5F{number:03}"),
            Self::Prefixed => format!("cus_NffrFeUfNV2Hi{number:03}"),
            Self::Word => format!("own-thing-{number}"),
        }
    }
}

/// A text of random characters, beginning with a letter, with a digit and letters of both cases where there are any.
fn random(chance: &mut Chance, length: usize, from: &str) -> String {
    let all: Vec<char> = from.chars().collect();
    let letters: Vec<char> = all.iter().copied().filter(|c| c.is_alphabetic()).collect();
    let mut text: String = (1..length).map(|_| chance.pick(&all)).collect();
    text.insert(0, chance.pick(&letters));
    text
}

/// What the server and the suite agree on.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) shape: Shape,
    pub(crate) collection: String,
    /// The collection of the parents, and the parent.
    pub(crate) parent: Option<(String, String)>,
    /// Another object in the collection.
    pub(crate) victim: String,
    /// The owner of every object: an id that all objects share.
    pub(crate) owner: String,
    /// Every id of an object that the run does not make.
    pub(crate) foreign: Vec<String>,
    pub(crate) collections: Vec<String>,
    /// What may stand in query or body beside an object of the run: a name and an id.
    pub(crate) companions: Vec<(String, String)>,
    /// Ids that are words.
    words: Vec<String>,
}

impl Api {
    pub(crate) fn of(chance: &mut Chance) -> Self {
        let shape = chance.pick(&Shape::ALL);
        let collection =
            chance.pick(&["things", "projects", "users", "conversations", "flow_runs", "dag-runs"]).to_owned();
        let parent_shape = chance.pick(&Shape::ALL);
        let parent = (chance.below(5) < 2).then(|| {
            let name = chance.pick(&["tenants", "dags", "spaces", "queues"]).to_owned();
            (name, parent_shape.foreign(chance))
        });
        let victim = shape.foreign(chance);
        let owner_shape = chance.pick(&Shape::ALL);
        let owner = owner_shape.foreign(chance);
        let mut foreign = vec![victim.clone(), owner.clone()];
        foreign.extend(parent.iter().map(|(_, id)| id.clone()));
        let mut words: Vec<String> = Vec::new();
        for (id, of) in [(&victim, shape), (&owner, owner_shape)] {
            words.extend(Some(id.clone()).filter(|_| of == Shape::Word));
        }
        words.extend(parent.iter().filter(|_| parent_shape == Shape::Word).map(|(_, id)| id.clone()));
        let mut collections = vec![collection.clone(), "people".to_owned()];
        collections.extend(parent.iter().map(|(name, _)| name.clone()));
        Self { shape, collection, parent, victim, owner, foreign, collections, companions: Vec::new(), words }
    }

    /// An API with things of one shape, one of which others made.
    pub(crate) fn fixed(shape: Shape, victim: &str) -> Self {
        let owner = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d".to_owned();
        let words = vec!["production".to_owned()];
        let mut foreign = vec![victim.to_owned(), owner.clone()];
        foreign.extend(words.iter().filter(|word| *word != victim).cloned());
        let collections = ["things", "people", "spaces", "customers", "pairs"].map(str::to_owned).to_vec();
        Self {
            shape,
            collection: "things".to_owned(),
            parent: None,
            victim: victim.to_owned(),
            owner,
            foreign,
            collections,
            companions: Vec::new(),
            words,
        }
    }

    /// The path of the collection, with the parent as it is given.
    pub(crate) fn path(&self, parent: &str) -> String {
        match &self.parent {
            Some((name, _)) => format!("/{name}/{parent}/{}", self.collection),
            None => format!("/{}", self.collection),
        }
    }

    pub(crate) fn is_word(&self, id: &str) -> bool {
        self.words.iter().any(|word| word == id)
    }

    /// The id of a new object of the run. An object whose id is a word is called as the request says.
    pub(crate) fn own_id(&self, number: usize, body: &str) -> String {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        match body["name"].as_str() {
            Some(name) if self.shape == Shape::Word => name.to_owned(),
            _ => self.shape.own(number),
        }
    }

    /// What the server says of an object.
    pub(crate) fn shown(&self, id: &str) -> Value {
        let parent = self.parent.as_ref().map(|(_, id)| id);
        let id = self.typed(id);
        let neighbours = [self.typed(&self.victim)];
        json!({"id": id, "parent": parent, "owner": self.owner, "neighbours": neighbours, "items": [{"id": self.victim}]})
    }

    /// An id as JSON: a number where ids are numbers.
    pub(crate) fn typed(&self, id: &str) -> Value {
        match id.parse::<u64>() {
            Ok(number) if matches!(self.shape, Shape::Number | Shape::LongNumber) => json!(number),
            _ => json!(id),
        }
    }
}
