//! What can be done about a finding, at the press of a key.

use gen_lsp_types::{
    CodeActionParams, CodeActionResponse, ExecuteCommandParams, ShowDocumentParams, ShowDocumentRequest,
};

use super::dispatch::Refused;
use super::server::Server;

/// Repairs all that changes form only; for an editor that does so when it saves.
pub(super) const FIX_ALL: &str = "source.fixAll.purposelint";
/// The command that opens the page of a rule.
pub(super) const OPEN_PAGE: &str = "purposelint.openPage";

/// The actions for a stretch of a file.
pub(super) fn offer(_server: &Server, _params: CodeActionParams) -> Option<Vec<CodeActionResponse>> {
    None
}

/// Runs a command.
pub(super) fn execute(server: &mut Server, params: ExecuteCommandParams) -> Result<Option<serde_json::Value>, Refused> {
    if params.command != OPEN_PAGE {
        return Err(Refused::params(format!("there is no command `{}`", params.command)));
    }
    let url = params.arguments.iter().flatten().find_map(|argument| argument.as_str());
    let Some(url) = url else { return Err(Refused::params("the page is not named")) };
    let (external, uri) = (Some(true), url.into());
    server.ask::<ShowDocumentRequest>(ShowDocumentParams { uri, external, take_focus: Some(true), selection: None });
    Ok(None)
}
