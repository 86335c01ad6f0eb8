//! Files that the system generates: what they hold is made up while it is read.

use std::fs::File;

/// Folders of generated files, except for files in [`MEMORY`].
pub(super) const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// A folder of ordinary files, stored in memory.
pub(super) const MEMORY: &str = "/dev/shm";

/// Whether a file lies in a file system that generates its files.
#[cfg(target_os = "linux")]
pub(super) fn shows_system(file: &File) -> bool {
    /// The numbers of these file systems in `statfs(2)`, in this order: proc, sysfs, devpts, debugfs, tracefs, securityfs, configfs,
    /// cgroup, cgroup2, bpf, pstore, efivarfs, selinuxfs, smackfs, mqueue, `binfmt_misc`, fusectl, nsfs, pipefs, sockfs,
    /// `anon_inodefs`, resctrl, nfsd, `rpc_pipefs`.
    const KINDS: [u32; 24] = [
        0x9fa0,
        0x6265_6572,
        0x1cd1,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x6265_6570,
        0x0027_e0eb,
        0x6367_7270,
        0xcafe_4a11,
        0x6165_676c,
        0xde5e_81e4,
        0xf97c_ff8c,
        0x4341_5d53,
        0x1980_0202,
        0x4249_4e4d,
        0x6573_5543,
        0x6e73_6673,
        0x5049_5045,
        0x534f_434b,
        0x0904_1934,
        0x0765_5821,
        0x6e66_7364,
        0x6759_6969,
    ];
    // The number is signed on some machines; its lower half is the same on all.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower half is what is compared")]
    rustix::fs::fstatfs(file).is_ok_and(|there| KINDS.contains(&(there.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn shows_system(_: &File) -> bool {
    false
}
