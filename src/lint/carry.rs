//! What of a service need not be judged again where one of its purposes or settings was edited: what was found of the others
//! holds, and has only moved in the text.
//!
//! That is so where the text of a file differs within one entity, or in lines that hold nothing but a comment, and where everybody
//! is still told apart as before; the latter is looked at while judging (`evaluate/known.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::read::Read;
use super::task::OfService;
use crate::diagnostic::Label;
use crate::evaluate::{Finding, Known, Subject};
use crate::model::{Declaration, Entity, EntityKind, SettingRef};
use crate::source::{FileId, Source, Span};
use crate::syntax::{Entry, NodeRef};

/// A file as it was when it could last be read whole.
pub(super) struct Before {
    pub(super) text: Arc<str>,
    /// What stands for the text.
    pub(super) hash: u128,
    pub(super) declarations: Vec<Declaration>,
    pub(super) is_valid: bool,
}

impl Before {
    /// A file, but for what it declares; `None` where part of it cannot be read, is for all services or stands in several places.
    pub(super) fn of(source: &Source, read: &Read) -> Option<Self> {
        let is_whole = !read.broken && read.refused.is_empty() && read.is_whole;
        let is_plain = read.shared.is_empty() && read.services.iter().all(Option::is_some);
        let text = source.text().shared();
        let is_valid = read.is_valid;
        (is_whole && is_plain).then(|| Self { text, hash: source.hash(), declarations: Vec::new(), is_valid })
    }

    /// What of another text of the file has only moved; `None` where that was not valid.
    pub(super) fn kept(&self, source: &Source) -> Option<Kept<'_>> {
        let file = self.declarations.first()?.file;
        let moved = Moved::between(file, &self.text, &source.text());
        self.is_valid.then_some(Kept { moved, declarations: &self.declarations })
    }
}

/// What of a file has only moved.
pub(super) struct Kept<'b> {
    moved: Moved,
    declarations: &'b [Declaration],
}

impl Kept<'_> {
    /// The entities of a document of the text after that have only moved, from their keys to the ends of their values.
    pub(super) fn in_document(&self, root: NodeRef<'_>) -> BTreeSet<Span> {
        let of_kind = |kind: EntityKind| {
            let entries = root.get(kind.key()).into_iter().flat_map(|entry| entry.value.entries());
            entries.filter(move |entry| self.is_moved(kind, entry)).map(|entry| entry.span())
        };
        EntityKind::ALL.into_iter().flat_map(of_kind).collect()
    }

    fn is_moved(&self, kind: EntityKind, entry: &Entry<'_>) -> bool {
        let before = self.moved.back().whole(entry.span());
        let found = before.and_then(|before| self.find(before));
        let entity = found.and_then(|(declaration, at)| declaration.entities.get(at));
        entity.is_some_and(|entity| entity.kind == kind && entry.name() == Some(&*entity.id))
    }

    /// The entity of a place, where it has not even moved. Not the last one before what differs: where something may be added to
    /// that depends on what stands behind it.
    pub(super) fn same(&self, span: Span) -> Option<Arc<Entity>> {
        let is_before = |entity: &Arc<Entity>| (entity.extent.end as usize) < self.moved.start;
        let (declaration, at) = self.find(span)?;
        declaration.entities.get(at + 1).filter(|next| is_before(next))?;
        declaration.entities.get(at).cloned()
    }

    /// The entity of a place in the text before.
    fn find(&self, before: Span) -> Option<(&Declaration, usize)> {
        let at = self.declarations.partition_point(|it| it.place.start <= before.start);
        let declaration = at.checked_sub(1).and_then(|at| self.declarations.get(at))?;
        let at = declaration.entities.partition_point(|entity| entity.extent.start < before.start);
        declaration.entities.get(at).filter(|entity| entity.extent == before)?;
        Some((declaration, at))
    }
}

/// Where two texts of a file differ, and how far what follows has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moved {
    file: FileId,
    /// Bytes that are the same at the start.
    start: usize,
    /// Where, in the text before, what is the same at the end begins.
    end: usize,
    /// The same in the text after.
    end_after: usize,
}

/// Bytes that are compared at once.
const BLOCK: usize = 256;

impl Moved {
    fn between(file: FileId, before: &str, after: &str) -> Self {
        let (old, new) = (before.as_bytes(), after.as_bytes());
        // block by block first: most of a large text is the same
        let blocks = old.chunks(BLOCK).zip(new.chunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK).count();
        let start = blocks * BLOCK;
        let bytes = old.iter().zip(new).skip(start);
        let start = start + bytes.take_while(|(a, b)| a == b).count();
        let most = (old.len() - start).min(new.len() - start);
        let tails = || old.rchunks(BLOCK).zip(new.rchunks(BLOCK)).take(most / BLOCK);
        let same = BLOCK * tails().take_while(|(a, b)| a == b).count();
        let bytes = old.iter().rev().zip(new.iter().rev()).take(most).skip(same);
        let same = same + bytes.take_while(|(a, b)| a == b).count();
        Self { file, start, end: before.len() - same, end_after: after.len() - same }.in_lines(before, after)
    }

    /// The same as whole lines that were put in or taken out, where it can be seen so.
    fn in_lines(self, before: &str, after: &str) -> Self {
        // a byte that differs may stand inside a character
        let (before, after) = (before.as_bytes(), after.as_bytes());
        let line_break = before.iter().take(self.start).rposition(|byte| *byte == b'\n');
        let line_start = line_break.map_or(0, |at| at + 1);
        let by = self.start - line_start;
        let ends_alike = |text: &[u8], end: usize| {
            let (lead, tail) = (text.get(line_start..self.start), text.get(end.saturating_sub(by)..end));
            end == self.start || (end - by >= self.start && lead == tail)
        };
        match ends_alike(before, self.end) && ends_alike(after, self.end_after) {
            true => Self { start: line_start, end: self.end - by, end_after: self.end_after - by, ..self },
            false => self,
        }
    }

    /// The way back.
    fn back(self) -> Self {
        Self { end: self.end_after, end_after: self.end, ..self }
    }

    /// Where a place of the text before is in the text after; `None` where it is in what differs.
    fn whole(&self, span: Span) -> Option<Span> {
        let (start, end) = (span.start as usize, span.end as usize);
        if span.file != self.file || end <= self.start {
            return Some(span);
        }
        let moved = |at: usize| at - self.end + self.end_after;
        (start >= self.end).then(|| Span::new(span.file, moved(start), moved(end)))
    }

    /// The same, and `None` as well where it touches what differs: a word may have become longer.
    fn span(&self, span: Span) -> Option<Span> {
        let touches = span.file == self.file && (span.end as usize == self.start || span.start as usize == self.end);
        if touches { None } else { self.whole(span) }
    }

    /// A finding whose places have all moved as a whole.
    fn finding(&self, finding: &Arc<Finding>) -> Option<Arc<Finding>> {
        let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        let labels = [&finding.primary].into_iter().chain(&finding.labels).map(|label| label.span);
        let mut places = labels.chain(finding.deciding.iter().copied()).chain(finding.declared).chain(edits);
        if places.all(|span| self.span(span) == Some(span)) {
            return Some(Arc::clone(finding));
        }
        let label = |label: &Label| Some(Label { span: self.span(label.span)?, ..label.clone() });
        let mut fixes = finding.fixes.clone();
        for edit in fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = self.span(edit.span)?;
        }
        let declared = match finding.declared {
            Some(span) => Some(self.span(span)?),
            None => None,
        };
        let labels = finding.labels.iter().map(label).collect::<Option<_>>()?;
        let primary = label(&finding.primary)?;
        let deciding = finding.deciding.iter().map(|span| self.span(*span)).collect::<Option<_>>()?;
        Some(Arc::new(Finding { primary, deciding, labels, declared, fixes, ..Finding::clone(finding) }))
    }

    /// Whether an entity is where it was, or has moved as a whole.
    fn is_kept(&self, before: &Entity, after: &Entity) -> bool {
        self.whole(before.extent) == Some(after.extent)
    }

    /// Whether all that differs is behind the key of an entity, before and after.
    fn is_within(&self, before: &Entity, after: &Entity) -> bool {
        let (old, new) = (before.extent, after.extent);
        (before.place.end as usize) < self.start
            && old.start == new.start
            && self.end <= old.end as usize
            && self.end_after <= new.end as usize
            && (old.end as usize - self.end) == (new.end as usize - self.end_after)
    }

    /// Whether the lines that differ hold nothing but comments, before and after.
    fn is_beside(&self, before: &str, after: &str) -> bool {
        let line_start = before.get(..self.start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        let lines = |text: &str, end: usize| {
            let differing = text.get(line_start..end).unwrap_or_default();
            let rest = text.get(end..).unwrap_or_default();
            let end = match differing.is_empty() || differing.ends_with('\n') {
                true => end,
                false => rest.find('\n').map_or(text.len(), |at| end + at),
            };
            let lines = text.get(line_start..end).map(|lines| lines.split('\n').map(str::trim));
            lines.is_some_and(|mut lines| lines.all(|line| line.is_empty() || line.starts_with('#')))
        };
        lines(before, self.end) && lines(after, self.end_after)
    }
}

/// What is known of a service from before one of its files was edited, where the edit cannot have to do with all of it; `after`
/// are the text and the declarations of that file, and `all` those of the service.
pub(super) fn carry<'d>(
    past: &OfService,
    (file, before): (FileId, &Before),
    (text, after): (&str, &[Declaration]),
    all: impl Iterator<Item = &'d Declaration> + Clone,
) -> Option<Known> {
    let moved = Moved::between(file, &before.text, text);
    let mut touched = edited(&moved, before, (text, after), all.clone())?;
    let ids: Vec<&str> = purposes(all).map(|purpose| &*purpose.id).collect();
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return None;
    }
    let mut kept: Vec<(&str, Arc<Finding>)> = Vec::new();
    for finding in &past.findings {
        let Subject::Entity(EntityKind::Purpose, id) = &finding.subject else { continue };
        match moved.finding(finding) {
            Some(finding) => kept.push((id, finding)),
            None => drop(touched.insert(id.as_str().into())),
        }
    }
    let kept = kept.into_iter().filter(|(id, _)| !touched.contains(*id));
    let findings = kept.map(|(_, finding)| finding).collect();
    Some(Known {
        touched,
        findings,
        basis: past.basis.clone()?,
        applied: past.applied.clone(),
        spared: past.spared.clone(),
    })
}

/// The purposes that an edit may have to do with; `None` where that may be all of them.
fn edited<'d>(
    moved: &Moved,
    before: &Before,
    (text, after): (&str, &[Declaration]),
    all: impl Iterator<Item = &'d Declaration> + Clone,
) -> Option<BTreeSet<Box<str>>> {
    let service = |declaration: &Declaration| declaration.service.as_ref().map(|service| service.value.clone());
    if !before.declarations.iter().map(service).eq(after.iter().map(service)) {
        return None;
    }
    let old: Vec<&Entity> = before.declarations.iter().flat_map(|it| &it.entities).map(|it| &**it).collect();
    let new: Vec<&Entity> = after.iter().flat_map(|it| &it.entities).map(|it| &**it).collect();
    let name = |entity: &&Entity| (entity.kind, entity.id.clone());
    if !old.iter().map(name).eq(new.iter().map(name)) {
        return None;
    }
    let pairs = || old.iter().copied().zip(new.iter().copied());
    let mut changed: Vec<(&Entity, &Entity)> = pairs().filter(|(old, new)| !moved.is_kept(old, new)).collect();
    match changed.as_slice() {
        [] if moved.is_beside(&before.text, text) => {
            // where something may be added to the one before depends on what stands behind it
            let next = old.iter().position(|entity| entity.extent.start as usize >= moved.end).unwrap_or(old.len());
            changed.extend(pairs().skip(next.saturating_sub(1)).take(2));
        }
        [(old, new)] if moved.is_within(old, new) => {}
        _ => return None,
    }
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let mut settings: BTreeSet<&str> = BTreeSet::new();
    for (old, new) in changed {
        match new.kind {
            EntityKind::Setting => drop(settings.insert(&new.id)),
            EntityKind::Purpose => {
                ids.insert(&new.id);
                settings.extend([old, new].into_iter().filter_map(setting_of));
            }
            EntityKind::Organisation | EntityKind::Notice => return None,
        }
    }
    let is_touched = |purpose: &&Entity| {
        ids.contains(&*purpose.id) || setting_of(purpose).is_some_and(|setting| settings.contains(setting))
    };
    Some(purposes(all).filter(is_touched).map(|purpose| purpose.id.clone()).collect())
}

fn purposes<'d>(all: impl Iterator<Item = &'d Declaration>) -> impl Iterator<Item = &'d Entity> {
    all.flat_map(|declaration| &declaration.entities)
        .map(|entity| &**entity)
        .filter(|entity| entity.kind == EntityKind::Purpose)
}

/// The id of the setting that a purpose names.
fn setting_of(purpose: &Entity) -> Option<&str> {
    match &purpose.setting {
        Some((_, SettingRef::Id(id))) => Some(&id.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evaluate::KeptDays;
    use crate::lint::{Session, Setup, tested};
    use crate::policy::Library;
    use crate::source::SourceMap;
    use crate::syntax::Limits;

    const FIRST: &str = "\
# of the feed
version: 1
service: feed
regions: [EEA, GB, US]
ages: [\"13+\"]
organisations:
  us: {name: Us, role: processor}
notices:
  policy: {kind: privacy_policy, channel: passive, published: 2026-01-01}
settings:
  all:
    default: on
    overrides:
      - {regions: [EEA], default: off}
  other:
    default: on
purposes:
  train:
    title: To train
    use: train_ai_system
    data: [{category: user.content}]
    setting: all
    started: 2026-02-01
    notices: [policy]
  rank:
    use: personalize
    setting: all
    recipients: [us]
  sell:
    use: train_ai_system
    setting:
      default: on
      overrides:
        - {regions: [FR], from: 2026-12-01, default: off}
  rank_more: {use: personalize, setting: other}
  store:
    use: train_ai_system
    setting: {default: off} # purposelint: ignore[fair-defaults/setting-buried]: later
";

    const SECOND: &str = "\
version: 1
service: feed
purposes:
  keep:
    use: personalize
    setting: other
    data: [{category: user.content}]
  ask:
    use: train_ai_system
    setting: {default: off}
  pilot:
    use: train_ai_system
    setting:
      default: on
      overrides: [{regions: [US], default: on}]
";

    /// What may stand in place of what: within values, of references, in the head, between entities, and broken.
    const EDITS: &[(&str, &str)] = &[
        ("default: on\n", "default: off\n"),
        ("setting: all\n", "setting: other\n"),
        ("setting: other", "setting: none"),
        ("[{category: user.content}]", "[{category: user.behavior}]"),
        ("from: 2026-12-01", "from: 2027-01-15"),
        ("regions: [FR]", "regions: [US]"),
        ("regions: [EEA, GB, US]", "regions: [EEA, US]"),
        ("channel: passive", "channel: email"),
        ("    title: To train\n", ""),
        ("    use: train_ai_system\n", "    use: train_ai_system # all of it\n"),
        ("    use: train_ai_system\n", "    use: train_ai\n"),
        ("  sell:\n", "  # to others\n  sell:\n"),
        ("  sell:\n", "  sold:\n"),
        ("    started: 2026-02-01\n", "    started: 2026-12-24\n"),
        ("purposes:\n", "purposes:\n\n"),
        ("recipients: [us]", "recipients: [us]\n    unknown_key: 1"),
        ("  rank:\n", "  [rank:\n"),
        ("# of the feed\n", ""),
        ("  sell:\n", "sell:\n"),
        ("  store:\n", "    store:\n"),
        ("purposes:\n", ""),
        ("settings:\n", "notices2:\n"),
        ("default: on\npurposes", "default: on\n    overrides: [{regions: [DE], default: off}]\npurposes"),
        ("ages: [\"13+\"]\n", "ages: [\"16+\"]\n"),
        ("setting: {default: off}\n", "setting: {default: on, label: AI}\n"),
        ("# purposelint: ignore", "# purposely ignore"),
        ("    title: To train\n", "    title: Zum Üben\n"),
        ("    title: Zum Üben\n", "    title: Zum Öben # ÜÖ\n"),
    ];

    fn library() -> Library {
        tested::library(&["core", "fair-defaults", "eu-gdpr"])
    }

    #[test]
    fn only_what_an_edit_is_about_is_judged_again() {
        let cases = [
            (FIRST, "default: on\n", "default: off\n", true),
            (FIRST, "    title: To train\n", "", true),
            (FIRST, "setting: other", "setting: all", true),
            (FIRST, "  sell:\n", "  # to others\n  sell:\n", true),
            (SECOND, "user.content", "user.behavior", true),
            (FIRST, "channel: passive", "channel: email", false),
            (FIRST, "  sell:\n", "  sold:\n", false),
            (FIRST, "regions: [EEA, GB, US]", "regions: [EEA, US]", false),
            // people are told apart on other days or fewer, and at another age
            (FIRST, "from: 2026-12-01", "from: 2027-01-15", false),
            (FIRST, "from: 2026-12-01, ", "", false),
            (
                FIRST,
                "      - {regions: [EEA], default: off}\n",
                "      - {regions: [EEA], default: off}\n      - {regions: [US-WY], default: off}\n",
                false,
            ),
        ];
        let library = Arc::new(library());
        let setup = tested::setup(&library);
        for (file, from, to, expected) in cases {
            let mut sources = SourceMap::new();
            let files = [sources.add("a.yaml", FIRST), sources.add("b.yaml", SECOND)];
            let days = KeptDays::new(Arc::clone(&library), Arc::clone(&setup.settings), Vec::new(), setup.period);
            let mut session = Session::on(days);
            session.judge(&sources, &files, &setup);
            // or nothing of a file would be taken for what it was
            assert!(session.reads.values().all(|of| of.read.is_valid && !of.read.broken));
            let edited = if file == FIRST { files[0] } else { files[1] };
            session.forget(&sources, edited);
            let text = file.replacen(from, to, 1);
            assert_ne!(text, file, "{from}");
            sources.replace(edited, text);
            session.judge(&sources, &files, &setup);
            let known: Vec<bool> = session.services.values().map(|of| of.was_known()).collect();
            assert_eq!(known, [expected], "{from} becomes {to}");
            let fresh = fresh(&sources, &files, &setup);
            assert_eq!(files.map(|file| session.findings(file).to_vec()), fresh, "{from} becomes {to}");
        }
    }

    /// What is found in each file by a session that knows nothing.
    fn fresh(sources: &SourceMap, files: &[FileId; 2], setup: &Setup<'_>) -> [Vec<Arc<Finding>>; 2] {
        let mut session = Session::new();
        session.judge(sources, files, setup);
        files.map(|file| session.findings(file).to_vec())
    }

    /// What is known of a service took steps as well, and they count.
    #[test]
    fn an_edit_may_take_a_service_past_its_steps() {
        let library = library();
        let longer = FIRST.replacen("[{category: user.content}]", "[user.content, user.behavior, user.account]", 1);
        let mut sources = SourceMap::new();
        let files = [sources.add("a.yaml", FIRST), sources.add("b.yaml", SECOND)];
        let with = |steps: usize| Setup { limits: Limits { steps, ..Limits::default() }, ..tested::setup(&library) };
        let is_refused = |sources: &SourceMap, setup: &Setup<'_>| {
            fresh(sources, &files, setup).iter().flatten().any(|it| it.rule == "core/service-too-large")
        };
        let (mut refused, mut enough) = (0_usize, 1_usize << 20);
        let mut edited = SourceMap::new();
        edited.add("a.yaml", longer.as_str());
        edited.add("b.yaml", SECOND);
        while refused + 1 < enough {
            let middle = refused.midpoint(enough);
            if is_refused(&edited, &with(middle)) { refused = middle } else { enough = middle }
        }
        let setup = with(refused);
        assert!(!is_refused(&sources, &setup), "the edit takes steps");
        let mut session = Session::new();
        session.judge(&sources, &files, &setup);
        session.forget(&sources, files[0]);
        sources.replace(files[0], longer);
        session.judge(&sources, &files, &setup);
        assert_eq!(files.map(|file| session.findings(file).to_vec()), fresh(&sources, &files, &setup));
        assert!(is_refused(&sources, &setup));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn an_edit_comes_to_what_a_fresh_session_finds(
            edits in prop::collection::vec((0..EDITS.len(), any::<bool>(), any::<bool>()), 1..8),
        ) {
            let library = library();
            let setup = tested::setup(&library);
            let mut sources = SourceMap::new();
            let files = [sources.add("a.yaml", FIRST), sources.add("b.yaml", SECOND)];
            let mut session = Session::new();
            session.judge(&sources, &files, &setup);
            for (edit, second, backwards) in edits {
                let file = files[usize::from(second)];
                let (from, to) = EDITS[edit];
                let (from, to) = if backwards { (to, from) } else { (from, to) };
                let text = sources.get(file).unwrap().text().replacen(from, to, 1);
                if from.is_empty() || text == **sources.get(file).unwrap().text() {
                    continue;
                }
                session.forget(&sources, file);
                sources.replace(file, text);
                session.judge(&sources, &files, &setup);
                let mut fresh = Session::new();
                fresh.judge(&sources, &files, &setup);
                for file in files {
                    let (found, expected) = (session.findings(file), fresh.findings(file));
                    let told = |list: &[Arc<Finding>], other: &[Arc<Finding>]| -> Vec<String> {
                        let only = list.iter().filter(|finding| !other.contains(finding));
                        only.map(|it| format!("{:?} {} {:?}: {}", it.primary.span, it.rule, it.subject, it.message)).collect()
                    };
                    prop_assert_eq!(told(found, expected), told(expected, found), "after {} for {}", to, from);
                    prop_assert!(found == expected, "in another order");
                }
            }
        }
    }
}
