//! The directory host reads nothing outside its root, and only plain files.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use vm_base::{DirHost, Host, Limits, ReadError};
use vm_mmm as mmm;

/// A folder with `root/` and `outside/` in it, which is removed at the end of the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("mmm-dir-host-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("root/sub")).unwrap();
        fs::create_dir_all(path.join("outside")).unwrap();
        fs::write(path.join("outside/secret.mmm"), "function f\nend\n").unwrap();
        fs::write(path.join("root/lib.mmm"), "function f\nend\n").unwrap();
        Place(path)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        DirHost::new(&self.0.join("root"), std::io::sink())
            .unwrap()
            .read(path, 1000)
    }

    /// Returns the code of the fault of a program in `root/` that makes this call.
    fn fault_of_call(&self, call: &str) -> Option<String> {
        fs::write(
            self.0.join("root/main.mmm"),
            format!("function main\ncall {call}\nend\n"),
        )
        .unwrap();
        let mut host = DirHost::new(&self.0.join("root"), std::io::sink()).unwrap();
        let program = mmm::load(&mut host, "main.mmm", &Limits::default()).unwrap();
        mmm::run(&program, &mut host, &Limits::default())
            .code()
            .map(str::to_owned)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn symbolic_links_may_not_lead_out() {
    let place = Place::new("links");
    symlink(
        place.0.join("outside/secret.mmm"),
        place.0.join("root/link.mmm"),
    )
    .unwrap();
    symlink(place.0.join("outside"), place.0.join("root/folder")).unwrap();
    symlink("../lib.mmm", place.0.join("root/sub/inside.mmm")).unwrap();
    symlink("loop.mmm", place.0.join("root/loop.mmm")).unwrap();
    let denied = Some("file-access".to_owned());
    assert_eq!(place.fault_of_call("link.mmm#f"), denied);
    assert_eq!(place.fault_of_call("folder/secret.mmm#f"), denied);
    assert_eq!(place.fault_of_call("loop.mmm#f"), denied);
    assert_eq!(place.fault_of_call("../outside/secret.mmm#f"), denied);
    assert_eq!(place.fault_of_call("../root/lib.mmm#f"), denied);
    assert_eq!(place.fault_of_call("sub/inside.mmm#f"), None);
    // Names are resolved first: this is lib.mmm in the root, wherever `folder` leads.
    assert_eq!(place.fault_of_call("folder/../lib.mmm#f"), None);
    assert_eq!(place.fault_of_call("/sub/../lib.mmm#f"), None);
}

#[test]
fn only_files_are_read() {
    let place = Place::new("kinds");
    assert!(matches!(place.read("sub"), Err(ReadError::Denied(_))));
    assert!(matches!(place.read("missing"), Err(ReadError::Denied(_))));
    assert!(matches!(place.read("nul\0"), Err(ReadError::Denied(_))));
    symlink("/dev/zero", place.0.join("root/zero")).unwrap();
    assert!(matches!(place.read("zero"), Err(ReadError::Denied(_))));
    let _socket = std::os::unix::net::UnixListener::bind(place.0.join("root/socket")).unwrap();
    assert!(matches!(place.read("socket"), Err(ReadError::Denied(_))));
    fs::write(place.0.join("root/long"), [0; 1001]).unwrap();
    assert_eq!(place.read("long"), Err(ReadError::TooLong));
    assert_eq!(place.read("lib.mmm").unwrap(), b"function f\nend\n");
}
