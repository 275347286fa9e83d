//! Idempotency keys: what was answered to a write is answered again.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    http::{HeaderMap, HeaderValue},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::errors::Failure;
use crate::control::{json_reply, lock};

/// The header that names the key.
const KEY: &str = "idempotency-key";
/// The header of an answer that was given before.
const REPLAYED: &str = "idempotency-replayed";

/// The keys of all companies.
#[derive(Debug, Default)]
pub struct Keep(Mutex<BTreeMap<(String, String), Kept>>);

#[derive(Debug, Clone)]
struct Kept {
    request: Request,
    answer: (u16, Value),
}

/// What makes two requests the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// `POST`, `PUT` …
    pub method: String,
    /// The path.
    pub path: String,
    /// The body as a JSON value: the order of members does not count.
    pub body: Value,
}

impl Keep {
    /// Answers a write: as it was answered before, or as `write` does. Errors keep nothing, so that the key
    /// stays free; Sage is written under the world's lock, so no two requests with a key are at work at once.
    pub fn answer(
        &self,
        company: &str,
        headers: &HeaderMap,
        request: Request,
        write: impl FnOnce() -> Result<(u16, Value), Failure>,
    ) -> Response {
        let key = match key(headers) {
            Ok(key) => key,
            Err(failure) => return failure.into_response(),
        };
        let mut kept = lock(&self.0);
        let place = (company.to_owned(), key);
        if let Some(before) = kept.get(&place) {
            if before.request != request {
                return Failure::new(
                    "E_IDEMPOTENCY_KEY_REUSED",
                    "This Idempotency-Key came with another request before.",
                )
                .into_response();
            }
            let mut response = json_reply(before.answer.0, &before.answer.1);
            response
                .headers_mut()
                .insert(REPLAYED, HeaderValue::from_static("true"));
            return response;
        }
        match write() {
            Ok(answer) => {
                let response = json_reply(answer.0, &answer.1);
                kept.insert(place, Kept { request, answer });
                response
            }
            Err(failure) => failure.into_response(),
        }
    }

    /// Forgets all keys.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}

fn key(headers: &HeaderMap) -> Result<String, Failure> {
    let bad = || {
        Failure::bad_request(
            "Idempotency-Key is given once, with 1 to 255 visible ASCII characters.",
        )
    };
    let mut values = headers.get_all(KEY).iter();
    let value = values.next().ok_or_else(bad)?;
    let text = value.to_str().map_err(|_| bad())?;
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if values.next().is_some() || text.is_empty() || text.len() > 255 || !visible {
        return Err(bad());
    }
    Ok(text.to_owned())
}
