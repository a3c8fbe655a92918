//! Embeds `policies/`: the folder is the registry, so a file that is added there is in the next build with no other edit. What
//! there is plain data is embedded as JSON as well, which every run reads several times faster than YAML.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("policies");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut out = String::from("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        out.push_str(&format!("    ({name:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(target.join("policies.rs"), out)?;
    let mut out = String::from("static DATA: &[(&str, &str)] = &[\n");
    for file in files.iter().filter(|file| is_data(&root, file)) {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        // one that cannot be read is left out; the program says what is wrong with it
        let value: Result<serde_json::Value, _> = serde_yaml::from_str(&fs::read_to_string(file)?);
        if let Ok(value) = value {
            out.push_str(&format!("    ({name:?}, {:?}),\n", value.to_string()));
        }
    }
    out.push_str("];\n");
    fs::write(target.join("data.rs"), out)
}

/// Whether a file holds no rules.
fn is_data(root: &Path, file: &Path) -> bool {
    let folder = file.parent().unwrap_or(root);
    folder == root || ["lexicons", "tables", "vocabulary"].iter().any(|name| folder == root.join(name))
}

/// All YAML files below a folder; each folder is watched, so that a new file is noticed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
