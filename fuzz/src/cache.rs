//! A file of the cache that anybody may have written over: a run ends and reports in sound form, and as long as nobody forges the
//! hash as well, it reports what it reports without a cache.

use std::sync::OnceLock;

use purposelint::cache::{Key, Shelf};
use purposelint::evaluate::Finding;
use purposelint::lint::{Report, Setup, Shelved, lint};

use super::judge::{Case, write};

/// Two services in three files, one with a product file and one with something that both share.
const TEXTS: [&str; 3] = [
    "version: 1\nservice: a\nregions: [DE, US-CA]\npurposes:\n  t:\n    use: train_ai_system\n    setting:\n      default: on\n      \
     reads: {file: p.json, pointer: /on}\n      overrides: [{regions: [DE], default: off}]\n  u: {use: analytics, recipients: [x]}\n",
    "version: 1\nservice: b\npurposes:\n  # purposelint: ignore[fair-defaults/ai-training-on-by-default]: because\n  t: {use: train_ai_system, \
     setting: {default: on}, started: 2024-05-01}\n",
    "version: 1\norganisations:\n  x: {name: X é, role: processor, country: US}\n",
];

/// Bytes in front of the hash of a file: magic, form, build, owner and length. The hash takes 16 more.
const BEFORE_HASH: usize = 16 + 4 + 16 + 16 + 8;

/// Bytes of the length of what follows.
const LENGTH: usize = 8;

/// Bytes of an edit: what, where, how far and with what.
const EDIT: usize = 8;

fn owner() -> Key {
    Key::of(["fuzz"])
}

fn case() -> &'static (Case, Report, Vec<u8>) {
    static CASE: OnceLock<(Case, Report, Vec<u8>)> = OnceLock::new();
    CASE.get_or_init(|| {
        let case = Case::new(&TEXTS);
        let plain = case.lint();
        assert!(plain.findings.len() > 3, "{:?}", plain.findings);
        let shelf = Shelf::default();
        assert_same(&judged(&case, &shelf), &plain);
        let file = shelf.close(owner()).expect("a run leaves something");
        let kept = Shelf::open(file.clone(), owner()).expect("what was written can be read");
        assert_same(&judged(&case, &kept), &plain);
        assert!(kept.close(owner()).is_none(), "all of it was found again");
        (case, plain, file)
    })
}

fn judged(case: &Case, shelf: &Shelf) -> Report {
    let shelved = Some(Shelved { shelf, setup: owner() });
    lint(&case.sources, &case.files, &Setup { shelved, ..case.setup() })
}

fn assert_same(one: &Report, other: &Report) {
    let told = |report: &Report| report.found().map(|finding: &Finding| format!("{finding:?}")).collect::<Vec<_>>();
    assert_eq!(told(one), told(other));
    assert_eq!(one.checked, other.checked);
}

/// The first byte says what the rest is: the whole file, edits of a real one, edits of one under a hash that fits, or edits of its
/// values, each under its own key.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let (case, plain, file) = case();
    let head = BEFORE_HASH + 16;
    let (bytes, is_forged) = match kind % 4 {
        0 => (rest.to_vec(), false),
        1 => (edited(file.clone(), rest), false),
        2 => (forged(file, edited(file[head..].to_vec(), rest)), true),
        _ => (edited_values(file, rest), true),
    };
    let is_real = bytes == *file;
    let length = bytes.len();
    let shelf = match Shelf::open(bytes, owner()) {
        Some(shelf) => {
            assert!(is_real || is_forged, "{length} bytes that nobody has written");
            shelf
        }
        None => Shelf::default(),
    };
    let report = judged(case, &shelf);
    if is_real || !is_forged {
        assert_same(&report, plain);
    } else {
        write(&report, &case.sources, case.library);
    }
    // what is kept again is what counted
    if let Some(again) = shelf.close(owner()) {
        let shelf = Shelf::open(again, owner()).expect("what was written can be read");
        assert_same(&judged(case, &shelf), &report);
    }
}

/// Bytes with edits.
fn edited(mut bytes: Vec<u8>, edits: &[u8]) -> Vec<u8> {
    for edit in edits.chunks_exact(EDIT).take(16) {
        let number = |at: usize| usize::from(u16::from_le_bytes([edit[at], edit[at + 1]]));
        let start = (number(2) | number(4) << 16) % (bytes.len() + 1);
        let end = (start + usize::from(edit[1])).min(bytes.len());
        let with = [edit[6], edit[7]];
        match edit[0] % 7 {
            0 => bytes[start..end].iter_mut().for_each(|byte| *byte = with[0]),
            1 => bytes[start..end].iter_mut().for_each(|byte| *byte ^= with[0]),
            2 => drop(bytes.splice(start..start, with)),
            3 => drop(bytes.drain(start..end)),
            4 => bytes.truncate(start),
            5 => {
                let again = bytes[start..end].to_vec();
                let to = usize::from(u16::from_le_bytes(with)) % (bytes.len() + 1);
                drop(bytes.splice(to..to, again));
            }
            // a length without end
            _ => drop(bytes.splice(start..end, [0xFF, 0xFF, 0xFF, 0xFF, 0x7F])),
        }
    }
    bytes
}

/// A file with this behind its head, and with a hash that fits.
fn forged(file: &[u8], body: Vec<u8>) -> Vec<u8> {
    let length = (body.len() as u64).to_le_bytes();
    let hash = xxhash_rust::xxh3::xxh3_128(&body).to_le_bytes();
    [&file[..BEFORE_HASH - LENGTH], &length, &hash, &body].concat()
}

/// A sound file with other values. The first of the edits says which of them are edited.
fn edited_values(file: &[u8], data: &[u8]) -> Vec<u8> {
    let Some((chosen, edits)) = data.split_first() else { return file.to_vec() };
    let number = |bytes: &[u8]| usize::try_from(u64::from_le_bytes(bytes.try_into().unwrap())).unwrap();
    let body = &file[BEFORE_HASH + 16..];
    let count = number(&body[..8]);
    let (list, values) = body[8..].split_at(count * 32);
    let (mut out, mut all) = ((count as u64).to_le_bytes().to_vec(), Vec::new());
    for (at, entry) in list.chunks_exact(32).enumerate() {
        let (start, length) = (number(&entry[16..24]), number(&entry[24..]));
        let mut value = values[start..start + length].to_vec();
        if at % 8 == usize::from(chosen % 8) || *chosen == 0xFF {
            value = edited(value, edits);
        }
        out.extend(&entry[..16]);
        out.extend((all.len() as u64).to_le_bytes());
        out.extend((value.len() as u64).to_le_bytes());
        all.extend(value);
    }
    out.extend(all);
    forged(file, out)
}
