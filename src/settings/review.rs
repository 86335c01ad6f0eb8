//! What becomes of a record that differs from what came, as insta's variable `INSTA_UPDATE` says it.

use super::Environment;

/// What is done with what the embedded reference answers where the recorded behaviour differs from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Review {
    /// It is left beside the record, for somebody to accept (`new`; also when nothing is said, except on CI).
    #[default]
    Propose,
    /// It becomes the record where there is none, and is left beside it where there is (`unseen`).
    AcceptUnseen,
    /// It becomes the record (`always`).
    Accept,
    /// Nothing is written (`no`; also when nothing is said on CI, where nobody would look).
    Nothing,
}

impl Review {
    /// What `INSTA_UPDATE` says, and a note if it is none of insta's words.
    pub(super) fn of(env: &Environment) -> (Self, Option<String>) {
        let is_ci = env.get("CI").is_some_and(|value| !matches!(value, "" | "0" | "false")) || env.has("TF_BUILD");
        let usual = if is_ci { Self::Nothing } else { Self::Propose };
        match env.get("INSTA_UPDATE") {
            None | Some("" | "auto") => (usual, None),
            Some("new") => (Self::Propose, None),
            Some("unseen") => (Self::AcceptUnseen, None),
            Some("always" | "1" | "force") => (Self::Accept, None),
            Some("no") => (Self::Nothing, None),
            Some(_) => {
                let note = "the variable INSTA_UPDATE has no effect: it is auto, always, new, unseen or no";
                (usual, Some(note.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_insta() {
        for (variables, expected) in [
            (&[][..], Review::Propose),
            (&[("CI", "false")], Review::Propose),
            (&[("CI", "true")], Review::Nothing),
            (&[("CI", "true"), ("INSTA_UPDATE", "new")], Review::Propose),
            (&[("INSTA_UPDATE", "")], Review::Propose),
            (&[("INSTA_UPDATE", "always")], Review::Accept),
            (&[("INSTA_UPDATE", "unseen")], Review::AcceptUnseen),
            (&[("INSTA_UPDATE", "no")], Review::Nothing),
        ] {
            let env: Environment = variables.iter().copied().collect();
            assert_eq!(Review::of(&env), (expected, None), "{variables:?}");
        }
        let (review, note) = Review::of(&[("INSTA_UPDATE", "sometimes")].into_iter().collect());
        assert!(review == Review::Propose && note.is_some_and(|note| note.contains("INSTA_UPDATE")));
    }
}
