//! Reads and writes files in folders that may come from someone else.
//!
//! Nothing here follows a symbolic link, waits for a pipe, or touches a file that also has a name
//! elsewhere. Only the folder that the user named may itself be a link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Reads a regular file of at most `max_bytes` bytes.
pub(super) fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let file = open(OpenOptions::new().read(true), path)?;
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > max_bytes {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {max_bytes} bytes"),
        )),
        false => Ok(bytes),
    }
}

/// Writes a regular file in a folder that exists.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let mut file = open(&mut options, path)?;
    if links(&file)? > 1 {
        return Err(refused("it has a second name (a hard link)"));
    }
    file.set_len(0)?;
    file.write_all(bytes)
}

/// Opens a file if it is a regular one.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file =
        without_links(options)
            .open(path)
            .map_err(|error| match fs::symlink_metadata(path) {
                Ok(found) if found.is_symlink() => refused("it is a symbolic link"),
                Ok(found) if !found.is_file() => refused("it is not a regular file"),
                _ => error,
            })?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(refused("it is not a regular file")),
    }
}

#[cfg(unix)]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
}

#[cfg(not(unix))]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Returns the number of names that a file has.
#[cfg(unix)]
fn links(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink())
}

#[cfg(not(unix))]
fn links(_: &File) -> io::Result<u64> {
    Ok(1)
}

/// Creates the folders of `relative` below `base`, which exists.
pub(super) fn create_folders(base: &Path, relative: &Path) -> io::Result<()> {
    let mut folder = base.to_owned();
    for component in relative.components() {
        let Component::Normal(name) = component else {
            return Err(refused("its name is not a plain one"));
        };
        folder.push(name);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(refused("a part of its path is not a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&folder)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Returns true if each component of `relative` below `base` but the last is a folder, and not a
/// link to one.
pub(super) fn is_reached_by_folders(base: &Path, relative: &Path) -> bool {
    let mut folder = base.to_owned();
    let parents: Vec<PathBuf> = relative
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .map(|component| {
            folder.push(component);
            folder.clone()
        })
        .collect();
    parents
        .iter()
        .all(|folder| fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()))
}

/// Removes a file below `base` if it still has these bytes, then its folders that are empty.
pub(super) fn remove_unchanged(base: &Path, relative: &Path, bytes: &[u8]) {
    let path = base.join(relative);
    let is_unchanged = is_reached_by_folders(base, relative)
        && read(&path, bytes.len() as u64).is_ok_and(|found| found == bytes);
    if !is_unchanged || fs::remove_file(&path).is_err() {
        return;
    }
    for folder in relative.ancestors().skip(1) {
        if folder.as_os_str().is_empty() || fs::remove_dir(base.join(folder)).is_err() {
            return;
        }
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
