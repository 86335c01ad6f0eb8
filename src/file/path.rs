//! Paths with links, followed as the system follows them.

use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use super::error::FileError;
use super::shipped::is_shipped;
use super::system::{MEMORY, SYSTEM, shows_system};

/// After so many links a path is refused as a circle, as systems do.
const MOST_LINKS: usize = 40;

/// A path that was followed: its links and its end.
#[derive(Debug)]
pub struct FollowedPath {
    /// The path of each link that was followed. The folders above it are no links.
    pub links: Vec<PathBuf>,
    /// The end of the path, whether a file exists there or not.
    pub end: PathBuf,
}

impl FollowedPath {
    /// Follows a path as the system does. A `..` after a link leads up from the target of the link.
    pub fn of(path: &Path) -> Self {
        let whole = absolute(path);
        if is_shipped(&whole) {
            return Self { links: Vec::new(), end: whole };
        }
        let mut followed = Self { links: Vec::new(), end: PathBuf::new() };
        // The parts that are still to be followed; the next part is the last.
        let mut rest: Vec<PathBuf> = Vec::new();
        let push = |rest: &mut Vec<PathBuf>, path: &Path| {
            rest.extend(path.components().rev().map(|part| PathBuf::from(part.as_os_str())));
        };
        push(&mut rest, &whole);
        while let Some(part) = rest.pop() {
            match part.components().next() {
                Some(Component::ParentDir) => drop(followed.end.pop()),
                Some(Component::Normal(name)) => {
                    let next = followed.end.join(name);
                    match fs::read_link(&next) {
                        Ok(goal) if followed.links.len() < MOST_LINKS => {
                            followed.links.push(next);
                            push(&mut rest, &goal);
                        }
                        _ => followed.end = next,
                    }
                }
                Some(Component::CurDir) | None => {}
                // The root; a link may lead to it too.
                Some(root) => followed.end.push(root.as_os_str()),
            }
        }
        followed
    }

    /// The first link in a folder that leads out of it. `folder` must be without links.
    pub fn leaves(&self, folder: &Path) -> Option<&Path> {
        let inside = self.links.iter().map(PathBuf::as_path).filter(|link| link.starts_with(folder));
        inside.into_iter().find(|link| !Self::of(link).end.starts_with(folder))
    }

    /// Refuses paths into folders that the system generates.
    pub(super) fn refuse_system(&self) -> Result<(), FileError> {
        let links = self.links.iter().map(|link| (link, link.parent()));
        for (place, holder) in links.chain([(&self.end, None)]) {
            let named = SYSTEM.into_iter().find(|folder| place.starts_with(folder) && !place.starts_with(MEMORY));
            if let Some(folder) = named {
                return Err(FileError::System(folder.to_owned()));
            }
            // The system may be mounted at another path too. Only its file system shows that.
            if holder.is_some_and(|holder| File::open(holder).is_ok_and(|holder| shows_system(&holder))) {
                return Err(FileError::System(folder_of(place)));
            }
        }
        Ok(())
    }
}

/// The path from the root of the file system. The path of a shipped file is complete as it is.
pub fn absolute(path: &Path) -> PathBuf {
    if is_shipped(path) {
        return path.to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

pub(super) fn folder_of(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}
