//! What this machine may lack for a connection. Such an error says nothing about the target.

use std::io;

/// What this machine lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// This process or the machine may open no further file.
    Files,
    /// All ports for a connection to the target are in use.
    Ports,
    /// The system has no memory for a connection.
    Memory,
}

impl Lack {
    /// What this machine lacks, by the error of connecting. None if the error is about something else.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        #[cfg(unix)]
        {
            use rustix::io::Errno;
            let errno = Errno::from_io_error(error)?;
            match errno {
                Errno::MFILE | Errno::NFILE => Some(Self::Files),
                Errno::ADDRNOTAVAIL => Some(Self::Ports),
                Errno::NOBUFS | Errno::NOMEM => Some(Self::Memory),
                _ => None,
            }
        }
        #[cfg(not(unix))]
        {
            let _ = error;
            None
        }
    }

    /// What to do about it.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Files => "raise the limit of open files (`ulimit -n 1024`), or lower --jobs",
            Self::Ports => "wait a minute until ports are free again, and lower --jobs or --rate",
            Self::Memory => "end other programs, or lower --jobs",
        }
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Files => "this process can open no further file",
            Self::Ports => "this machine has no free port for the connection",
            Self::Memory => "this machine has no memory for the connection",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_errors_about_this_machine_are_a_lack() {
        use rustix::io::Errno;
        let table = [
            (Errno::MFILE, Some(Lack::Files)),
            (Errno::NFILE, Some(Lack::Files)),
            (Errno::ADDRNOTAVAIL, Some(Lack::Ports)),
            (Errno::NOBUFS, Some(Lack::Memory)),
            (Errno::CONNREFUSED, None),
            (Errno::HOSTUNREACH, None),
        ];
        for (errno, lack) in table {
            assert_eq!(Lack::of(&errno.into()), lack, "{errno}");
        }
        assert_eq!(Lack::of(&io::Error::other("it has no address")), None);
    }
}
