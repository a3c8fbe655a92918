//! From a method to its handler.

use gen_lsp_types::Request;
use lsp_server::{ErrorCode, Response};

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// Which kind of reason.
    pub(super) code: i32,
    /// In words.
    pub(super) message: String,
}

impl Refused {
    /// A reason.
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: code as i32, message: message.into() }
    }
}

/// A request on its way to whoever knows its method.
pub(super) struct Dispatch {
    request: lsp_server::Request,
    response: Option<Response>,
}

impl Dispatch {
    /// A request that nobody has looked at.
    pub(super) fn new(request: lsp_server::Request) -> Self {
        Self { request, response: None }
    }

    /// Answers it if it is of this kind.
    #[must_use]
    pub(super) fn on<R: Request>(mut self, handle: impl FnOnce(R::Params) -> Result<R::Result, Refused>) -> Self {
        if self.response.is_some() || self.request.method != R::METHOD.as_str() {
            return self;
        }
        let id = self.request.id.clone();
        let params = serde_json::from_value(std::mem::take(&mut self.request.params));
        let answer = params
            .map_err(|error| Refused::new(ErrorCode::InvalidParams, format!("`{}`: {error}", self.request.method)))
            .and_then(handle)
            .and_then(|result| {
                serde_json::to_value(result).map_err(|error| Refused::new(ErrorCode::InternalError, error.to_string()))
            });
        self.response = Some(match answer {
            Ok(result) => Response { id, response_result: Ok(result) },
            Err(Refused { code, message }) => Response::new_err(id, code, message),
        });
        self
    }

    /// The answer; that there is no such method if nobody knew it.
    pub(super) fn finish(self) -> Response {
        let Self { request, response } = self;
        response.unwrap_or_else(|| {
            let message = format!("there is no method `{}`", request.method);
            Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
        })
    }
}
