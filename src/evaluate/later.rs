//! The days after the run on which something changes for people, as far as it is declared.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::workspace::Period;
use crate::model::{Entity, EntityId, EntityKind, Fields, Override, Service, SettingRef, Value, Workspace};
use crate::space::{Atlas, Date};

/// The days after the run, up to the horizon, on which an override, a start, an end, a notice, a citation, a table or a group
/// changes what holds; with the purposes for which it does, `None` for all.
pub(super) fn later_days(
    context: &Context<'_>,
    workspace: &Workspace,
    service: &Service,
    (period, of_rules): (Period, &BTreeSet<Date>),
) -> BTreeMap<Date, Option<BTreeSet<EntityId>>> {
    let is_ahead = |day: &Date| period.today < *day && *day <= period.horizon;
    let of_all = days_of_all(context.atlas, workspace, service).into_iter().filter(is_ahead);
    let mut days: BTreeMap<Date, Option<BTreeSet<EntityId>>> = of_all.map(|day| (day, None)).collect();
    // what stands in a service by itself, such as a commitment, counts for rules that read which day it is
    for day in of_rules.iter().copied().chain(days_in(&service.fields)).filter(is_ahead) {
        days.entry(day).or_insert_with(|| Some(BTreeSet::new()));
    }
    for (id, purpose) in workspace.purposes(service) {
        for day in days_of_purpose(workspace, service, purpose, context.atlas).into_iter().filter(is_ahead) {
            if let Some(touched) = days.entry(day).or_insert_with(|| Some(BTreeSet::new())) {
                touched.insert(id);
            }
        }
    }
    days
}

/// The days on which something changes for people although nobody touches what is declared of the service.
pub fn declared_days(workspace: &Workspace, service: &Service, atlas: &Atlas) -> BTreeSet<Date> {
    let of_purposes = workspace.purposes(service);
    let mut days: BTreeSet<Date> =
        of_purposes.flat_map(|(_, purpose)| days_of_purpose(workspace, service, purpose, atlas)).collect();
    days.extend(days_of_all(atlas, workspace, service));
    days
}

/// The days on which something changes for a purpose, by itself or by its setting.
fn days_of_purpose(workspace: &Workspace, service: &Service, purpose: &Entity, atlas: &Atlas) -> Vec<Date> {
    let setting = match &purpose.setting {
        Some((_, SettingRef::Inline(setting))) => Some(&**setting),
        Some((_, SettingRef::Id(id))) => {
            workspace.find(service, EntityKind::Setting, &id.value).map(|(_, setting)| setting)
        }
        _ => None,
    };
    [Some(purpose), setting].into_iter().flatten().flat_map(|entity| days_of(entity, atlas)).collect()
}

/// The days on which something changes for a purpose with this entity.
fn days_of(entity: &Entity, atlas: &Atlas) -> Vec<Date> {
    let mut days: Vec<Date> = entity.overrides.iter().flat_map(selector_days).collect();
    for fields in entity.overrides.iter().map(|over| &over.fields).chain([&entity.fields]) {
        days.extend(days_in(fields));
    }
    let regions = entity.overrides.iter().filter_map(|over| over.selector.regions.as_ref());
    days.extend(regions.flat_map(|regions| &regions.items).flat_map(|item| atlas.changes(&item.value)));
    days
}

/// The days on which something changes for every purpose of a service.
fn days_of_all(atlas: &Atlas, workspace: &Workspace, service: &Service) -> Vec<Date> {
    let mut days = Vec::new();
    let served =
        service.regions.iter().chain(workspace.notices(service).filter_map(|(_, n)| n.selector.regions.as_ref()));
    days.extend(served.flat_map(|regions| &regions.items).flat_map(|item| atlas.changes(&item.value)));
    days.extend(workspace.notices(service).flat_map(|(_, notice)| days_in(&notice.fields)));
    days
}

/// The days that fields name, bounds included.
fn days_in(fields: &Fields) -> Vec<Date> {
    let mut days = Vec::new();
    fields.walk(&mut |field| {
        if let Value::Date(when) = &field.value.value {
            days.extend([when.earliest, when.latest].into_iter().flatten());
        }
    });
    days
}

fn selector_days(over: &Override) -> impl Iterator<Item = Date> {
    let day = |day: &Option<crate::model::Located<Option<Date>>>| day.as_ref().and_then(|day| day.value);
    [day(&over.selector.from), day(&over.selector.until)].into_iter().flatten()
}
