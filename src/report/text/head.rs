//! The head of the report: who is asked, and what for.

use super::page::{NAME, Page};
use crate::outcome::{DocumentInfo, TargetInfo, TargetKind};
use crate::printable::escaped_line;
use crate::report::format::profile_name;
use crate::suite::Profile;

/// What a run is about.
pub(super) fn head(page: &mut Page, info: &TargetInfo, documents: &[DocumentInfo], profile: Profile) {
    target(page, info, documents);
    page.put(format!("profile: {}", profile_name(profile)));
}

/// Who is asked, and what for.
pub(super) fn target(page: &mut Page, target: &TargetInfo, documents: &[DocumentInfo]) {
    let url = escaped_line(&target.url, NAME);
    let way = &target.route;
    page.put(match target.kind {
        TargetKind::Remote => format!("target: {}{}", page.paint.strong(&url), escaped_line(&way.to_string(), NAME)),
        TargetKind::Reference => {
            let name = match &target.release {
                Some(release) => format!("the embedded reference server, release {}", escaped_line(release, NAME)),
                None => "the embedded reference server".to_owned(),
            };
            format!(
                "target: {} (no API_BASE_URL set), {url}{}",
                page.paint.strong(&name),
                escaped_line(&way.to_string(), NAME)
            )
        }
    });
    if way.insecure {
        let warning = page.paint.bad("warning:");
        page.put(format!(
            "{warning} any certificate is accepted (--insecure): another server may answer for the target"
        ));
    }
    for document in documents {
        let digest: String = document.sha256.chars().take(12).collect();
        page.put(format!(
            "document: {} {}, {}, sha256 {digest}",
            escaped_line(&document.title, NAME),
            escaped_line(&document.version, NAME),
            escaped_line(&document.file, NAME)
        ));
    }
}
