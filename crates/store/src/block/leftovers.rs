//! What a write that failed leaves behind.

use std::fs;
use std::io;
use std::path::Path;

use tracing::warn;

use super::NewBlock;
use super::id::folder_of;

/// Removes whatever there is of a block that no catalog lists: where the disk is full, half a block is in the way of the
/// next try. What cannot be removed is written over by that, or swept at the next start.
pub(crate) fn remove_leftovers(root: &Path, block: &NewBlock) {
    let folder = root.join(folder_of(&block.tenant, block.table, block.hour));
    let prefix = format!("{}.", block.id);
    let remove = || -> io::Result<()> {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    match remove() {
        // Not even the folder could be made.
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(folder = %folder.display(), %error, "cannot remove what is left of a block that was not written");
        }
        _ => {}
    }
}
