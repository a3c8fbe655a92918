//! Thirteen files on which readers of YAML go wrong, one question each.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::verify::RULE;

/// What has to be said of a trap, as the author of the file meant it.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// An error that shows this line.
    ErrorAt(usize),
    /// Nothing is on by default for training.
    Spared,
}

use Expected::{ErrorAt, Spared};

pub(crate) struct Trap {
    pub(crate) name: &'static str,
    text: &'static str,
    pub(crate) expected: Expected,
}

const HEAD: &str = "version: 1\nservice: trap\nregions: [EEA, GB, CH]\n";

/// Files begin with three lines that are the same, so their own begin with the fourth.
pub(crate) const TRAPS: &[Trap] = &[
    Trap {
        name: "norway-unquoted",
        text: "purposes:\n  ai:\n    use: train_ai_system\n    setting:\n      default: off\n      overrides:\n        - regions: [NO]\n          default: on\n",
        expected: ErrorAt(11),
    },
    Trap {
        name: "flow-style",
        text: "purposes: {ai: {use: train_ai_system, setting: {label: Train, default: on}}}\n",
        expected: ErrorAt(4),
    },
    Trap {
        name: "flow-rows-safe",
        text: "purposes: {ai: {use: train_ai_system, setting: {default: on, overrides: [{regions: [EEA, GB, CH], default: off}]}}}\n",
        expected: Spared,
    },
    Trap {
        name: "alias-rows-safe",
        text: "purposes:\n  ads:\n    use: marketing.advertising\n    setting:\n      default: off\n      overrides: &rows [{regions: [EEA], default: off}, {regions: [GB, CH], default: off}]\n  ai:\n    use: train_ai_system\n    setting: {default: on, overrides: *rows}\n",
        expected: Spared,
    },
    Trap {
        name: "alias-rows-bad",
        text: "purposes:\n  ads:\n    use: marketing.advertising\n    setting:\n      default: off\n      overrides: &rows [{regions: [EEA, CH], default: off}, {regions: [GB], default: on}]\n  ai:\n    use: train_ai_system\n    setting: {default: off, overrides: *rows}\n",
        expected: ErrorAt(9),
    },
    Trap {
        name: "merge-key-bad",
        text: "purposes:\n  ads:\n    use: marketing.advertising\n    setting: &base {default: off}\n  ai:\n    use: train_ai_system\n    setting:\n      <<: *base\n      default: on\n",
        expected: ErrorAt(12),
    },
    Trap {
        name: "merge-key-safe",
        text: "purposes:\n  ads:\n    use: marketing.advertising\n    setting: &base {default: off}\n  ai:\n    use: train_ai_system\n    setting:\n      <<: *base\n      label: Train on what I write\n",
        expected: Spared,
    },
    Trap {
        name: "second-document",
        text: "purposes:\n  ai: {use: train_ai_system, setting: {default: off}}\n---\nversion: 1\nservice: other\nregions: [EEA, GB, CH]\npurposes:\n  ai: {use: train_ai_system, setting: {default: on}}\n",
        expected: ErrorAt(11),
    },
    Trap {
        name: "duplicate-key",
        text: "purposes:\n  ai:\n    use: train_ai_system\n    setting:\n      default: on\n      default: off\n",
        expected: ErrorAt(9),
    },
    Trap {
        name: "upper-case-on",
        text: "purposes:\n  ai:\n    use: train_ai_system\n    setting:\n      default: On\n",
        expected: ErrorAt(8),
    },
    Trap {
        name: "yes",
        text: "purposes:\n  ai:\n    use: train_ai_system\n    setting:\n      default: yes\n",
        expected: ErrorAt(8),
    },
    Trap {
        name: "crlf",
        text: "purposes:\r\n  ai:\r\n    use: train_ai_system\r\n    setting:\r\n      default: on\r\n",
        expected: ErrorAt(8),
    },
    Trap {
        name: "utf8-bom",
        text: "purposes:\n  ai:\n    use: train_ai_system\n    setting:\n      default: on\n",
        expected: ErrorAt(8),
    },
];

impl Trap {
    fn bytes(&self) -> String {
        match self.name {
            "utf8-bom" => format!("\u{feff}{HEAD}{}", self.text),
            "crlf" => format!("{}{}", HEAD.replace('\n', "\r\n"), self.text),
            _ => format!("{HEAD}{}", self.text),
        }
    }

    /// What is wrong with what the program said of it: its exit code and its report in JSON.
    pub(crate) fn wrong(&self, code: Option<i32>, report: &Value) -> Option<String> {
        if !matches!(code, Some(0 | 1)) {
            return Some(format!("{}: the run ended with {code:?}", self.name));
        }
        let findings = report["findings"].as_array()?;
        let line = |place: &Value| place["start"]["line"].as_u64().unwrap_or_default() as usize;
        let shows = |finding: &&Value, wanted: usize| {
            let labels = finding["labels"].as_array().into_iter().flatten();
            finding["severity"] == "error" && labels.chain([&finding["primary"]]).any(|place| line(place) == wanted)
        };
        match self.expected {
            ErrorAt(wanted) if code == Some(0) || !findings.iter().any(|finding| shows(&finding, wanted)) => {
                Some(format!("{}: no error shows line {wanted}", self.name))
            }
            Spared if findings.iter().any(|finding| finding["rule"] == RULE) => {
                Some(format!("{}: it is flagged, and nothing is on", self.name))
            }
            _ => None,
        }
    }
}

/// Writes each to a folder of its own.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    for trap in TRAPS {
        let own = folder.join(trap.name);
        fs::create_dir_all(&own)?;
        fs::write(own.join("purposelint.yaml"), "version: 1\n")?;
        fs::write(own.join("purposes.yaml"), trap.bytes())?;
    }
    Ok(())
}
