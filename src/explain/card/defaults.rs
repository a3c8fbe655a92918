//! A purpose or a setting: who gets which default, which line decides, and what is known to change.

use std::collections::BTreeSet;

use super::{Block, Card, Piece, quoted};
use crate::matrix::{Cell, Line, Row, ServiceMatrix, meaning, word};
use crate::model::{Entity, EntityKind, FieldValue, Override, Selector, Service, SettingRef, Value, Workspace};
use crate::resolve::{Boundaries, State, Work};
use crate::space::{Atlas, Date};

/// Most rows of a table.
const ROWS: usize = 12;

/// Most purposes behind a setting.
const PURPOSES: usize = 8;

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
        [service] => format!(" of {}", service.fields.text("title").unwrap_or(&service.id)),
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
    let on = |date: Date| ServiceMatrix::of(workspace, service, atlas, date, &|_, purpose| is_meant(purpose, entity));
    let Some(now) = on(date) else { return };
    card.text(format!("Effective defaults{in_service} on {date}:"));
    table(card, &now, entity);
    let days = days(asked, service, entity);
    let later = days.iter().take(DAYS).filter_map(|day| Some((*day, on(*day)?)));
    if let Some((day, then)) = later.into_iter().find(|(_, then)| looks(then) != looks(&now)) {
        card.text(format!("From {day}:"));
        table(card, &then, entity);
    } else if days.len() > DAYS {
        card.text(format!(
            "Whether that changes was only looked at until {}.",
            days.iter().nth(DAYS - 1).map_or_else(String::new, Date::to_string)
        ));
    }
}

/// One line of a table: whom it is about, and what holds for them.
type Told<'m> = (&'m str, &'m Row, &'m Line);

/// All lines of all purposes.
fn told(matrix: &ServiceMatrix) -> Vec<Told<'_>> {
    let rows = matrix.purposes.iter().flat_map(|purpose| purpose.rows.iter().map(move |row| (purpose, row)));
    rows.flat_map(|(purpose, row)| row.lines.iter().map(move |line| (purpose.title.as_str(), row, line))).collect()
}

/// What two days have in common where nothing changes for anybody, whichever line says so.
fn looks(matrix: &ServiceMatrix) -> Vec<(&str, &str, Vec<(State, bool, crate::space::TerritorySet)>)> {
    let rows = matrix.purposes.iter().flat_map(|purpose| purpose.rows.iter().map(move |row| (purpose, row)));
    let cells = |row: &Row| {
        let of = row.cells.iter().zip(&matrix.groups);
        of.map(|(cell, group)| (cell.state, cell.ambiguous, group.territories)).collect()
    };
    rows.map(|(purpose, row)| (purpose.id.as_str(), row.who.as_str(), cells(row))).collect()
}

fn table(card: &mut Card, matrix: &ServiceMatrix, entity: &Entity) {
    let by_purpose = entity.kind == EntityKind::Setting;
    let mut shown: Vec<Told<'_>> = told(matrix);
    let all = shown.len();
    if by_purpose {
        let titles: BTreeSet<&str> =
            matrix.purposes.iter().take(PURPOSES).map(|purpose| purpose.title.as_str()).collect();
        shown.retain(|(purpose, ..)| titles.contains(purpose));
    }
    shown.truncate(ROWS);
    let text = |text: String| vec![Piece::Text(text)];
    let ties = shown.iter().any(|(.., line)| line.cell.ambiguous);
    let row = |(purpose, row, line): &Told<'_>| {
        let who = [line.regions.as_str(), row.who.as_str()];
        let who: Vec<&str> = who.into_iter().filter(|words| !words.is_empty()).collect();
        let own = by_purpose.then(|| text((*purpose).to_owned()));
        let rest = [text(who.join(", ")), text(state(&line.cell, by_purpose)), places(matrix, &line.cell)];
        own.into_iter().chain(rest).collect::<Vec<_>>()
    };
    let head = ["purpose", "for", "default", "decided by"];
    let rows: Vec<_> = shown.iter().map(row).collect();
    let more = all - rows.len();
    card.blocks.push(Block::Table(head.into_iter().skip(usize::from(!by_purpose)).collect(), rows));
    if ties {
        card.text("Where values tie, none of them is more specific, and the least protective is shown.");
    }
    if more > 0 {
        card.text(format!("And {more} more rows: `purposelint matrix` shows all."));
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
