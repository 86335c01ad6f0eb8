//! Markdown pages that carry the document in a fenced code block (`CommonMark` 0.31 §4.5).
//!
//! Documentation sites serve operations in this format. Everything before the block is replaced by spaces, except for line
//! breaks, so that offsets, lines and columns are those of the page. Other Markdown is not read.

use crate::location::{InputError, InputErrors, Source, Span};

/// A fenced block, by the place of its content.
struct Block {
    content: Span,
}

/// The text of the page up to the end of the block that holds an OpenAPI document, with everything before the block replaced by
/// spaces.
pub(super) fn document(source: &Source) -> Result<String, InputErrors> {
    let text = source.text();
    let blocks = blocks(text);
    let of_openapi: Vec<&Block> =
        blocks.iter().filter(|block| has_key(block.text(text), &["openapi", "swagger"])).collect();
    // A page may also quote the start of the document.
    let whole: Vec<&Block> = of_openapi.iter().copied().filter(|block| has_key(block.text(text), &["paths"])).collect();
    let candidates = if whole.is_empty() { of_openapi } else { whole };
    match candidates.as_slice() {
        [block] => Ok(blank_before(text, block.content)),
        [] => {
            let error = match blocks.len() {
                0 => InputError::at(source.place(Span::new(0, 0)), "this page has no fenced code block"),
                1 => InputError::at(
                    source.place(blocks[0].content),
                    "the fenced block of this page is no OpenAPI document",
                ),
                n => InputError::at(
                    source.place(blocks[0].content),
                    format!("none of the {n} fenced blocks of this page is an OpenAPI document"),
                ),
            };
            Err(error.help("The document belongs between two lines of ```, and begins with `openapi:`.").into())
        }
        [first, second, ..] => {
            let line = |block: &Block| source.position(block.content.start).line;
            Err(InputError::at(
                source.place(second.content),
                format!("this page has several OpenAPI documents, in lines {} and {}", line(first), line(second)),
            )
            .help("Keep one of them on the page, or save the one that is meant as a file of its own.")
            .into())
        }
    }
}

/// Whether a text looks like such a page, for files whose name does not tell.
pub(super) fn looks_like_one(text: &str) -> bool {
    blocks(text).iter().any(|block| has_key(block.text(text), &["openapi", "swagger"]))
}

impl Block {
    fn text<'a>(&self, page: &'a str) -> &'a str {
        &page[self.content.start..self.content.end]
    }
}

/// All fenced blocks. A block that is not closed extends to the end of the page, as `CommonMark` says.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(char, usize, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let next = start + line.len();
        match open {
            None => {
                if let Some((mark, length)) = opening(line) {
                    open = Some((mark, length, next));
                }
            }
            Some((mark, length, content)) if closes(line, mark, length) => {
                blocks.push(Block { content: Span::new(content, start) });
                open = None;
            }
            Some(_) => {}
        }
        start = next;
    }
    if let Some((_, _, content)) = open {
        blocks.push(Block { content: Span::new(content, text.len()) });
    }
    blocks
}

/// The mark and its length, if a line opens a fence. Indentation does not matter here: in a list it may be deep.
fn opening(line: &str) -> Option<(char, usize)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|character| *character == mark).count();
    let info = &line[length..];
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length))
}

fn closes(line: &str, mark: char, length: usize) -> bool {
    let line = line.trim();
    line.len() >= length && line.chars().all(|character| character == mark)
}

/// Whether a line of the block begins with one of these keys, in YAML or JSON, quoted or not.
fn has_key(block: &str, keys: &[&str]) -> bool {
    block.lines().any(|line| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
        keys.iter().any(|key| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
        }) || (line.len() > 200 && keys.iter().any(|key| line.contains(&format!("\"{key}\""))))
    })
}

/// Every byte before the span becomes a space; line breaks stay. What comes after it is left out: as blanks it could
/// still belong to a block scalar at the end.
fn blank_before(text: &str, keep: Span) -> String {
    let blank: String = text[..keep.start]
        .bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect();
    blank + &text[keep.start..keep.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        document(&Source::new("page.md", text)).ok().map(|text| text.trim().to_owned())
    }

    #[test]
    fn the_block_is_found_whatever_its_fence() {
        for text in [
            "# T\n\n```yaml\nopenapi: 3.0.1\n```\nafter\n",
            "````yaml /x.json delete /y/{z}\nopenapi: 3.0.1\n```\n````\n",
            "~~~\nopenapi: 3.0.1\n~~~~~\n",
            "- item\n\n    ```yml title=\"a\"\n    openapi: 3.0.1\n    ```\n",
            "```\r\nopenapi: 3.0.1\r\n```\r\n",
            "```sh\ncurl x\n```\n\n~~~json\n\n\"openapi\": 1\n~~~\n",
            "`not a fence` ```\n```yaml\nopenapi: 3.0.1",
        ] {
            let found = found(text).unwrap_or_else(|| panic!("{text}"));
            assert!(found.starts_with("openapi: 3.0.1") || found.starts_with("\"openapi\""), "{text}: {found}");
        }
    }

    #[test]
    fn offsets_lines_and_columns_stay_those_of_the_page() {
        let page = "# Prüfung é\r\n\n~~~\nopenapi: 3.0.1 # ü\n~~~\nende\n";
        let text = document(&Source::new("page.md", page)).expect("a document");
        let end = text.len();
        assert_eq!(text.find("openapi"), page.find("openapi"));
        assert_eq!(text.matches('\n').count(), page[..end].matches('\n').count());
        assert!(!text.contains("ende") && !text.contains('~'));
    }

    #[test]
    fn a_whole_document_wins_over_a_quoted_head() {
        let page = "```yaml\nopenapi: 3.0.1\n```\n```yaml\nopenapi: 3.0.2\npaths: {}\n```\n";
        assert!(found(page).expect("one").starts_with("openapi: 3.0.2"));
    }

    #[test]
    fn a_document_on_one_line_is_found() {
        let long = format!("{{\"x\": \"{}\", \"openapi\": \"3.0.1\", \"paths\": {{}}}}", "y".repeat(300));
        assert!(found(&format!("```json\n{long}\n```\n")).is_some());
    }

    #[test]
    fn pages_without_one_or_with_several_are_refused() {
        for (page, message, line) in [
            ("# T\n", "this page has no fenced code block", 1),
            ("a\n```\nx: 1\n```\n", "the fenced block of this page is no OpenAPI document", 3),
            ("```\nx\n```\n```\ny\n```\n", "none of the 2 fenced blocks of this page is an OpenAPI document", 2),
            (
                "```\nopenapi: 3.0.0\n```\n\n```\nopenapi: 3.0.0\n```\n",
                "this page has several OpenAPI documents, in lines 2 and 6",
                6,
            ),
        ] {
            let error = document(&Source::new("page.md", page)).expect_err(page).0.remove(0);
            assert_eq!(error.message, message);
            assert_eq!(error.place.expect("a place").line(), line, "{page}");
            assert!(error.help.is_some());
        }
    }
}
