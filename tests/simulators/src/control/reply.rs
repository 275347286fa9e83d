//! JSON answers, and bodies of the control door.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// A response with a JSON body.
pub fn json_reply(status: u16, body: &impl Serialize) -> Response {
    let (status, bytes) = match (StatusCode::from_u16(status), serde_json::to_vec(body)) {
        (Ok(status), Ok(bytes)) => (status, bytes),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=UTF-8"),
    );
    response
}

/// The control door's own error: 400 with a sentence.
pub fn door_error(message: impl Into<String>) -> Response {
    json_reply(400, &json!({ "error": message.into() }))
}

/// Reads a body of the control door; an empty one counts as `{}`.
///
/// # Errors
/// The answer to send: 400 with what is wrong and where.
pub fn door_body<T: DeserializeOwned>(body: &Bytes) -> Result<T, Box<Response>> {
    let text: &[u8] = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    serde_json::from_slice(text)
        .map_err(|error| Box::new(door_error(format!("the body cannot be read: {error}"))))
}

/// Reads a body that is one thing, or an object whose `name` is a list of things.
///
/// # Errors
/// The answer to send: 400 with what is wrong.
pub fn door_list<T: DeserializeOwned>(body: &Bytes, name: &str) -> Result<Vec<T>, Box<Response>> {
    let mut value: Value = door_body(body)?;
    let things = match value.get_mut(name).map(Value::take) {
        Some(Value::Array(things)) => things,
        Some(_) => return Err(Box::new(door_error(format!("{name} is a list")))),
        None => vec![value],
    };
    things
        .into_iter()
        .map(|thing| {
            serde_json::from_value(thing)
                .map_err(|error| Box::new(door_error(format!("the body cannot be read: {error}"))))
        })
        .collect()
}
