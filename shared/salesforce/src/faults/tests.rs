use super::*;

#[test]
fn a_401_refuses_the_session_or_the_app_and_nothing_else_refuses_either() {
    let body =
        |message: &str| format!(r#"[{{"message":"{message}","errorCode":"INVALID_SESSION_ID"}}]"#);
    for (status, body, refused) in [
        (
            401,
            body("Session expired or invalid"),
            Some(Refusal::Session),
        ),
        (401, String::new(), Some(Refusal::Session)),
        (401, "<html></html>".to_owned(), Some(Refusal::Session)),
        (401, body(NOT_FOR_REST), Some(Refusal::App)),
        (401, body(NOT_ATTACHED), Some(Refusal::App)),
        (403, body("Session expired or invalid"), None),
        (403, "Bad_OAuth_Token".to_owned(), None),
        (200, "[]".to_owned(), None),
        (503, String::new(), None),
    ] {
        let reply = Reply {
            status,
            body: body.clone(),
            ..Reply::default()
        };
        assert_eq!(refusal(&reply), refused, "{status} {body}");
    }
}
