//! Keys and other values as query strings, in as few as fit.

use counterpart_domain::SageKey;

use crate::http::encode;

/// The longest query string that is sent, in bytes: IIS, a likely front of an agent, refuses more than 2,048.
const LONGEST_QUERY: usize = 2000;

fn parameter(key: &SageKey) -> String {
    format!("key={}", encode(&key.local))
}

pub(crate) fn query_of(keys: &[&SageKey]) -> String {
    let parameters: Vec<String> = keys.iter().map(|key| parameter(key)).collect();
    parameters.join("&")
}

/// The keys in as few query strings as fit.
pub(crate) fn queries(keys: &[SageKey]) -> Vec<(String, Vec<&SageKey>)> {
    packed(keys.iter().map(|key| (parameter(key), key)))
}

/// The same of any values of one parameter.
pub(crate) fn queries_of<'a>(name: &str, values: Vec<&'a str>) -> Vec<(String, Vec<&'a str>)> {
    let parameters = values
        .into_iter()
        .map(|value| (format!("{name}={}", encode(value)), value));
    packed(parameters)
}

fn packed<T>(parameters: impl Iterator<Item = (String, T)>) -> Vec<(String, Vec<T>)> {
    let mut parts: Vec<(String, Vec<T>)> = Vec::new();
    for (parameter, value) in parameters {
        match parts.last_mut() {
            Some((query, values)) if query.len() + 1 + parameter.len() <= LONGEST_QUERY => {
                query.push('&');
                query.push_str(&parameter);
                values.push(value);
            }
            _ => parts.push((parameter, vec![value])),
        }
    }
    parts
}
