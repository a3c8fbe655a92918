//! Embeds `policies/`: the folder is the registry, so a file that is added there is in the next build with no other edit. What
//! there is plain data is embedded as JSON as well, which every run reads several times faster than YAML.
//!
//! Packs and schemas are embedded in a compact form as well: see `src/shipped.rs`.
//!
//! Works out what tells one build from another, so that no cache of one is taken by the other.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// What the form of all that is compact follows from.
const FORM: [&str; 11] = [
    "src/cache/read.rs",
    "src/cache/write.rs",
    "src/model/fields.rs",
    "src/policy/cite.rs",
    "src/policy/condition/node.rs",
    "src/policy/condition/path.rs",
    "src/policy/condition/template.rs",
    "src/policy/condition/value.rs",
    "src/policy/fix.rs",
    "src/policy/rule.rs",
    "src/schema/sure.rs",
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("policies");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &["yaml"], &mut files)?;
    files.sort();
    let mut out = String::from("static FILES: &[(&str, Place)] = &[\n");
    let mut texts = Vec::new();
    for file in &files {
        let text = fs::read(file)?;
        let (start, size, judged) = (texts.len(), text.len(), judged_part(&text).len());
        out.push_str(&format!(
            "    ({:?}, Place {{ start: {start}, size: {size}, judged: {judged} }}),\n",
            name(&root, file)
        ));
        texts.extend(text);
    }
    out.push_str("];\n");
    out.push_str(&heads(&root, &files)?);
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(target.join("policies.rs"), out)?;
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&texts)?;
    fs::write(target.join("policies.deflate"), packed.finish()?)?;
    fs::write(target.join("compact.rs"), compact(root.parent().unwrap_or(&root), &files)?)?;
    let mut out = String::from("static DATA: &[(&str, &str)] = &[\n");
    for file in files.iter().filter(|file| is_data(&root, file)) {
        let name = name(&root, file);
        // one that cannot be read is left out; the program says what is wrong with it
        let value: Result<serde_json::Value, _> = serde_yaml::from_str(&fs::read_to_string(file)?);
        if let Ok(value) = value {
            out.push_str(&format!("    ({name:?}, {:?}),\n", value.to_string()));
        }
    }
    out.push_str("];\n");
    fs::write(target.join("data.rs"), out)?;
    let codes =
        files.iter().filter(|file| file.parent() == Some(&root.join("core"))).filter_map(|file| file.file_stem());
    let codes: Vec<String> = codes.map(|stem| format!("    {:?},\n", stem.to_string_lossy())).collect();
    fs::write(target.join("codes.rs"), format!("static CODES: &[&str] = &[\n{}];\n", codes.concat()))?;
    println!("cargo:rustc-env=PURPOSELINT_BUILD={:032x}", build()?);
    Ok(())
}

/// A hash of all that the program is made of.
fn build() -> io::Result<u128> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for folder in ["src", "policies", "schemas"] {
        collect(&root.join(folder), &["rs", "yaml", "json"], &mut files)?;
    }
    files.extend(
        ["Cargo.toml", "Cargo.lock", "build.rs"].map(|name| root.join(name)).into_iter().filter(|file| file.is_file()),
    );
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        let (name, bytes) = (file.strip_prefix(&root).unwrap_or(file).to_string_lossy(), fs::read(file)?);
        all.extend(format!("{} {name} {} ", name.len(), bytes.len()).into_bytes());
        all.extend(bytes);
    }
    for name in ["TARGET", "PROFILE"] {
        all.extend(env::var_os(name).unwrap_or_default().to_string_lossy().into_owned().into_bytes());
    }
    Ok(xxhash_rust::xxh3::xxh3_128(&all))
}

/// What packs say of themselves; one that says it in another way is left out, and read.
fn heads(root: &Path, files: &[PathBuf]) -> io::Result<String> {
    let mut out = String::from("static HEADS: &[(&str, Head)] = &[\n");
    for file in files.iter().filter(|file| file.ends_with("pack.yaml")) {
        let value: Result<serde_json::Value, _> = serde_yaml::from_str(&fs::read_to_string(file)?);
        let Ok(value) = value else { continue };
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        let (Some(title), Some(version)) = (text("title"), text("version")) else { continue };
        let listed =
            value.get("territories").and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let places: Vec<&str> = listed.iter().filter_map(serde_json::Value::as_str).collect();
        let name = name(root, file.parent().unwrap_or(root));
        out.push_str(&format!(
            "    ({name:?}, Head {{ title: {title:?}, version: {version:?}, territories: &{places:?} }}),\n"
        ));
    }
    out.push_str("];\n");
    Ok(out)
}

/// What is compact, each as long as it is of the source that is there; see `src/shipped.rs`.
fn compact(root: &Path, files: &[PathBuf]) -> io::Result<String> {
    let folder = root.join("policies/compact");
    println!("cargo:rerun-if-changed={}", folder.display());
    let form = stamp(root, &FORM.map(|name| root.join(name)))?;
    let is_of_form = fs::read_to_string(folder.join("form")).is_ok_and(|text| text == form);
    let mut sources = vec![
        ("schema-config".to_owned(), vec![root.join("schemas/config.v1.json")]),
        ("schema-declaration".to_owned(), vec![root.join("schemas/declaration.v1.json")]),
    ];
    for head in files.iter().filter(|file| file.ends_with("pack.yaml")) {
        let below = files.iter().filter(|file| file.parent() == head.parent()).cloned();
        let pack = head.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        sources.push((pack.into_owned(), below.collect()));
    }
    sources.sort();
    let mut stamps = format!("#[cfg(test)]\nstatic STAMPS: &[(&str, &str)] = &[\n    (\"form\", {form:?}),\n");
    let mut there = String::from("static COMPACT: &[(&str, &[u8])] = &[\n");
    for (name, files) in sources {
        let (stamp, made) = (stamp(root, &files)?, folder.join(&name));
        if is_of_form && fs::read(&made).is_ok_and(|bytes| bytes.starts_with(stamp.as_bytes())) {
            there.push_str(&format!("    ({name:?}, include_bytes!({:?})),\n", shown(&made)));
        }
        stamps.push_str(&format!("    ({name:?}, {stamp:?}),\n"));
    }
    Ok(format!("{there}];\n{stamps}];\n"))
}

/// A hash of what a run reads of these files.
fn stamp(root: &Path, files: &[PathBuf]) -> io::Result<String> {
    let mut all = Vec::new();
    for file in files {
        let bytes = fs::read(file)?;
        let judged = judged_part(&bytes);
        all.extend(format!("{} {} ", name(root, file), judged.len()).into_bytes());
        all.extend(judged);
    }
    Ok(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&all)))
}

/// The examples come last in a rule file, and a run has no use for them.
fn judged_part(bytes: &[u8]) -> &[u8] {
    let examples = b"\nexamples:";
    match bytes.windows(examples.len()).position(|text| text == examples) {
        Some(at) => bytes.get(..=at).unwrap_or(bytes),
        None => bytes,
    }
}

/// The path of a file below a folder, with `/`.
fn name(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// Whether a file holds no rules.
fn is_data(root: &Path, file: &Path) -> bool {
    let folder = file.parent().unwrap_or(root);
    folder == root || ["lexicons", "tables", "vocabulary"].iter().any(|name| folder == root.join(name))
}

/// All files below a folder with one of these endings; each folder is watched, so that a new file is noticed.
fn collect(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, endings, files)?;
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending)) {
            files.push(path);
        }
    }
    Ok(())
}
