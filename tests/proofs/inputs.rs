//! Input that cannot be right gives one clear error.

use crate::command::{Finished, Folder};
use crate::shelf::{REMOVES, Shelf};
use crate::world::{World, json};
use crate::{Ran, at};

#[test]
fn a_wait_that_is_longer_than_an_exchange_is_refused_where_it_stands() {
    let shelf = Shelf::start(|seen, shelf| shelf.usual(seen));
    let folder = Folder::new();
    for (exists, written) in [
        (r#"{call: "GET /things/{{id}}", yes: 200, no: 404, within: 40s}"#, "within: 40s"),
        (
            r#"{call: "GET /things/{{id}}", yes: 200, no: 404}
    within: 31s"#,
            "within: 31s",
        ),
    ] {
        let command = shelf.run(&folder, exists, 204, REMOVES, &[]);
        let finished = Finished::of(command).expect(2);
        let suite = std::fs::read_to_string(folder.path().join("suite.yaml")).expect("the suite");
        let (at, line) = suite.lines().enumerate().find(|(_, line)| line.contains(written)).expect("its line");
        let column = line.find(written).expect("its column") + "within: ".len() + 1;
        let place = format!("suite.yaml:{}:{column}", at + 1);
        assert!(finished.stderr.contains(&place), "{place}: {}", finished.stderr);
        assert!(finished.stderr.contains("longer than one exchange may take"), "{}", finished.stderr);
        assert!(finished.stderr.contains("--timeout"), "{}", finished.stderr);
        assert_eq!(finished.stderr.matches("error").count(), 1, "{}", finished.stderr);
    }
    assert!(shelf.things().is_empty());
}

#[test]
fn a_provided_object_of_another_user_is_one_clear_error() {
    // There is such a conversation, and it is not the user's that is named with it.
    let world = World::start(|seen, _| {
        let other = seen.target.contains("/messages") && !seen.target.contains("user=somebody");
        (other && seen.target.contains("0000000000aa")).then(|| json(404, "NO", r#"{"code":"not_found"}"#))
    });
    let id = world.make("somebody");
    let other = world.make("mallory");
    let mut command = at(&world, &["delete_conversation/success"]);
    command.env("CONVERSATION_IDS", format!("{id}@mallory,{other}@mallory"));
    let ran = Ran::of(command).expect(3);
    assert_eq!(ran.rules("must"), [], "{}", ran.said);
    assert_eq!(ran.verdict("/success"), "error", "{}", ran.said);
    let reason = ran.cases().next().expect("a case")["reason"].as_str().expect("a reason").to_owned();
    assert!(reason.contains(&id) && reason.contains("the user mallory does not have"), "{reason}");
    assert!(world.left().contains(&id), "it was removed: {}", ran.said);
    assert!(ran.left().is_empty(), "what was handed over is nobody's to leave behind: {}", ran.said);
}
