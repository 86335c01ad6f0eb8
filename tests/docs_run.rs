//! Every transcript and suite in the docs is what the command prints and reads.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::{Path, PathBuf};

use command::{Finished, Folder, conformant, run};

/// The pages, and how many console blocks each has at least, so that a renamed fence cannot switch the test off.
const PAGES: &[(&str, usize)] = &[("README.md", 2), ("docs/releases.md", 1)];

/// A console block: the line it begins on, the command's arguments, what is shown.
struct Block {
    line: usize,
    arguments: Vec<String>,
    shown: String,
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a page")
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line != "```console" {
            continue;
        }
        let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let (first, shown) = body.split_first().expect("a command");
        let command = first.strip_prefix("$ conformant").expect("`$ conformant …`");
        blocks.push(Block {
            line: number + 1,
            arguments: command.split_whitespace().map(str::to_owned).collect(),
            shown: shown.join("\n"),
        });
    }
    blocks
}

/// What is another in every run, replaced: ids, users, ports, times, sizes, dates.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim_end().lines() {
        let mut words: Vec<String> = Vec::new();
        let mut rest = line.trim_end();
        // Dates hold blanks, so they go first.
        if let Some(at) = rest.find("Date: ").or_else(|| rest.find("date: ")) {
            rest = &rest[..at + 6];
        }
        // Columns are as wide as their times, which are others each time.
        for word in rest.split_whitespace() {
            words.push(if word.parse::<f64>().is_ok() && word.contains('.') {
                "0.0".to_owned()
            } else {
                normal_word(word)
            });
        }
        out.push_str(&words.join(" ").replace("0.0 s", "0.0 ms"));
        out.push('\n');
    }
    out
}

/// Runs of hexadecimal digits and hyphens that are long enough for an id, numbers after a colon, sizes.
fn normal_word(word: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        let id = run.len() >= 16 && run.bytes().any(|byte| byte.is_ascii_digit());
        let port = out.ends_with("127.0.0.1:") && run.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(if id {
            "ID"
        } else if port {
            "PORT"
        } else {
            run
        });
        run.clear();
    };
    for c in word.chars() {
        if c.is_ascii_hexdigit() || (c == '-' && !run.is_empty()) {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

#[test]
fn every_transcript_is_what_the_command_prints() {
    for (name, least) in PAGES {
        let text = page(name);
        let blocks = blocks(&text);
        assert!(blocks.len() >= *least, "{name} has {} console blocks", blocks.len());
        for block in blocks {
            let arguments: Vec<&str> = block.arguments.iter().map(String::as_str).collect();
            let finished = run(&arguments);
            let printed = normal(&format!("{}{}", finished.stdout, finished.stderr));
            assert_eq!(
                normal(&block.shown),
                printed,
                "{name}:{} shows something else than the command prints:\n{}{}",
                block.line,
                finished.stdout,
                finished.stderr
            );
        }
    }
}

#[test]
fn the_suite_that_the_page_shows_is_read() {
    let text = page("docs/suite.md");
    let suite = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a suite");
    let folder = Folder::new();
    fs::create_dir_all(folder.path().join("cases")).expect("a folder");
    fs::create_dir_all(folder.path().join("spec")).expect("a folder");
    let document: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/openapi_chatflow.yaml");
    fs::copy(document, folder.path().join("spec/openapi_chatflow.yaml")).expect("the document");
    fs::write(folder.path().join("cases/shown.yaml"), suite).expect("the suite");
    let mut command = conformant(&["run"]);
    command.current_dir(folder.path());
    let finished = Finished::of(command).expect(0);
    assert!(finished.stdout.contains("shown/success"), "{}", finished.stdout);
}
