//! Texts that are not all kept in memory: one that was dropped is read from its file again when somebody needs it. A workspace may be
//! larger than the memory that its texts may take.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Decoded;
use super::text::Text;

/// Texts that are held, as many as there is room for: those that were read first, until others are read again. What is not held
/// here is held by those who work with it, or by nobody.
#[derive(Debug)]
pub struct Recent {
    room: usize,
    held: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// The oldest first.
    texts: VecDeque<Arc<Text>>,
    /// Bytes of all of them.
    size: usize,
}

impl Recent {
    /// Room for so many bytes of texts, and for one text whatever its size.
    pub fn new(room: usize) -> Self {
        Self { room, held: Mutex::default() }
    }

    /// What was read for the first time. It is held where there is room: whoever asks for all texts in turn finds the first ones,
    /// and nothing is let go that was not asked for yet.
    pub fn first(self: &Arc<Self>, decoded: Decoded) -> First {
        let (hash, invalid_utf8, size) = (decoded.hash(), decoded.invalid_utf8, decoded.text.len());
        let text = if self.has_room(size) { Arc::downgrade(&self.hold(decoded)) } else { Weak::new() };
        First { hash, invalid_utf8, size, text: Mutex::new(text), recent: Arc::clone(self) }
    }

    fn has_room(&self, size: usize) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.texts.is_empty() || held.size + size <= self.room
    }

    fn hold(&self, decoded: Decoded) -> Arc<Text> {
        let text = Arc::new(Text::from(Arc::<str>::from(decoded.text)));
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.size += text.len();
        held.texts.push_back(Arc::clone(&text));
        let mut gone = Vec::new();
        while held.size > self.room && held.texts.len() > 1 {
            let Some(oldest) = held.texts.pop_front() else { break };
            held.size -= oldest.len();
            gone.push(oldest);
        }
        // others need not wait until these are freed
        drop(held);
        drop(gone);
        text
    }
}

/// What is known of a text since it was first read.
#[derive(Debug)]
pub struct First {
    pub(super) hash: u128,
    pub(super) invalid_utf8: Option<usize>,
    /// Bytes.
    pub(super) size: usize,
    text: Mutex<Weak<Text>>,
    recent: Arc<Recent>,
}

impl First {
    /// As [`super::Source::hash`] has it.
    pub fn hash(&self) -> u128 {
        self.hash
    }
}

/// Reads a file once more; `None` where that is no longer possible.
pub type Reread = dyn Fn() -> Option<Decoded> + Send + Sync;

/// A text that may be read again.
pub(super) struct Again {
    pub(super) first: First,
    read: Box<Reread>,
    is_changed: AtomicBool,
}

impl Again {
    pub(super) fn new(first: First, read: Box<Reread>) -> Self {
        Self { first, read, is_changed: AtomicBool::new(false) }
    }

    /// The text as it was first read; an empty one from when it can no longer be had.
    pub(super) fn text(&self) -> Arc<Text> {
        let First { hash, text, recent, .. } = &self.first;
        let mut known = text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.upgrade() {
            return text;
        }
        // who asks for the same file meanwhile waits for one reading
        let read = if self.is_changed() { None } else { (self.read)() };
        let Some(decoded) = read.filter(|decoded| decoded.hash() == *hash) else {
            self.is_changed.store(true, Relaxed);
            return Arc::default();
        };
        let text = recent.hold(decoded);
        *known = Arc::downgrade(&text);
        text
    }

    /// The text, where somebody holds it.
    pub(super) fn held(&self) -> Option<Arc<Text>> {
        self.first.text.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    /// Whether the file was found to be another than it was.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed.load(Relaxed)
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Again")
            .field("first", &self.first)
            .field("is_changed", &self.is_changed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::super::{FileId, SourceMap, Span};
    use super::*;

    /// Files on a disk that counts what is read, and that may be written.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<Vec<Option<Vec<u8>>>>>, Arc<AtomicUsize>);

    impl Disk {
        /// The disk, and its files in a map that holds so many bytes.
        fn new(files: &[&str], room: usize) -> (Self, SourceMap, Vec<FileId>) {
            let bytes: Vec<Option<Vec<u8>>> = files.iter().map(|file| Some(file.as_bytes().to_vec())).collect();
            let disk = Self(Arc::new(Mutex::new(bytes)), Arc::default());
            let (recent, mut sources) = (Arc::new(Recent::new(room)), SourceMap::new());
            let add = |at: usize| {
                let first = recent.first(disk.read(at).unwrap());
                let own = disk.clone();
                sources.add_again(format!("{at}.yaml"), first, Box::new(move || own.read(at)))
            };
            let files = (0..files.len()).map(add).collect();
            disk.1.store(0, Relaxed);
            (disk, sources, files)
        }

        fn read(&self, at: usize) -> Option<Decoded> {
            self.1.fetch_add(1, Relaxed);
            self.0.lock().unwrap()[at].clone().map(Decoded::from)
        }

        fn write(&self, at: usize, text: Option<&str>) {
            self.0.lock().unwrap()[at] = text.map(|text| text.as_bytes().to_vec());
        }

        /// Readings since the last time.
        fn readings(&self) -> usize {
            self.1.swap(0, Relaxed)
        }
    }

    #[test]
    fn what_there_is_room_for_is_read_once() {
        let texts = ["a: 1\n", "b: 22\n", "c: 333\n"];
        for (room, readings) in [(18, 0), (17, 1), (5, 2), (0, 2)] {
            let (disk, sources, files) = Disk::new(&texts, room);
            for (file, text) in files.iter().zip(texts) {
                assert_eq!(&**sources.get(*file).unwrap().text(), text);
            }
            assert_eq!(disk.readings(), readings, "room for {room}");
            assert_eq!(sources.changed().count(), 0);
        }
    }

    #[test]
    fn who_works_with_a_text_keeps_it() {
        let (disk, sources, files) = Disk::new(&["a: 1\n", "b: 2\n", "c: 3\n"], 5);
        let held = sources.get(files[0]).unwrap().text();
        let excerpt = sources.slice(Span::new(files[1], 3, 4));
        assert_eq!(disk.readings(), 1);
        sources.get(files[2]).unwrap().text();
        disk.readings();
        assert!(Arc::ptr_eq(&held, &sources.get(files[0]).unwrap().text()));
        assert_eq!((&*excerpt, disk.readings()), ("2", 0));
        drop(held);
        assert!(sources.get(files[0]).unwrap().held().is_none());
    }

    #[test]
    fn a_file_that_is_another_is_told_and_stays_empty() {
        let first = "service: a\n";
        for (now, is_changed) in [
            (Some("service: b\n"), true),
            (Some("service: a\n\n"), true),
            (Some(""), true),
            (None, true),
            (Some("service: a\n"), false),
        ] {
            let (disk, sources, files) = Disk::new(&["service: held\n", first], 0);
            disk.write(1, now);
            let source = sources.get(files[1]).unwrap();
            assert_eq!(&**source.text(), if is_changed { "" } else { first }, "{now:?}");
            // it is not believed again once it was seen to change
            disk.write(1, Some(first));
            assert_eq!(&**source.text(), if is_changed { "" } else { first }, "{now:?}");
            let changed: Vec<&str> = sources.changed().map(|source| source.path()).collect();
            assert_eq!(changed, if is_changed { &["1.yaml"][..] } else { &[] }, "{now:?}");
            assert_eq!((source.size(), source.position(9).column), (first.len(), if is_changed { 1 } else { 10 }));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_from_question_marks() {
        let (disk, sources, files) = Disk::new(&["b: 1\n", "a: ?\n"], 0);
        disk.0.lock().unwrap()[1] = Some(b"a: \xff\n".to_vec());
        assert_eq!(&**sources.get(files[1]).unwrap().text(), "");
        assert!(sources.get(files[1]).unwrap().is_changed());
    }
}
