//! The place of a tab that YAML does not allow. The scanner reports another place: the character behind the tab, or the start
//! of the value that the tab ends.

const BLANK: [char; 2] = [' ', '\t'];

/// The first tab in the white space before a place of its line; the place itself if there is none.
pub(super) fn before(text: &str, at: usize) -> usize {
    let line = line_start(text, at);
    let blank = text[line..at].trim_end_matches(BLANK).len();
    text[line + blank..at].find('\t').map_or(at, |tab| line + blank + tab)
}

/// The tab that ends the value which begins at a place: the first tab in the indentation of a line below. The place itself
/// if there is none. A tab behind enough spaces of indentation is ordinary white space, and so is a tab in an empty line.
pub(super) fn below(text: &str, at: usize) -> usize {
    let least = indentation(&text[line_start(text, at)..at]);
    let Some(mut line) = text[at..].find('\n').map(|end| at + end + 1) else { return at };
    for content in text[line..].split_inclusive('\n') {
        let blank = content.len() - content.trim_start_matches(BLANK).len();
        let is_empty = content[blank..].trim_start_matches('\r').trim_start_matches('\n').is_empty();
        if let Some(tab) = content[..blank].find('\t').filter(|tab| *tab < least && !is_empty) {
            return line + tab;
        }
        line += content.len();
    }
    at
}

/// The first tab in the indentation before a place, if the line holds nothing else before it.
pub(super) fn indenting(text: &str, at: usize) -> Option<usize> {
    let line = line_start(text, at);
    let before = &text[line..at];
    if before.trim_start_matches(BLANK).is_empty() { before.find('\t').map(|tab| line + tab) } else { None }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// How many spaces the lines below a value must be indented by, at least; `before` is the text before the value in its line.
/// That is one more than its key or its dash, or as many as the value itself if it begins the line.
fn indentation(before: &str) -> usize {
    let mut least = before.len() - before.trim_start_matches(' ').len();
    let mut rest = &before[least..];
    if rest.is_empty() {
        return least;
    }
    while let Some(behind) = rest.strip_prefix("- ") {
        let content = behind.trim_start_matches(BLANK);
        if content.is_empty() {
            break;
        }
        least += rest.len() - content.len();
        rest = content;
    }
    least + 1
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use crate::location::Source;

    #[test]
    fn a_tab_is_told_where_it_is() {
        for marked in [
            "a:\n▶\tb: 1\n",
            "a:\n  b:\n▶\t  c: 1\n",
            "a:\n  b:\n ▶\tc: 1\n",
            "a:\n  b: [1,\n▶\t2]\n",
            "a:\n  b: {c: 1,\n ▶\td: 2}\n",
            "a: some\n▶\ttext\n",
            "a:\n  b: some\n ▶\t text\n",
            "a:\n  - b: some\n   ▶\ttext\n",
            "a:\n  - - some\n ▶\ttext\n",
            "a:\n  - one\n▶\t- two\n",
            "a:\tsome\n▶\ttext\n",
            "a:\n  b: a\n   \ttext of\n\t\n  \t\r\n   several\n▶\tlines\n",
            "a:\n    some text\n▶\t    that goes on\n",
            "a: |\n▶\ttext\n",
            "a: >-\n  fine\n▶\tnot fine\n",
            "é: ö\n▶\tü\n",
        ] {
            let at = marked.find('▶').expect("a mark");
            let source = Source::new("a.yaml", marked.replace('▶', ""));
            let errors = yaml::read(&source).expect_err(marked).0;
            let place = errors[0].place.as_ref().expect("a place");
            assert_eq!((errors.len(), place.position()), (1, source.position(at)), "{marked}\n{}", errors[0]);
            assert_eq!(errors[0].help.as_deref(), Some("Indent with spaces; YAML allows no tabs there."), "{marked}");
        }
    }

    #[test]
    fn tabs_that_are_allowed_are_read() {
        for text in
            ["a:\tb\n", "a: some\n \ttext\n", "a: 'some\n\ttext'\n", "a: |\n  some\n  \ttext\n", "a:\tb # c\td\n"]
        {
            assert!(yaml::read(&Source::new("a.yaml", text)).is_ok(), "{text:?}");
        }
    }
}
