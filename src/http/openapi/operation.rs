//! One operation, and the parts that operations share: parameters and responses.

use http::Method;
use serde_json::{Map, Value, json};

/// Who may send the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Anyone. A token changes what is visible.
    Optional,
    Required,
    /// A file token in the address, because downloads by link send no headers.
    FileToken,
}

pub(super) struct Operation {
    pub method: Method,
    pub path: String,
    id: String,
    tag: String,
    summary: String,
    description: String,
    security: Security,
    parameters: Vec<Value>,
    body: Option<Value>,
    responses: Map<String, Value>,
}

impl Operation {
    /// Creates an operation. Every error has the same envelope; [`Operation::fails`] adds the likely ones.
    pub fn new(method: Method, path: impl Into<String>, id: impl Into<String>, summary: impl Into<String>) -> Self {
        let responses = Map::from_iter([("4XX".to_owned(), response_ref("Failure"))]);
        Self {
            method,
            path: path.into(),
            id: id.into(),
            tag: super::server::TAG.to_owned(),
            summary: summary.into(),
            description: String::new(),
            security: Security::Optional,
            parameters: Vec::new(),
            body: None,
            responses,
        }
    }

    pub fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    pub fn describe(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    pub fn needs_file_token(mut self) -> Self {
        self.security = Security::FileToken;
        self
    }

    pub fn needs_token(mut self) -> Self {
        if self.security == Security::Optional {
            self.security = Security::Required;
        }
        self.responses.insert("401".to_owned(), response_ref("Unauthenticated"));
        self.responses.insert("403".to_owned(), response_ref("Forbidden"));
        self
    }

    pub fn parameters(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// Adds a JSON body.
    pub fn takes(self, schema: &Value) -> Self {
        self.takes_content(&json!({"application/json": {"schema": schema}}), true)
    }

    pub fn takes_content(mut self, content: &Value, is_required: bool) -> Self {
        self.body = Some(json!({"required": is_required, "content": content}));
        self
    }

    /// Adds a JSON response.
    pub fn gives(self, description: &str, schema: &Value) -> Self {
        self.answers("200", &json!({"description": description, "content": {"application/json": {"schema": schema}}}))
    }

    pub fn gives_nothing(self, description: &str) -> Self {
        self.answers("204", &json!({"description": description}))
    }

    pub fn answers(mut self, status: &str, response: &Value) -> Self {
        self.responses.insert(status.to_owned(), response.clone());
        self
    }

    /// Adds the errors to be expected: `400`, `403`, `404`.
    pub fn fails(mut self, statuses: &[&str]) -> Self {
        for status in statuses {
            let name = match *status {
                "400" => "Invalid",
                "401" => "Unauthenticated",
                "403" => "Forbidden",
                "404" => "NotFound",
                _ => "Failure",
            };
            self.responses.insert((*status).to_owned(), response_ref(name));
        }
        self
    }

    pub fn into_json(self) -> Value {
        let security = match self.security {
            Security::Optional => json!([{}, {"token": []}]),
            Security::Required => json!([{"token": []}]),
            Security::FileToken => json!([{"fileToken": []}]),
        };
        let mut json = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "security": security,
            "responses": self.responses,
        });
        if !self.description.is_empty() {
            json["description"] = self.description.into();
        }
        if !self.parameters.is_empty() {
            json["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            json["requestBody"] = body;
        }
        json
    }
}

fn response_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
}

pub(super) fn shared_responses() -> Value {
    let response = |description: &str| {
        let schema = super::schemas::reference("Error");
        json!({"description": description, "content": {"application/json": {"schema": schema}}})
    };
    json!({
        "Failure": response("The request was refused; `message` says why."),
        "Invalid": response("The request is invalid; `data` has the problems by field."),
        "Unauthenticated": response("A valid token is needed."),
        "Forbidden": response("The caller is not allowed to do this."),
        "NotFound": response("It does not exist, or the caller may not see it."),
    })
}

pub(super) fn path_parameter(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string", "minLength": 1}})
}

pub(super) fn query(name: &str, description: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

pub(super) fn query_text(name: &str, description: &str) -> Value {
    query(name, description, &json!({"type": "string"}))
}

pub(super) fn fields() -> Value {
    query_text("fields", "The fields to return, separated by commas, such as `id,expand.author.name`.")
}

pub(super) fn expand() -> Value {
    query_text("expand", "The relations to expand, separated by commas, such as `author,comments_via_post.user`.")
}

pub(super) fn page() -> Value {
    query("page", "The page number, from 1.", &json!({"type": "integer", "default": 1}))
}

pub(super) fn per_page() -> Value {
    query("perPage", "Items per page, at most 1000.", &json!({"type": "integer", "default": 30}))
}

/// Returns the parameters that every list of records accepts.
pub(super) fn paging() -> Vec<Value> {
    vec![
        page(),
        per_page(),
        query_text("sort", "Field names separated by commas; `-` before a name means descending."),
        query_text("filter", "A filter, such as `title ~ 'abc' && created > '2026-01-01'`."),
        query(
            "skipTotal",
            "Do not count the total; `totalItems` and `totalPages` are then -1.",
            &json!({"type": "boolean"}),
        ),
    ]
}
