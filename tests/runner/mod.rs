//! Build logs as the runners of GitHub and Azure read them: every line may be an order.
//!
//! Written from the behaviour of `ActionCommand` in actions/runner and `Command` in azure-pipelines-agent. Which commands are
//! registered is not asked: a line that could be any is one.
#![allow(
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

use std::collections::BTreeMap;

/// A line that a runner obeys.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

impl Order {
    pub(crate) fn get(&self, property: &str) -> &str {
        self.properties.get(property).map_or("", String::as_str)
    }

    fn new(info: &str, data: &str, separator: char, undo: fn(&str) -> String, undo_data: fn(&str) -> String) -> Self {
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        let pairs = properties.split(separator).filter_map(|pair| pair.trim().split_once('='));
        Self {
            name: name.to_owned(),
            properties: pairs.map(|(key, value)| (key.to_owned(), undo(value))).collect(),
            data: undo_data(data),
        }
    }
}

/// An order to GitHub: `::name …::data` where a line begins, or `##[name …]data` anywhere.
pub(crate) fn github(line: &str) -> Option<Order> {
    let line = line.trim_start();
    if let Some((info, data)) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")) {
        return Some(Order::new(info, data, ',', github_property, github_data));
    }
    let (_, rest) = line.split_once("##[")?;
    let (info, data) = rest.split_once(']')?;
    Some(Order::new(info, data, ';', azure_text, azure_text))
}

/// An order to Azure: `##vso[area.event …]data` anywhere in a line.
pub(crate) fn azure(line: &str) -> Option<Order> {
    let at = line.to_lowercase().find("##vso[")?;
    let (info, data) = line.get(at + "##vso[".len()..)?.split_once(']')?;
    Some(Order::new(info, data, ';', azure_text, azure_text))
}

fn github_data(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

fn github_property(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
}

fn azure_text(text: &str) -> String {
    let text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
    text.replace("%AZP25", "%")
}
