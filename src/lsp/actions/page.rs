//! The page of a rule.

use gen_lsp_types::{CodeAction, Command, ExecuteCommandParams, ShowDocumentParams, ShowDocumentRequest};
use serde_json::{Value, json};

use super::super::dispatch::Refused;
use super::super::here::Here;
use super::super::server::Server;
use super::quick_fix;
use crate::evaluate::Finding;
use crate::policy::is_builtin;

/// The command that opens it.
pub(in super::super) const OPEN_PAGE: &str = "purposelint.openPage";

/// What every page of ours begins with: nobody opens another by this command.
const PAGES: &str = "https://purposelint.dev/";

/// Offers it to an editor that can open a page.
pub(super) fn offer(server: &Server, here: Here<'_>, finding: &Finding) -> Option<CodeAction> {
    let rule = here.sound.engine.library.rule(&finding.rule).filter(|rule| is_builtin(&rule.id))?;
    let title = format!("Read about `{}`", finding.rule);
    let command = Command {
        title: title.clone(),
        tooltip: None,
        command: OPEN_PAGE.to_owned(),
        arguments: Some(vec![json!(rule.url())]),
    };
    server.client.shows_pages.then(|| CodeAction { command: Some(command), ..quick_fix(title) })
}

/// Runs a command.
pub(in super::super) fn execute(server: &mut Server, params: &ExecuteCommandParams) -> Result<Option<Value>, Refused> {
    if params.command != OPEN_PAGE {
        return Err(Refused::params(format!("there is no command `{}`", params.command)));
    }
    let page = params.arguments.iter().flatten().find_map(|argument| argument.as_str());
    let Some(page) = page.filter(|page| page.starts_with(PAGES)) else {
        return Err(Refused::params(format!("a page begins with `{PAGES}`")));
    };
    let (uri, yes) = (page.into(), Some(true));
    server.ask::<ShowDocumentRequest>(ShowDocumentParams { uri, external: yes, take_focus: yes, selection: None });
    Ok(None)
}
