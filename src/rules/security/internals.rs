//! Finds stack traces, errors of databases and paths of the server in text, by patterns that harmless text does not have.

use std::borrow::Cow;

use memchr::memmem;

/// How much of a body is looked at.
const WINDOW: usize = 64 * 1024;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trace {
    /// What it is, in words with the article.
    pub(super) what: &'static str,
    /// The line, or the path.
    pub(super) text: String,
}

/// Extensions of source and program files, as they end a path in a trace.
const SOURCES: &[&str] = &[
    ".py", ".pyc", ".java", ".kt", ".rb", ".go", ".rs", ".js", ".mjs", ".cjs", ".ts", ".php", ".cs", ".cpp", ".c",
    ".ex", ".scala", ".jar", ".war", ".dll",
];

/// Where programs live on servers. API paths seldom begin like this, and never also end like a source file.
const ROOTS: &[&str] = &[
    "/home/",
    "/root/",
    "/usr/",
    "/var/",
    "/opt/",
    "/srv/",
    "/app/",
    "/etc/",
    "/tmp/",
    "/mnt/",
    "/code/",
    "/workspace/",
    "/Users/",
    "/build/",
    "/usr/src/",
];

/// The first trace or path in a body.
pub(super) fn find(body: &[u8]) -> Option<Trace> {
    let window = &body[..body.len().min(WINDOW)];
    // Every pattern has one of these, and an ordinary answer has none.
    let hint = window.iter().any(|byte| matches!(byte, b'/' | b'\\' | b'[' | b'('))
        || memmem::find(window, b"Traceback").is_some()
        || [
            "panicked",
            "SQL",
            "psycopg",
            "sqlalchemy",
            "sqlite3.",
            "pymysql",
            "ORA-",
            "does not exist",
            "constraint",
            "exceptions.",
            "Mongo",
            "ECONNREFUSED",
        ]
        .iter()
        .any(|word| memmem::find(window, word.as_bytes()).is_some());
    if !hint {
        return None;
    }
    let text = unescaped(window);
    text.lines().find_map(|line| trace(line).or_else(|| path(line)))
}

/// JSON escapes undone where they matter here, so that a trace inside a JSON string is read line by line.
fn unescaped(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('\\') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n' | 'r') => plain.push('\n'),
            Some('t') => plain.push(' '),
            Some(escaped @ ('/' | '"' | '\\')) => plain.push(escaped),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

fn trace(line: &str) -> Option<Trace> {
    const TRACEBACK: &str = "Traceback (most recent call last)";
    let found = |what| Some(Trace { what, text: line.trim().to_owned() });
    let trimmed = line.trim_start();
    if line.contains(TRACEBACK) {
        // What stands before it on the line, such as the start of a JSON body, is no part of the trace.
        return Some(Trace { what: "a Python stack trace", text: format!("{TRACEBACK}: …") });
    }
    if let Some(rest) = after(line, "File \"")
        && rest.split_once("\", line ").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        return found("a Python stack trace");
    }
    if let Some(rest) = after(line, "goroutine ")
        && rest.split_once(" [").is_some_and(|(number, rest)| is_number(number) && rest.contains("]:"))
    {
        return found("a Go stack trace");
    }
    if let Some(rest) = after(line, "thread '")
        && rest.contains("' panicked at ")
    {
        return found("a Rust panic");
    }
    // Traces are also sent on one line or inside an element, so the word is looked for anywhere in it.
    if let Some(rest) = trimmed.strip_prefix("at ").or_else(|| after(line, " at "))
        && let Some(what) = frame(rest)
    {
        return found(what);
    }
    if let Some(rest) = after(line, " on line ")
        && rest.starts_with(|c: char| c.is_ascii_digit() || c == '<')
        && line.contains(".php")
    {
        return found("a PHP error with its place");
    }
    // `app/models/order.rb:12:in 'delete'`
    if let Some(rest) = after(line, ".rb:")
        && rest
            .split_once(":in ")
            .is_some_and(|(number, method)| is_number(number) && method.starts_with(['`', '\'', '<']))
    {
        return found("a Ruby stack trace");
    }
    if let Some(what) = framework(line) {
        return found(what);
    }
    database(line).then_some(Trace { what: "a database's error", text: line.trim().to_owned() })
}

/// What a runtime or framework says of its own inside.
fn framework(line: &str) -> Option<&'static str> {
    const MARKS: &[(&str, &str)] = &[
        ("// Werkzeug Debugger", "a debugger's page"),
        ("Server Error in '/", "an ASP.NET error page"),
        ("redis.exceptions.", "a Python error"),
        ("requests.exceptions.", "a Python error"),
    ];
    // `** (RuntimeError) oops`
    let elixir = after(line, "** (").and_then(|rest| rest.split_once(')')).is_some_and(|(name, _)| {
        name.ends_with("Error") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    });
    if elixir {
        return Some("an Elixir error");
    }
    // `Died at /usr/lib/perl5/X.pm line 12.`
    if let Some((file, rest)) = line.split_once(" line ")
        && [".pm", ".pl"].iter().any(|ending| file.ends_with(ending))
        && file.contains(" at /")
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return Some("a Perl error with its place");
    }
    if let Some((_, what)) = MARKS.iter().find(|(mark, _)| line.contains(mark)) {
        return Some(what);
    }
    // `connect ECONNREFUSED 10.2.3.4:5432`
    let refused =
        after(line, "ECONNREFUSED ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == ':'));
    refused.then_some("where another server of the API is")
}

/// Whether a line is what a database or its driver says: their own names and codes, and whole phrases of theirs.
fn database(line: &str) -> bool {
    const MARKS: &[&str] = &[
        "SQLSTATE[",
        "psycopg2.",
        "psycopg.errors.",
        "sqlalchemy.exc.",
        "java.sql.SQL",
        "SQLITE_ERROR",
        "SqlException",
        "You have an error in your SQL syntax",
        "syntax error at or near \"",
        "duplicate key value violates unique constraint \"",
        "violates not-null constraint",
        "violates foreign key constraint \"",
        "sqlite3.OperationalError",
        "sqlite3.IntegrityError",
        "MongoServerError",
        "pymysql.err.",
    ];
    let oracle = after(line, "ORA-").and_then(|rest| rest.get(..5)).is_some_and(is_number);
    let postgres = after(line, "relation \"").is_some_and(|rest| rest.contains("\" does not exist"));
    oracle || postgres || MARKS.iter().any(|mark| line.contains(mark))
}

/// A line of a trace, after its `at `.
fn frame(rest: &str) -> Option<&'static str> {
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    if let Some((_, place)) = rest.split_once('(')
        && let Some((place, _)) = place.split_once(')')
    {
        let (file, number) = place.rsplit_once(':').unwrap_or((place, ""));
        if is_number(number) && [".java", ".kt", ".scala", ".groovy"].iter().any(|it| file.ends_with(it)) {
            return Some("a Java stack trace");
        }
        // `(/srv/app/index.js:10:15)`
        if is_number(number) && file.rsplit_once(':').is_some_and(|(file, line)| is_number(line) && file.contains('/'))
        {
            return Some("a Node stack trace");
        }
        if place == "Native Method" || place == "Unknown Source" {
            return Some("a Java stack trace");
        }
    }
    // `Shop.Orders.Delete(Int32 id) in C:\src\Orders.cs:line 42`
    if let Some((_, place)) = rest.split_once(") in ")
        && place.rsplit_once(":line ").is_some_and(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Some("a .NET stack trace");
    }
    None
}

/// A path of a source file on a server: below a root of Unix, with a source file's ending, or on a drive of Windows.
fn path(line: &str) -> Option<Trace> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | ',' | ';' | '`' | '|');
    for word in line.split(ends) {
        let candidate = word.trim_end_matches(['.', ':']);
        let file = candidate.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':');
        let is_source = SOURCES.iter().any(|ending| file.ends_with(ending));
        let unix = is_source && ROOTS.iter().any(|root| file.starts_with(root));
        let drive = matches!(file.as_bytes(), [letter, b':', b'\\', _, ..] if letter.is_ascii_alphabetic());
        if unix || (drive && (is_source || file.matches('\\').count() > 1)) {
            return Some(Trace { what: "a path of the server", text: candidate.to_owned() });
        }
    }
    None
}

fn after<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    line.find(mark).map(|at| &line[at + mark.len()..])
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(body: &str) -> Option<&'static str> {
        find(body.as_bytes()).map(|trace| trace.what)
    }

    #[test]
    fn traces_are_known_by_their_form() {
        for (body, expected) in [
            ("Traceback (most recent call last):\n  File", "a Python stack trace"),
            (r#"{"error":"x\n  File \"\/srv\/a.py\", line 7, in f"}"#, "a Python stack trace"),
            ("java.lang.X: y\n\tat com.shop.Orders.delete(Orders.java:42)\n", "a Java stack trace"),
            ("at sun.reflect.NativeMethod.invoke0(Native Method)", "a Java stack trace"),
            (r#"{"stack":"Error: no\n    at run (\/srv\/app\/index.js:10:15)"}"#, "a Node stack trace"),
            ("   at async Shop.run (file:///srv/app/index.mjs:10:15)", "a Node stack trace"),
            (r"   at Shop.Orders.Delete(Int32 id) in C:\src\Orders.cs:line 42", "a .NET stack trace"),
            ("goroutine 17 [running]:\nmain.main()", "a Go stack trace"),
            ("thread 'main' panicked at src/main.rs:4:5:", "a Rust panic"),
            ("Fatal error: Uncaught Error in /var/www/a.php on line 12", "a PHP error with its place"),
            ("<b>Warning</b>: x in <b>/var/www/a.php</b> on line <b>12</b>", "a PHP error with its place"),
            ("from /usr/lib/ruby/x.rb:12:in `call'", "a Ruby stack trace"),
            (r#"{"message":"cannot open \/app\/api\/models.py"}"#, "a path of the server"),
            (r#"{"file":"C:\\inetpub\\site\\web.dll"}"#, "a path of the server"),
            (r"C:\models.py", "a path of the server"),
            ("see /home/deploy/shop/index.js:12:4.", "a path of the server"),
            (r#"{"x":"** (RuntimeError) oops\n    (app 0.1.0) lib/app.ex:3: run"}"#, "an Elixir error"),
            ("** (Ecto.NoResultsError) expected one", "an Elixir error"),
            ("Died at /usr/lib/perl5/X.pm line 12.", "a Perl error with its place"),
            ("<title>NotFound // Werkzeug Debugger</title>", "a debugger's page"),
            ("<title>Server Error in '/' Application.</title>", "an ASP.NET error page"),
            ("redis.exceptions.ConnectionError: Error 111 connecting to redis:6379", "a Python error"),
            (r#"{"detail":"connect ECONNREFUSED 10.2.3.4:5432"}"#, "where another server of the API is"),
            ("sqlite3.OperationalError: no such table: x", "a database's error"),
            ("MongoServerError: E11000 duplicate key", "a database's error"),
            (r#"ERROR:  null value in column \"id\" violates not-null constraint"#, "a database's error"),
        ] {
            assert_eq!(what(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn harmless_text_is_left_alone() {
        for body in [
            r#"{"code":"not_found","message":"Conversation Not Exists.","status":404}"#,
            r#"{"message":"Did not attempt to load JSON data because the Content-Type was not 'application\/json'."}"#,
            "<p>The requested URL /v1/conversations/not-a-uuid was not found on this server.</p>",
            r#"{"path":"/app/settings","next":"/var/x","home":"/home/alice"}"#,
            r#"{"message":"Meet us at Paul's (Main Street:12) on line 4"}"#,
            r#"{"message":"See https://example.com/usr/docs/guide.js for the file \"a\", line it up"}"#,
            r#"{"message":"The exception proves the rule; look at the goroutine 17 chapter"}"#,
            r#"{"ratio":"a:\\b","escaped":"\\d+\\w"}"#,
            "the thread 'main' never panicked",
            "goroutine x [running]:",
            "** (see below) ** (Error",
            "meet us at /home, line 12",
            "ECONNREFUSED is the name of an error",
            "goroutine 17 [see below]",
            r"1:\windows\system\x.dll",
            "from /a to /b.rb",
        ] {
            assert_eq!(find(body.as_bytes()), None, "{body}");
        }
    }
}
