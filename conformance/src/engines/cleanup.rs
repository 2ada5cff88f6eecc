//! What must not be left behind when this program is interrupted: other people's processes, which
//! lead groups of their own and so hear nothing of it, and their folders.

use rustix::process::{Pid, Signal, kill_process_group};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static LEFT: Mutex<Left> = Mutex::new(Left {
    groups: Vec::new(),
    folders: Vec::new(),
});

/// What is there now.
pub(super) struct Left {
    pub(super) groups: Vec<Pid>,
    pub(super) folders: Vec<PathBuf>,
}

/// Opens the list. What is started is put on it before it is closed again.
pub(super) fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the processes that run now.
pub fn end_processes() {
    for &group in &left().groups {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Ends the processes, removes the folders, and ends this program with that status.
pub fn clear_up_and_exit(status: i32) -> ! {
    // Held to the end: nothing more is started.
    let left = left();
    for &group in &left.groups {
        let _ = kill_process_group(group, Signal::KILL);
    }
    for folder in &left.folders {
        let _ = std::fs::remove_dir_all(folder);
    }
    std::process::exit(status)
}
