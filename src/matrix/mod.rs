//! Who gets which default: the states of purposes against groups of territories, with the places that decide.
//!
//! Everything here is data; `report` has the renderers. Each point of a service lies in exactly one cell of each purpose.

mod decide;
mod group;
mod notes;

use crate::model::{Entity, EntityId, Service, Workspace};
use crate::order::Order;
use crate::resolve::{Boundaries, Effective, State, Work};
use crate::source::Span;
use crate::space::{AgeSet, Atlas, Block, Date, Describe, PlanSet, TerritorySet, join};
use decide::Notebook;
pub use notes::{Note, Notes};

/// The defaults of all purposes that were asked for.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The date.
    pub date: Date,
    /// Services with at least one such purpose, in the order of their first files.
    pub services: Vec<ServiceMatrix>,
    /// Services that ask for more than can be worked out.
    pub refused: Vec<Refused>,
}

/// A service whose defaults were not worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its id.
    pub service: String,
    /// Its purposes.
    pub purposes: Vec<String>,
    /// Why.
    pub reason: String,
}

/// One service. Columns are its own: what another service tells apart is no difference here.
#[derive(Debug, Clone)]
pub struct ServiceMatrix {
    /// Its id.
    pub id: String,
    /// Its title for people, else its id.
    pub title: String,
    /// Everything it reaches.
    pub universe: Block,
    /// Where it is offered, folded: `WORLD`.
    pub regions: String,
    /// The ids of all its plans; empty for the implicit one.
    pub plans: Vec<String>,
    /// The coarsest partition of its territories by the states of all purposes shown, largest first.
    pub groups: Vec<Group>,
    /// The groups as columns, for tables that have no room for all of them.
    pub columns: Vec<Column>,
    /// Its purposes, in the order of the service.
    pub purposes: Vec<PurposeRows>,
    /// The places that decide, in the order in which cells refer to them.
    pub places: Vec<Place>,
}

/// Territories whose people are treated alike by every purpose shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The territories.
    pub territories: TerritorySet,
    /// The same, folded: `EEA except FR`.
    pub regions: String,
    /// The codes of all of them.
    pub codes: Vec<String>,
}

/// A column of a table: one group, or the groups for which there was no room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The territories of its one group, or [`ELSEWHERE`].
    pub name: String,
    /// Indices into the groups of the service.
    pub groups: Vec<usize>,
}

/// The name of a column that stands for several groups.
pub const ELSEWHERE: &str = "elsewhere (varies)";

/// A purpose.
#[derive(Debug, Clone)]
pub struct PurposeRows {
    /// Its id.
    pub id: String,
    /// Its title for people, else its id.
    pub title: String,
    /// One row, or one for each of the ages and plans that differ.
    pub rows: Vec<Row>,
}

/// People of some ages on some plans.
#[derive(Debug, Clone)]
pub struct Row {
    /// The ages.
    pub ages: AgeSet,
    /// The plans.
    pub plans: PlanSet,
    /// Both in words, `aged 13-15, on plan free`; empty for everybody.
    pub who: String,
    /// The ids of the plans; empty for the implicit one.
    pub plan_ids: Vec<String>,
    /// One cell for each group of the service.
    pub cells: Vec<Cell>,
    /// The same row by state and deciding places: each line names all territories where both are the same.
    pub lines: Vec<Line>,
}

/// What holds for one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The state; where values tie, the least protective.
    pub state: State,
    /// Whether values tie here.
    pub ambiguous: bool,
    /// What decides, as indices into the places of the service; what decides for most comes first.
    pub decided: Vec<usize>,
}

/// Where one state holds for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// State and places.
    pub cell: Cell,
    /// The territories.
    pub territories: TerritorySet,
    /// The same, folded.
    pub regions: String,
}

/// A place that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it is.
    pub span: Span,
    /// What stands there, and for whom: `default: off (override for EU)`.
    pub says: String,
}

/// The word for a state.
pub fn word(state: State) -> &'static str {
    match state {
        State::Known(kind) => kind.as_str(),
        State::Undeclared => "not declared",
        State::Unknown => "unknown",
        State::Unsettled => "unsettled",
    }
}

/// What a state means for a person who does nothing.
pub fn meaning(state: State) -> &'static str {
    use crate::resolve::StateKind::{Absent, Ask, Mandatory, Off, On};
    match state {
        State::Known(Mandatory) => "runs, and there is no switch",
        State::Known(On) => "runs unless the person switches it off",
        State::Known(Ask) => "the person is asked, and it does not run before the answer",
        State::Known(Off) => "does not run unless the person switches it on",
        State::Known(Absent) => "is not carried out",
        State::Undeclared => "nobody says what happens",
        State::Unknown => "cannot be told: something that decides it cannot be read",
        State::Unsettled => "cannot be told: the day on which it ends is a bound that leaves it open",
    }
}

/// How bad it would be to overlook a state: the least protective first, what nobody can tell behind.
pub fn rank(state: State) -> (u8, std::cmp::Reverse<u8>) {
    match state {
        State::Known(kind) => (0, std::cmp::Reverse(kind as u8)),
        State::Undeclared => (1, std::cmp::Reverse(0)),
        State::Unknown => (2, std::cmp::Reverse(0)),
        State::Unsettled => (2, std::cmp::Reverse(1)),
    }
}

impl Matrix {
    /// Works out who gets which default on a date. `wanted` says which purposes are shown, by their place in the service.
    pub fn build(
        workspace: &Workspace,
        atlas: &Atlas,
        date: Date,
        wanted: &dyn Fn(&Effective<'_>, usize) -> bool,
    ) -> Self {
        let (mut services, mut refused) = (Vec::new(), Vec::new());
        let nothing = Boundaries::default();
        for service in workspace.services() {
            match Work::of(workspace, service, atlas, date, &nothing).too_much(1) {
                None => services.extend(of_service(workspace, service, atlas, date, wanted)),
                Some(reason) => {
                    let purposes = workspace.purposes(service).map(|(_, purpose)| purpose.id.to_string()).collect();
                    refused.push(Refused { service: service.id.to_string(), purposes, reason });
                }
            }
        }
        Self { date, services, refused }
    }
}

impl ServiceMatrix {
    /// Some purposes of a service on a date. What else it declares costs nothing. `None` where none of them is there.
    /// INVARIANT: [`Work::too_much`] has not refused the service.
    pub fn of(
        workspace: &Workspace,
        service: &Service,
        atlas: &Atlas,
        date: Date,
        wanted: &dyn Fn(EntityId, &Entity) -> bool,
    ) -> Option<Self> {
        let effective = Effective::resolve_only(workspace, service, atlas, date, wanted);
        let shown: Vec<usize> = (0..effective.purposes.len()).collect();
        (!shown.is_empty()).then(|| of_purposes(&effective, &shown, atlas))
    }
}

fn of_service(
    workspace: &Workspace,
    service: &Service,
    atlas: &Atlas,
    date: Date,
    wanted: &dyn Fn(&Effective<'_>, usize) -> bool,
) -> Option<ServiceMatrix> {
    let effective = Effective::resolve(workspace, service, atlas, date, &Boundaries::default());
    let shown: Vec<usize> = (0..effective.purposes.len()).filter(|at| wanted(&effective, *at)).collect();
    (!shown.is_empty()).then(|| of_purposes(&effective, &shown, atlas))
}

/// Some purposes of a service.
fn of_purposes(effective: &Effective<'_>, shown: &[usize], atlas: &Atlas) -> ServiceMatrix {
    let Effective { service, date, universe, .. } = *effective;
    let describe = Describe::new(atlas, (universe, &service.plans), date);
    let mut notebook = Notebook::default();
    let answers: Vec<Vec<Cell>> = shown
        .iter()
        .map(|purpose| (0..effective.atoms.len()).map(|atom| notebook.cell(effective, *purpose, atom)).collect())
        .collect();
    let parts = group::partition(&effective.atoms, &answers);
    let groups = group::named(parts, &describe.folder, atlas);
    let building = Building { effective, describe: &describe, groups: &groups };
    let purposes = shown.iter().zip(&answers).filter_map(|(at, answers)| {
        let entity = effective.purposes.get(*at)?.resolved.entity;
        Some(PurposeRows { id: entity.id.to_string(), title: entity.title().to_owned(), rows: building.rows(answers) })
    });
    ServiceMatrix {
        id: service.id.to_string(),
        title: service.title().to_owned(),
        universe,
        regions: describe.folder.text(universe.territories),
        plans: service.plans.clone(),
        purposes: purposes.collect(),
        columns: group::columns(&groups),
        groups: groups.clone(),
        places: notebook.places,
    }
}

struct Building<'b> {
    effective: &'b Effective<'b>,
    describe: &'b Describe<'b>,
    groups: &'b [Group],
}

impl Building<'_> {
    /// The rows of a purpose whose cell at each atom is given.
    fn rows(&self, answers: &[Cell]) -> Vec<Row> {
        let mut rows: Vec<Row> = group::people(&self.effective.atoms, answers)
            .into_iter()
            .flat_map(join)
            .map(|people| self.row(people, answers))
            .collect();
        rows.order_by_key(|row| (row.ages.iter().next(), row.plans, row.ages));
        rows
    }

    fn row(&self, people: Block, answers: &[Cell]) -> Row {
        let here: Vec<(Block, &Cell)> = self
            .effective
            .atoms
            .iter()
            .zip(answers)
            .filter(|(atom, _)| atom.ages.is_within(people.ages) && atom.plans.is_within(people.plans))
            .map(|(atom, cell)| (*atom, cell))
            .collect();
        let who = [self.describe.ages(people), self.describe.plans(people)];
        Row {
            ages: people.ages,
            plans: people.plans,
            who: who.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", "),
            plan_ids: people.plans.iter().filter_map(|at| self.describe.plans.get(at).cloned()).collect(),
            cells: self.groups.iter().map(|group| group::merged(group.territories, &here)).collect(),
            lines: group::lines(&here, &self.describe.folder),
        }
    }
}
