//! The waiver that would let a change through, to be copied and filled in.

use super::Known;
use crate::report::escape;
use crate::space::Date;

/// For how many days it is proposed to hold: an approval is spent once the change is part of what it is compared with.
const DAYS: i64 = 90;

/// Entries of `waivers`, one for each change. What only people know is left open: so the config is refused until it is there.
pub(super) fn lines(changes: &[Known<'_>], today: Date) -> Vec<String> {
    let mut lines = vec!["waivers:".to_owned()];
    for known in changes {
        let change = known.change;
        let what = change.topic().unwrap_or(&change.path);
        let said = format!("{}: {what}: {}, for {}", change.subject(), change.step(), known.whom());
        let from = change.from.map(|day| format!(", from {day}")).unwrap_or_default();
        lines.push(format!("  # {}", escape::text(&format!("{said}{from}"), escape::SHORT)));
        lines.push(format!("  - change: \"{}\"", change.fingerprint));
        lines.push("    reason:".to_owned());
        lines.push("    owner:".to_owned());
        lines.push("    approver:".to_owned());
        lines.push(format!("    expires: {}", today.plus(DAYS)));
    }
    lines
}
