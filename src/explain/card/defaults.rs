//! A purpose or a setting: who gets which default, which line decides, and what is known to change.

use std::collections::BTreeSet;

use super::{Card, Piece, quoted, some};
use crate::matrix::{Cell, ServiceMatrix, meaning, word};
use crate::model::{Entity, EntityKind, FieldValue, Override, Selector, Service, SettingRef, Value, Workspace};
use crate::resolve::{Boundaries, Work};
use crate::space::{Atlas, Block, Date, Describe, join};

/// Most rows of a table.
const ROWS: usize = 12;

/// Most purposes that are named in one row.
const PURPOSES: usize = 5;

/// Most services that share a setting.
const SERVICES: usize = 3;

/// Most days that are looked at for a change.
const DAYS: usize = 16;

/// Most places beside a row.
const PLACES: usize = 3;

/// What is asked of whom.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What is declared.
    pub workspace: &'a Workspace,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// The day.
    pub date: Date,
}

/// A purpose or setting of these services with its defaults. A setting that is written in place is its purpose.
pub fn defaults(asked: Asked<'_>, services: &[&Service], entity: &Entity) -> Card {
    let noun = entity.kind.noun();
    let of = match services {
        [service] => format!(" of {}", service.title()),
        _ => String::new(),
    };
    let mut card = Card::new(entity.title(), format!("{noun} {}{of}", quoted(&entity.id)));
    let concerned: Vec<&&Service> = services
        .iter()
        .filter(|service| asked.workspace.purposes(service).any(|(_, it)| is_meant(it, entity)))
        .collect();
    if concerned.is_empty() {
        card.text(format!("No purpose that could be read names this {noun}, so it decides nothing."));
    }
    for service in concerned.iter().take(SERVICES) {
        let name = (services.len() > 1).then(|| service.id.to_string());
        of_service(&mut card, asked, service, entity, name.as_deref());
    }
    if concerned.len() > SERVICES {
        card.text(format!("And in {} more services: `purposelint matrix` shows all.", concerned.len() - SERVICES));
    }
    card
}

/// Whether a purpose is the one that is asked for, or has the setting that is.
fn is_meant(purpose: &Entity, asked: &Entity) -> bool {
    match &purpose.setting {
        _ if asked.kind == EntityKind::Purpose => purpose.id == asked.id,
        Some((_, SettingRef::Id(id))) => id.value == asked.id,
        _ => false,
    }
}

fn of_service(card: &mut Card, asked: Asked<'_>, service: &Service, entity: &Entity, name: Option<&str>) {
    let Asked { workspace, atlas, date } = asked;
    let in_service = name.map(|name| format!(" in {}", quoted(name))).unwrap_or_default();
    if let Some(why) = Work::of(workspace, service, atlas, date, &Boundaries::default()).too_much(1) {
        card.text(format!("Defaults{in_service} are not worked out: {why}."));
        return;
    }
    let on = |date: Date| {
        let matrix = ServiceMatrix::of(workspace, service, atlas, date, &|_, purpose| is_meant(purpose, entity))?;
        Some((told(&matrix, atlas, date), matrix))
    };
    let Some((now, matrix)) = on(date) else { return };
    card.text(format!("Effective defaults{in_service} on {date}:"));
    table(card, &matrix, &now, entity);
    let days = days(asked, service, entity);
    let mut later = days.iter().take(DAYS).filter_map(|day| Some((*day, on(*day)?)));
    let holds = |told: &Told| now.iter().any(|known| known.says_as(told));
    if let Some((day, (then, matrix))) = later.find(|(_, (then, _))| !then.iter().all(holds)) {
        let changed: Vec<Told> = then.into_iter().filter(|told| !holds(told)).collect();
        card.text(format!("What changes on {day}:"));
        table(card, &matrix, &changed, entity);
    } else if let Some(day) = days.iter().nth(DAYS) {
        card.text(format!("Whether anything changes on {day} or later was not looked at."));
    }
}

/// One line of a table: what holds for some people, for all purposes that treat them alike.
struct Told {
    purposes: Vec<String>,
    who: String,
    cell: Cell,
}

impl Told {
    /// Whether two lines say the same of the same people, whatever decides it.
    fn says_as(&self, other: &Self) -> bool {
        let same = self.cell.state == other.cell.state && self.cell.ambiguous == other.cell.ambiguous;
        same && self.purposes == other.purposes && self.who == other.who
    }
}

/// Who gets which default of a purpose.
type Lines = Vec<(String, Cell)>;

/// Everything a matrix says, in as few lines as possible.
fn told(matrix: &ServiceMatrix, atlas: &Atlas, date: Date) -> Vec<Told> {
    let universe = matrix.universe;
    let describe = Describe::new(atlas, (universe, &matrix.plans), date);
    let mut by_lines: Vec<(Lines, Vec<String>)> = Vec::new();
    for purpose in &matrix.purposes {
        let mut cells: Vec<(&Cell, Vec<Block>)> = Vec::new();
        for (row, line) in purpose.rows.iter().flat_map(|row| row.lines.iter().map(move |line| (row, line))) {
            let block = Block { territories: line.territories, ages: row.ages, plans: row.plans };
            match cells.iter_mut().find(|(cell, _)| **cell == line.cell) {
                Some((_, blocks)) => blocks.push(block),
                None => cells.push((&line.cell, vec![block])),
            }
        }
        let lines: Lines =
            cells.into_iter().map(|(cell, blocks)| (describe.blocks(&join(blocks)), cell.clone())).collect();
        match by_lines.iter_mut().find(|(known, _)| *known == lines) {
            Some((_, purposes)) => purposes.push(purpose.title.clone()),
            None => by_lines.push((lines, vec![purpose.title.clone()])),
        }
    }
    let told = by_lines.into_iter().flat_map(|(lines, purposes)| {
        lines.into_iter().map(move |(who, cell)| Told { purposes: purposes.clone(), who, cell })
    });
    told.collect()
}

fn table(card: &mut Card, matrix: &ServiceMatrix, told: &[Told], entity: &Entity) {
    let by_purpose = entity.kind == EntityKind::Setting;
    let text = |text: String| vec![Piece::Text(text)];
    let row = |told: &Told| {
        let own = by_purpose.then(|| text(some(told.purposes.iter().cloned(), PURPOSES)));
        let rest = [text(told.who.clone()), text(state(&told.cell, by_purpose)), places(matrix, &told.cell)];
        own.into_iter().chain(rest).collect::<Vec<_>>()
    };
    let head = ["purpose", "for", "default", "decided by"];
    let rows: Vec<_> = told.iter().take(ROWS).map(row).collect();
    card.blocks.push(super::Block::Table(head.into_iter().skip(usize::from(!by_purpose)).collect(), rows));
    if told.iter().take(ROWS).any(|told| told.cell.ambiguous) {
        card.text("Where values tie, none of them is more specific, and the least protective is shown.");
    }
    if told.len() > ROWS {
        card.text(format!("And {} more rows: `purposelint matrix` shows all.", told.len() - ROWS));
    }
}

fn state(cell: &Cell, is_short: bool) -> String {
    let tie = if cell.ambiguous { "ambiguous, values tie; " } else { "" };
    let means = if is_short { String::new() } else { format!(": {}", meaning(cell.state)) };
    format!("{tie}{}{means}", word(cell.state))
}

fn places(matrix: &ServiceMatrix, cell: &Cell) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let shown = cell.decided.iter().filter_map(|at| matrix.places.get(*at)).take(PLACES);
    for place in shown {
        if !pieces.is_empty() {
            pieces.push(Piece::Text("and".to_owned()));
        }
        pieces.push(Piece::Place(place.span));
        pieces.push(Piece::Text(place.says.clone()));
    }
    if cell.decided.len() > PLACES {
        pieces.push(Piece::Text(format!("and {} more", cell.decided.len() - PLACES)));
    }
    pieces
}

/// The days after the one asked for on which something about an entity may change, as far as it is declared.
fn days(asked: Asked<'_>, service: &Service, entity: &Entity) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    names.extend(service.regions.iter().flat_map(|regions| &regions.items).map(|item| &*item.value));
    for (_, purpose) in asked.workspace.purposes(service).filter(|(_, purpose)| is_meant(purpose, entity)) {
        of_entity(purpose, &mut days, &mut names);
        match &purpose.setting {
            Some((_, SettingRef::Inline(setting))) => of_entity(setting, &mut days, &mut names),
            Some((_, SettingRef::Id(id))) => {
                if let Some((_, setting)) = asked.workspace.find(service, EntityKind::Setting, &id.value) {
                    of_entity(setting, &mut days, &mut names);
                }
            }
            _ => {}
        }
    }
    days.extend(names.into_iter().flat_map(|name| asked.atlas.changes(name)));
    days.retain(|day| *day > asked.date);
    days
}

fn of_entity<'e>(entity: &'e Entity, days: &mut BTreeSet<Date>, names: &mut BTreeSet<&'e str>) {
    let mut ends = |field: &FieldValue| {
        if let (true, Value::Date(when)) = (field.field.name() == "ended", &field.value.value) {
            days.extend([when.earliest, when.latest, when.latest.map(|day| day.plus(1))].into_iter().flatten());
        }
    };
    entity.fields.walk(&mut ends);
    entity.overrides.iter().for_each(|over| over.fields.walk(&mut ends));
    for Override { selector: Selector { regions, from, until, .. }, .. } in &entity.overrides {
        days.extend([from, until].into_iter().flatten().filter_map(|day| day.value));
        names.extend(regions.iter().flat_map(|regions| &regions.items).map(|item| &*item.value));
    }
}
