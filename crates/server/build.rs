//! Embeds the page. Without a built page, a short one that says how to build it.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let built = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../ui/dist");
    println!("cargo::rerun-if-changed={}", built.join("index.html").display());
    let folder = if built.join("index.html").try_exists()? { built } else { placeholder()? };
    memory_serve::load_directory_with_embed(folder, true);
    Ok(())
}

fn placeholder() -> std::io::Result<PathBuf> {
    let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("page");
    fs::create_dir_all(&folder)?;
    let text = "<!doctype html><title>Nunchi</title><p>The page is not part of this build: run <code>make ui</code> and build again. The API is at <code>/api/v1</code>.";
    fs::write(folder.join("index.html"), text)?;
    Ok(folder)
}
