//! What the worker gives up before it reads a stranger's file: the network, every socket (that of the database too), other
//! programs and processes, and the files that are not of its delivery. Code that runs inside it through a fault of a
//! library finds nothing to take.
//!
//! Two locks of the kernel, neither of which can be undone: a seccomp filter (seccomp(2)) for system calls, Landlock
//! (landlock(7)) for files. What a kernel lacks is left out and said; the limits of `setrlimit` hold besides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
    path_beneath_rules,
};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use crate::protocol::Job;

/// The newest rules that were tried; older kernels hold those they know.
const RULES: ABI = ABI::V5;
/// What libraries read for themselves: their code, tables of coordinate systems, time zones, the machine.
const LIBRARIES: [&str; 9] = ["/usr", "/lib", "/lib64", "/opt", "/etc", "/dev", "/proc", "/sys/devices", "/nix/store"];
/// Where libraries are told that their tables are.
const TABLES: [&str; 5] = ["PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH", "PROJ_AUX_DB"];

/// What could not be locked.
#[derive(Debug, Default)]
pub struct Open(pub Vec<String>);

/// Locks this thread, and every thread that it starts from now on. To be called before there are others.
pub fn confine(job: &Job) -> Open {
    let mut open = Open::default();
    if let Err(error) = files_of_the_job_alone(job) {
        open.0.push(format!("files: {error}"));
    }
    if let Err(error) = no_sockets_and_no_programs() {
        open.0.push(format!("system calls: {error}"));
    }
    open
}

fn files_of_the_job_alone(job: &Job) -> Result<(), String> {
    let said = |error: landlock::RulesetError| error.to_string();
    let told =
        TABLES.iter().filter_map(std::env::var_os).flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
    let read = LIBRARIES.iter().map(PathBuf::from).chain(told).chain(job.files.iter().map(|file| surroundings(file)));
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(RULES))
        .and_then(|rules| rules.create())
        .map_err(said)?
        .add_rules(path_beneath_rules(read, AccessFs::from_read(RULES)))
        .map_err(said)?
        // What is thrown away may be written by anybody; drivers do.
        .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_all(RULES)))
        .map_err(said)?
        .add_rules(path_beneath_rules([&job.work_dir], AccessFs::from_all(RULES)))
        .map_err(said)?
        .restrict_self()
        .map_err(said)?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err("this kernel has no Landlock".to_owned()),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}

/// A delivered folder; beside a file lie others that belong to it (`.dbf`, `.prj`, `.cpg`).
fn surroundings(file: &str) -> PathBuf {
    let path = Path::new(file);
    match path.parent() {
        Some(parent) if !path.is_dir() => {
            if parent.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                parent.to_path_buf()
            }
        }
        _ => path.to_path_buf(),
    }
}

/// Refused with "not permitted": talking to anybody, starting anything, reaching into other processes and the kernel.
const REFUSED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    // It would do all of these past this filter.
    libc::SYS_io_uring_setup,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_open_by_handle_at,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
];

fn no_sockets_and_no_programs() -> Result<(), String> {
    let said = |error: seccompiler::BackendError| error.to_string();
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    // A thread may end its own process (abort), and no other.
    let own = u64::from(std::process::id());
    let another = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own).map_err(said)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![another]).map_err(said)?]);
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(said)?;
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, arch).map_err(said)?;
    let program = seccompiler::BpfProgram::try_from(filter).map_err(said)?;
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind::PermissionDenied;
    use std::net::TcpListener;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_worker_reaches_its_delivery_and_nothing_else() {
        let delivery = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(delivery.path().join("wards.shp"), "a").unwrap();
        fs::write(delivery.path().join("wards.dbf"), "b").unwrap();
        fs::write(elsewhere.path().join("secret"), "c").unwrap();
        fs::create_dir(elsewhere.path().join("work")).unwrap();
        let socket = elsewhere.path().join("database");
        let _database = UnixListener::bind(&socket).unwrap();
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        UnixStream::connect(&socket).expect("it is there");
        let job = Job {
            files: vec![delivery.path().join("wards.shp").to_string_lossy().into_owned()],
            work_dir: elsewhere.path().join("work").to_string_lossy().into_owned(),
            ..Job::default()
        };
        // In a thread of its own: the lock is for good.
        std::thread::spawn(move || {
            let open = confine(&job);
            let locked = |what: &str| !open.0.iter().any(|left| left.starts_with(what));
            assert!(locked("system calls"), "{open:?}");
            for thread in [false, true] {
                let tries = || {
                    assert_eq!(UnixStream::connect(&socket).unwrap_err().kind(), PermissionDenied);
                    assert_eq!(std::net::TcpStream::connect(address).unwrap_err().kind(), PermissionDenied);
                    assert_eq!(TcpListener::bind("127.0.0.1:0").unwrap_err().kind(), PermissionDenied);
                    assert_eq!(Command::new("/bin/true").spawn().unwrap_err().kind(), PermissionDenied);
                };
                if thread { std::thread::scope(|scope| scope.spawn(tries).join().unwrap()) } else { tries() }
            }
            assert_eq!(fs::read_to_string(delivery.path().join("wards.dbf")).unwrap(), "b", "what lies beside it");
            fs::write(Path::new(&job.work_dir).join("refused.gpkg"), "d").unwrap();
            if locked("files") {
                let secret = elsewhere.path().join("secret");
                assert_eq!(fs::read_to_string(&secret).unwrap_err().kind(), PermissionDenied);
                assert_eq!(fs::write(delivery.path().join("wards.dbf"), "").unwrap_err().kind(), PermissionDenied);
                assert_eq!(fs::read_dir(elsewhere.path()).unwrap_err().kind(), PermissionDenied);
            }
        })
        .join()
        .unwrap();
    }
}
