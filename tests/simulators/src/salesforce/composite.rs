//! `/composite` and `/composite/batch`: several calls in one.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{
    dispatch,
    errors::Fail,
    ids::Id,
    org::Org,
    references::fill,
    reply::{Call, Reply},
    requests::{method_not_allowed, unreadable},
    telling::settle,
};
use crate::shared::Pairs;

/// Most calls in one.
const MOST: usize = 25;
const PREFIX: &str = "/services/data/";

/// The parts of a path below `/services/data`: version, resource, query.
pub fn parts(url: &str) -> Option<(String, Vec<String>, Pairs)> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let below = path.strip_prefix(PREFIX)?;
    // A slash stays a slash when it is encoded: keys with slashes do not work in a path.
    let decoded = percent_decode_str(below).decode_utf8_lossy().into_owned();
    let mut parts = decoded.trim_end_matches('/').split('/').map(str::to_owned);
    let version = parts.next().unwrap_or_default();
    Some((version, parts.collect(), Pairs::parse(Some(query))))
}

fn body(call: &Call<'_>) -> Result<Map<String, Value>, Fail> {
    serde_json::from_slice(call.body).map_err(|error| unreadable(&error))
}

fn listed(body: &mut Map<String, Value>, name: &str) -> Result<Vec<Value>, Fail> {
    let calls = match body.remove(name) {
        Some(Value::Array(calls)) if !calls.is_empty() => calls,
        _ => {
            return Err(Fail::new(
                400,
                "INVALID_INPUT",
                format!("The request needs at least one element in {name}"),
            ));
        }
    };
    if calls.len() > MOST {
        return Err(Fail::new(
            400,
            "LIMIT_EXCEEDED",
            format!("The request can’t contain more than {MOST} operations."),
        ));
    }
    Ok(calls)
}

/// One call inside of another.
fn inner(
    org: &mut Org,
    outer: &Call<'_>,
    user: &Id,
    (method, url): (&str, &str),
    body: &Value,
) -> Reply {
    let Some((version, path, params)) = parts(url) else {
        return Fail::not_found().reply();
    };
    if path.first().is_some_and(|first| first == "composite")
        && path.get(1).is_none_or(|next| next != "sobjects")
    {
        return Fail::new(
            400,
            "INVALID_INPUT",
            "Nested composite requests are not supported",
        )
        .reply();
    }
    let method = method.to_uppercase().parse().unwrap_or(Method::GET);
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        axum::http::HeaderValue::from_static("application/json"),
    );
    for name in [
        "sforce-auto-assign",
        "sforce-duplicate-rule-header",
        "sforce-query-options",
    ] {
        if let Some(value) = outer.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    let bytes = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let call = Call {
        method,
        path,
        version,
        params,
        headers: &headers,
        body: &bytes,
    };
    dispatch::answer(org, &call, user)
}

/// `POST /composite`.
pub fn composite(org: &mut Org, call: &Call<'_>, user: &Id) -> Reply {
    if call.method == Method::GET {
        let base = call.base();
        return Reply::json(
            200,
            json!({"sobjects": format!("{base}/composite/sobjects"), "batch": format!("{base}/composite/batch")}),
        );
    }
    if call.method != Method::POST {
        return method_not_allowed(call, "GET,HEAD,POST");
    }
    let parsed = body(call).and_then(|mut body| {
        let all_or_none = body
            .get("allOrNone")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        listed(&mut body, "compositeRequest").map(|calls| (calls, all_or_none))
    });
    let (calls, all_or_none) = match parsed {
        Ok(parsed) => parsed,
        Err(fail) => return fail.reply(),
    };
    let mut done: BTreeMap<String, Value> = BTreeMap::new();
    let mut answers: Vec<(String, Reply)> = Vec::new();
    // Collections inside of it have a journal of their own, so this one is a copy of the rows.
    let before = all_or_none.then(|| org.snapshot());
    let mut failed = None;
    for (index, one) in calls.iter().enumerate() {
        let text = |name: &str| {
            one.get(name)
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned()
        };
        let reference = text("referenceId");
        let filled = fill(&Value::String(text("url")), &done).and_then(|url| {
            let body = one.get("body").cloned().unwrap_or(Value::Null);
            fill(&body, &done).map(|body| (url, body))
        });
        let reply = match filled {
            Err(fail) => fail.reply(),
            Ok((url, body)) => inner(
                org,
                call,
                user,
                (&text("method"), url.as_str().unwrap_or("")),
                &body,
            ),
        };
        if !all_or_none {
            // Each of them is a transaction of its own.
            settle(org);
        }
        let ok = reply.status < 300;
        if ok {
            done.insert(reference.clone(), reply.body.clone().unwrap_or(Value::Null));
        } else if failed.is_none() {
            failed = Some(index);
        }
        answers.push((reference, reply));
        if !ok && all_or_none {
            break;
        }
    }
    if let (Some(before), Some(culprit)) = (before, failed) {
        org.restore(before);
        answers = halted(&calls, &answers, culprit);
    }
    let shown: Vec<Value> = answers
        .iter()
        .map(|(reference, reply)| {
            let location = reply.headers.iter().find(|(name, _)| *name == "location");
            let headers = location.map_or(json!({}), |(_, value)| json!({"Location": value}));
            json!({"body": reply.body, "httpHeaders": headers, "httpStatusCode": reply.status, "referenceId": reference})
        })
        .collect();
    Reply::json(200, json!({"compositeResponse": shown}))
}

/// All answers but the culprit's say that the transaction was rolled back.
fn halted(calls: &[Value], answers: &[(String, Reply)], culprit: usize) -> Vec<(String, Reply)> {
    let reply = Fail::new(
        400,
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    .reply();
    calls
        .iter()
        .enumerate()
        .map(|(index, one)| match answers.get(index) {
            Some(answer) if index == culprit => answer.clone(),
            _ => {
                let reference = one.get("referenceId").and_then(Value::as_str).unwrap_or("");
                (reference.to_owned(), reply.clone())
            }
        })
        .collect()
}

/// `POST /composite/batch`: independent calls.
pub fn batch(org: &mut Org, call: &Call<'_>, user: &Id) -> Reply {
    if call.method != Method::POST {
        return method_not_allowed(call, "POST");
    }
    let parsed = body(call).and_then(|mut body| {
        let halt = body
            .get("haltOnError")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        listed(&mut body, "batchRequests").map(|calls| (calls, halt))
    });
    let (calls, halt) = match parsed {
        Ok(parsed) => parsed,
        Err(fail) => return fail.reply(),
    };
    let (mut results, mut failed) = (Vec::new(), false);
    for one in &calls {
        if failed && halt {
            let skipped = json!([{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]);
            results.push(json!({"statusCode": 412, "result": skipped}));
            continue;
        }
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or("");
        let url = text("url");
        let url = if url.starts_with(PREFIX) {
            url.to_owned()
        } else {
            format!("{PREFIX}{}", url.trim_start_matches('/'))
        };
        let body = one.get("richInput").cloned().unwrap_or(Value::Null);
        // Each of them is a call of its own for the day's budget.
        let reply = match org.charge() {
            Ok(()) => inner(org, call, user, (text("method"), &url), &body),
            Err(fail) => fail.reply(),
        };
        settle(org);
        failed |= reply.status >= 400;
        results.push(json!({"statusCode": reply.status, "result": reply.body}));
    }
    Reply::json(200, json!({"hasErrors": failed, "results": results}))
}
