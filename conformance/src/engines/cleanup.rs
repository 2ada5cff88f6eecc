//! What must be cleaned up when this program is interrupted: the processes of external VMs, which lead
//! process groups of their own and so do not receive the signal, and their folders.

use rustix::process::{Pid, Signal, kill_process_group};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static LEFT: Mutex<Left> = Mutex::new(Left {
    groups: Vec::new(),
    folders: Vec::new(),
});

/// The processes and folders that exist now.
pub(super) struct Left {
    pub(super) groups: Vec<Pid>,
    pub(super) folders: Vec<PathBuf>,
}

/// Locks the list. A new process or folder is added before the lock is released.
pub(super) fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills the processes that run now.
pub fn end_processes() {
    for &group in &left().groups {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Kills the processes, removes the folders, and exits with that status.
pub fn clear_up_and_exit(status: i32) -> ! {
    // The lock is held to the end, so nothing more is started.
    let left = left();
    for &group in &left.groups {
        let _ = kill_process_group(group, Signal::KILL);
    }
    for folder in &left.folders {
        let _ = std::fs::remove_dir_all(folder);
    }
    std::process::exit(status)
}
