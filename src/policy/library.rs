//! Packs with their rules, and the lexicons and tables they use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::choice::CORE;
use super::compact;
use super::condition::Env;
use super::embedded::{self, Place};
use super::extension;
use super::lexicon::Lexicon;
use super::read::{self, CODE, Names};
use super::rule::{Param, Rule};
use super::table::Table;
use crate::cache::Key;
use crate::diagnostic::Diagnostic;
use crate::order::Order;
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, SourceMap, Span};
use crate::space::Atlas;
use crate::suggest;
use crate::syntax::{Limits, NodeRef, Tree, parse};
use crate::vocabulary::Vocabulary;

/// A pack: a folder of rules with a `pack.yaml`.
#[derive(Debug, Clone)]
pub struct Pack {
    /// The name of its folder.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// Its own version.
    pub version: String,
    /// The territories whose law it encodes; empty where it is about no law.
    pub territories: Vec<String>,
    /// Its rules, by id.
    pub rules: Vec<Rule>,
}

/// Whether a file in the folder of a pack is a rule, by its name without the ending.
pub fn is_rule(stem: &str) -> bool {
    !["pack", "vocabulary", "groups"].contains(&stem)
}

/// Whether a rule came with the program: only those have a page on the web.
pub fn is_builtin(rule: &str) -> bool {
    let wanted = format!("{rule}.yaml");
    // they are in the order of paths, folder by folder
    embedded::files().binary_search_by(|(path, _)| Path::new(path).cmp(Path::new(&wanted))).is_ok()
}

/// A file of a pack before it is read.
#[derive(Debug, Clone)]
enum PolicyFile {
    /// It came with the program, and is therefore taken to be sound.
    Shipped(Place),
    Given(Vec<u8>),
}

impl PolicyFile {
    /// Whether it came with the program.
    fn is_builtin(&self) -> bool {
        matches!(self, Self::Shipped(_))
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Shipped(place) => place.text().as_bytes(),
            Self::Given(bytes) => bytes,
        }
    }
}

/// Files of packs before they are read: paths such as `core/duplicate-key.yaml`, with their texts.
#[derive(Debug, Clone, Default)]
pub struct PolicyFiles {
    files: BTreeMap<String, PolicyFile>,
    /// The folders of packs from the disk, as people know them.
    folders: BTreeMap<String, String>,
}

impl PolicyFiles {
    /// The files that come with the program.
    pub fn builtin() -> Self {
        let files = embedded::files().iter().map(|(path, place)| ((*path).to_owned(), PolicyFile::Shipped(*place)));
        let files = files.collect();
        Self { files, folders: BTreeMap::new() }
    }

    /// Adds a file, or replaces the one at its path.
    pub fn insert(&mut self, path: String, bytes: Vec<u8>) {
        self.files.insert(path, PolicyFile::Given(bytes));
    }

    /// How many files were added to those that come with the program, and how many bytes they have.
    pub fn added(&self) -> (usize, usize) {
        let added = self.files.values().filter(|file| !file.is_builtin());
        added.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.bytes().len()))
    }

    /// Says where the files of a pack or of data stand, so that what is wrong with them is shown at a path that exists.
    pub fn stands_in(&mut self, name: &str, folder: String) {
        self.folders.insert(name.to_owned(), folder);
    }

    /// What stands for all of it. What came with the program is the same in every run of this build.
    pub fn key(&self) -> Key {
        let mut parts: Vec<&[u8]> = Vec::new();
        for (path, file) in &self.files {
            let (whose, bytes): (&[u8], &[u8]) = match file {
                PolicyFile::Shipped(_) => (b"ours", b""),
                PolicyFile::Given(bytes) => (b"theirs", bytes),
            };
            parts.extend([path.as_bytes(), whose, bytes]);
        }
        parts.push(b"folders");
        parts.extend(self.folders.iter().flat_map(|(name, folder)| [name.as_bytes(), folder.as_bytes()]));
        Key::of(parts)
    }

    /// The path of a file for people.
    fn shown(&self, path: &str) -> String {
        let of_folder = |(name, file): (&str, &str)| Some(format!("{}/{file}", self.folders.get(name)?));
        path.split_once('/').and_then(of_folder).unwrap_or_else(|| path.to_owned())
    }

    /// The names of all packs, sorted.
    pub fn packs(&self) -> Vec<String> {
        let packs = self.files.keys().filter_map(|path| path.strip_suffix("/pack.yaml"));
        packs.map(str::to_owned).collect()
    }

    /// The territories whose law a pack encodes, as its `pack.yaml` names them; empty where it is about no law.
    pub fn territories(&self, pack: &str) -> Vec<String> {
        let Some(file) = self.files.get(&format!("{pack}/pack.yaml")) else { return Vec::new() };
        if let Some(head) = if file.is_builtin() { embedded::head(pack) } else { None } {
            return head.territories.iter().map(|name| (*name).to_owned()).collect();
        }
        let mut sources = SourceMap::new();
        let id = sources.add_bytes(pack, file.bytes().to_vec());
        let (tree, _) = parse(&sources, id, &Limits::default());
        let root = tree.documents().first().and_then(|document| tree.root(document));
        root.map(territories).unwrap_or_default()
    }

    /// The ids of all rules of all packs, sorted. Nothing is read for it: the folder is the registry.
    pub fn rules(&self) -> Vec<String> {
        let packs = self.packs();
        let ids = self.files.keys().filter_map(|path| path.strip_suffix(".yaml"));
        let names_one = |id: &&str| {
            id.rsplit_once('/').is_some_and(|(pack, name)| is_rule(name) && packs.iter().any(|known| known == pack))
        };
        ids.filter(names_one).map(str::to_owned).collect()
    }

    /// Whether a pack has nothing beside its `pack.yaml`: no rule, and nothing that rules use.
    pub fn is_bare(&self, pack: &str) -> bool {
        let below = format!("{pack}/");
        self.files.keys().all(|path| path.strip_prefix(&below).is_none_or(|name| name == "pack.yaml"))
    }

    /// Takes out all files of a folder and of those below it, so that another can stand in its place.
    pub fn clear(&mut self, folder: &str) {
        let below = format!("{folder}/");
        self.files.retain(|path, _| !path.starts_with(&below));
    }

    /// Whether rules that came with the program find the lists and tables that they were typed with.
    fn has_own_data(&self) -> bool {
        let is_data = |path: &str| path.starts_with("lexicons/") || path.starts_with("tables/");
        let ours = embedded::files().iter().map(|(path, _)| *path).filter(|path| is_data(path));
        let there = self.files.iter().filter(|(path, file)| is_data(path) && file.is_builtin());
        ours.eq(there.map(|(path, _)| path.as_str()))
    }

    fn in_folder<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f str, &'f str, &'f PolicyFile)> {
        let below = self.files.range::<str, _>((Bound::Excluded(folder), Bound::Unbounded));
        let below = below.map_while(move |(path, file)| Some((path, path.strip_prefix(folder)?, file)));
        below.filter_map(|(path, rest, file)| {
            let name = rest.strip_prefix('/').filter(|name| !name.contains('/'))?;
            Some((path.as_str(), name.strip_suffix(".yaml")?, file))
        })
    }
}

/// What a run judges with.
#[derive(Debug)]
pub struct Library {
    /// The rule files, for diagnostics about them.
    pub sources: SourceMap,
    /// The packs that were asked for, `core` first, then by name.
    pub packs: Vec<Pack>,
    /// The ids of all rules there are, sorted, those of packs that were not asked for included.
    pub known: Vec<String>,
    /// The names of packs whose law holds in no place where a service is offered. Their rules can find nothing, so a pack that
    /// nobody named is not even read.
    pub unreached: Vec<String>,
    /// Lexicons by name.
    pub lexicons: BTreeMap<String, Lexicon>,
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
    /// Territories and groups, those of the packs included.
    pub atlas: Atlas,
    /// The vocabularies, what the packs add included.
    pub vocabulary: Cow<'static, Vocabulary>,
    /// The files of packs that add groups.
    groups: Vec<FileId>,
}

/// How much of a pack is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What a run needs. Files that come with the program are taken to be sound, and examples are left out.
    Run,
    /// Everything, examples included, and every file checked against its schema.
    Whole,
}

impl Library {
    /// Reads the packs named. `atlas` has the groups that the config adds. A pack with a diagnostic must not be used: it would
    /// judge less than it says.
    pub fn load(files: &PolicyFiles, names: &[String], atlas: Atlas, depth: Depth) -> (Self, Vec<Diagnostic>) {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        let mut library = Self {
            sources: SourceMap::new(),
            packs: Vec::new(),
            known: files.rules(),
            unreached: Vec::new(),
            lexicons: BTreeMap::new(),
            tables: BTreeMap::new(),
            atlas,
            vocabulary: Cow::Borrowed(Vocabulary::builtin()),
            groups: Vec::new(),
        };
        let mut diagnostics = Vec::new();
        for name in &names {
            library.extend(files, name, &mut diagnostics);
        }
        library.load_data(files, "", &mut diagnostics);
        for name in &names {
            library.load_data(files, &format!("{name}/"), &mut diagnostics);
        }
        library.load_packs(files, &names, depth, &mut diagnostics);
        (library, diagnostics)
    }

    /// All packs that come with the program.
    pub fn builtin() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(|| {
            let files = PolicyFiles::builtin();
            Self::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Run).0
        })
    }

    /// Reads more packs that come with the program: those that are chosen only once the places are known.
    pub fn add(&mut self, files: &PolicyFiles, names: &[String], depth: Depth) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        self.load_packs(files, names, depth, &mut diagnostics);
        diagnostics
    }

    /// The groups that the packs add, on top of those of another config.
    pub fn atlas_over(&self, mut atlas: Atlas) -> Atlas {
        for file in &self.groups {
            let (tree, _) = parse(&self.sources, *file, &Limits::default());
            for root in tree.documents().iter().filter_map(|document| tree.root(document)) {
                // a name that the config has given away is the config's
                let _refused = extension::groups(root, &mut atlas);
            }
        }
        atlas
    }

    fn load_packs(&mut self, files: &PolicyFiles, names: &[String], depth: Depth, diagnostics: &mut Vec<Diagnostic>) {
        let is_compact = depth == Depth::Run && files.has_own_data();
        for name in names {
            let pack = self.load_pack((files, is_compact), name, depth, diagnostics);
            self.packs.push(pack);
        }
        self.packs.order_by(|a, b| (a.name != CORE, &a.name).cmp(&(b.name != CORE, &b.name)));
    }

    /// All rules of all packs.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.packs.iter().flat_map(|pack| &pack.rules)
    }

    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        let (name, _) = id.split_once('/')?;
        let pack = self.packs.iter().find(|pack| pack.name == name)?;
        let at = pack.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()?;
        pack.rules.get(at)
    }

    /// Asks what a condition of a rule with these parameters may name; `revisions` is for one about changes.
    pub fn with_env<T>(&self, params: &[Param], revisions: bool, ask: impl FnOnce(&Env<'_>) -> T) -> T {
        self.names().with_env(params, revisions, ask)
    }

    /// Takes in what a pack adds to the vocabularies and groups.
    fn extend(&mut self, files: &PolicyFiles, pack: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (path, stem, file) in files.in_folder(pack).filter(|(_, stem, _)| matches!(*stem, "vocabulary" | "groups"))
        {
            let id = self.sources.add_bytes(files.shown(path), file.bytes().to_vec());
            let (tree, found) = parse(&self.sources, id, &Limits::default());
            diagnostics.extend(found);
            let Some(root) = only_root(&tree, id, SchemaKind::Pack, diagnostics) else { continue };
            diagnostics.extend(match stem {
                "groups" => {
                    self.groups.push(id);
                    extension::groups(root, &mut self.atlas)
                }
                _ => extension::vocabulary(root, self.vocabulary.to_mut()),
            });
        }
    }

    /// The lexicons and tables below a folder: those of all packs, or of one. Their names are one namespace, so that nobody has
    /// to guess which list a rule means.
    fn load_data(&mut self, files: &PolicyFiles, folder: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (path, name, file) in files.in_folder(&format!("{folder}lexicons")) {
            if let Some(lexicon) = if file.is_builtin() { Lexicon::shipped(path) } else { None } {
                self.lexicons.insert(name.to_owned(), lexicon);
                continue;
            }
            let Some((id, text)) = self.sound(files.shown(path), file.bytes(), diagnostics) else { continue };
            let read = Lexicon::load(&text).map(|lexicon| self.lexicons.insert(name.to_owned(), lexicon).is_none());
            diagnostics.extend(data_problem("lexicon", name, id, read));
        }
        for (path, name, file) in files.in_folder(&format!("{folder}tables")) {
            if let Some(table) = if file.is_builtin() { Table::shipped(path, &self.atlas) } else { None } {
                self.tables.insert(name.to_owned(), table);
                continue;
            }
            let Some((id, text)) = self.sound(files.shown(path), file.bytes(), diagnostics) else { continue };
            let read =
                Table::load(&text, &self.atlas).map(|table| self.tables.insert(name.to_owned(), table).is_none());
            diagnostics.extend(data_problem("table", name, id, read));
        }
    }

    /// The text of a lexicon or table that keeps to the limits. The library that takes it apart has none of its own: some nesting
    /// costs it minutes.
    fn sound(&mut self, path: String, bytes: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Option<(FileId, Arc<str>)> {
        let file = self.sources.add_bytes(path, bytes.to_vec());
        let (_, found) = parse(&self.sources, file, &Limits::default());
        let text = self.sources.get(file).map(|source| source.text().shared());
        let is_sound = found.is_empty();
        diagnostics.extend(found);
        text.filter(|_| is_sound).map(|text| (file, text))
    }

    fn load_pack(
        &mut self,
        (files, is_compact): (&PolicyFiles, bool),
        name: &str,
        depth: Depth,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Pack {
        let files_of_pack: Vec<(&str, &PolicyFile, FileId)> = files
            .in_folder(name)
            .filter(|(_, stem, _)| !matches!(*stem, "vocabulary" | "groups"))
            .map(|(path, stem, file)| (stem, file, self.add_source(files.shown(path), file, depth)))
            .collect();
        if is_compact && let Some(pack) = self.compact(name, &files_of_pack) {
            return pack;
        }
        self.read_pack(name, &files_of_pack, depth, diagnostics)
    }

    fn add_source(&mut self, path: String, file: &PolicyFile, depth: Depth) -> FileId {
        match file {
            PolicyFile::Shipped(place) if depth == Depth::Run => {
                self.sources.add_shipped(path, place.judged(), embedded::text)
            }
            _ => self.sources.add_bytes(path, file.bytes().to_vec()),
        }
    }

    /// A pack that came with the program; `None` where its rules have to be read.
    fn compact(&self, name: &str, files: &[(&str, &PolicyFile, FileId)]) -> Option<Pack> {
        if !files.iter().all(|(_, file, _)| file.is_builtin()) {
            return None;
        }
        let head = embedded::head(name)?;
        let ids: Vec<FileId> = files.iter().map(|(.., id)| *id).collect();
        let rules = compact::rules(name, &self.sources, &ids)?;
        Some(Pack {
            name: name.to_owned(),
            title: head.title.to_owned(),
            version: head.version.to_owned(),
            territories: head.territories.iter().map(|name| (*name).to_owned()).collect(),
            rules,
        })
    }

    fn read_pack(
        &self,
        name: &str,
        files: &[(&str, &PolicyFile, FileId)],
        depth: Depth,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Pack {
        let text = |root: NodeRef<'_>, key: &str| {
            root.get(key).and_then(|entry| entry.value.text()).unwrap_or_default().to_owned()
        };
        let mut pack = Pack {
            name: name.to_owned(),
            title: String::new(),
            version: String::new(),
            territories: Vec::new(),
            rules: Vec::new(),
        };
        let known = self.names();
        for (stem, file, id) in files {
            let kind = if *stem == "pack" { SchemaKind::Pack } else { SchemaKind::Policy };
            let depth = if file.is_builtin() { depth } else { Depth::Whole };
            let (tree, found) = parse(&self.sources, *id, &Limits::default());
            diagnostics.extend(found);
            let Some(root) = only_root(&tree, *id, kind, diagnostics) else { continue };
            if depth == Depth::Whole {
                diagnostics.extend(schema::validate(kind, root));
            }
            if kind == SchemaKind::Pack {
                pack.title = text(root, "title");
                pack.version = text(root, "version");
                pack.territories = self::territories(root);
                diagnostics.extend(needs(root));
                continue;
            }
            let (rule, found) = read::rule(&format!("{name}/{stem}"), root, &self.sources, &known);
            diagnostics.extend(found);
            pack.rules.push(rule);
        }
        pack.rules.order_by(|a, b| a.id.cmp(&b.id));
        pack
    }

    /// What rules may name.
    fn names(&self) -> Names<'_> {
        Names {
            atlas: &self.atlas,
            vocabulary: &self.vocabulary,
            lexicons: self.lexicons.keys().cloned().collect(),
            tables: self.tables.iter().map(|(name, table)| (name.clone(), table.ty())).collect(),
        }
    }
}

/// The list `territories` of a `pack.yaml`.
fn territories(root: NodeRef<'_>) -> Vec<String> {
    let listed = root.get("territories").into_iter().flat_map(|entry| entry.value.items());
    listed.filter_map(|item| Some(item.text()?.to_owned())).collect()
}

/// What is wrong with a lexicon or table; `read` says whether its name was free.
fn data_problem(noun: &str, name: &str, file: FileId, read: Result<bool, String>) -> Option<Diagnostic> {
    let (message, help) = match read {
        Ok(true) => return None,
        Ok(false) => (format!("there is another {noun} `{name}`"), "give the file another name"),
        Err(error) => {
            (format!("this {noun} cannot be used: {error}"), "see the ones that come with purposelint for the form")
        }
    };
    Some(Diagnostic::new(CODE, Span::new(file, 0, 0), message).help(help))
}

fn only_root<'t>(
    tree: &'t Tree,
    file: FileId,
    kind: SchemaKind,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<NodeRef<'t>> {
    let is_pack = kind == SchemaKind::Pack;
    match tree.documents() {
        [document] => {
            let root = tree.root(document);
            if root.is_none() && !document.broken {
                let help = if is_pack { "write `title`, `version` and `needs`" } else { "a rule file holds one rule" };
                diagnostics.push(Diagnostic::new(CODE, document.span, "the file is empty").help(help));
            }
            root
        }
        documents => {
            let span = documents.get(1).map_or(Span::new(file, 0, 0), |document| document.span);
            let what = if is_pack { "a pack.yaml" } else { "a rule file" };
            let wrong = Diagnostic::new(CODE, span, format!("{what} holds one document"));
            diagnostics.push(wrong.help("remove the second document, or give each rule a file of its own"));
            None
        }
    }
}

/// A pack that needs a newer program must not be judged with an older one.
fn needs(root: NodeRef<'_>) -> Option<Diagnostic> {
    let entry = root.get("needs")?;
    let wanted = entry.value.text()?;
    let number = |text: &str| -> Option<Vec<u64>> { text.split('.').map(|part| part.parse().ok()).collect() };
    let ours = env!("CARGO_PKG_VERSION");
    (number(wanted)? > number(ours)?).then(|| {
        let message = format!("this pack needs purposelint {wanted}; this is {ours}");
        Diagnostic::new(CODE, entry.value.span(), message)
            .help("update purposelint, or use an older version of the pack")
    })
}

/// Help for a pack that does not exist.
pub fn no_such_pack(name: &str, known: &[String]) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    suggest::did_you_mean(name, &known).unwrap_or_else(|| format!("the packs are {}", suggest::list(&known)))
}
