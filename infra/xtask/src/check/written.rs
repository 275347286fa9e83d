//! What a text of the unrolled template comes to, as far as the template itself says.

use serde_json::Value;

/// The text, with names of queues and functions put in. What only a deployment knows stays in its place-holder; none where the
/// template says it in a way that is not known here.
pub fn text(template: &Value, value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let (function, given) = value.as_object()?.iter().next()?;
    match function.as_str() {
        "Fn::Sub" => match given.as_array() {
            None => given.as_str().map(str::to_owned),
            Some(given) => substituted(template, given),
        },
        "Fn::FindInMap" => {
            let path: Vec<&str> = given.as_array()?.iter().filter_map(Value::as_str).collect();
            let found = template.pointer(&format!("/Mappings/{}", path.join("/")))?;
            text(template, found)
        }
        "Fn::GetAtt" => {
            let (id, attribute) = match given.as_str() {
                Some(path) => path.split_once('.')?,
                None => (given.get(0)?.as_str()?, given.get(1)?.as_str()?),
            };
            let place = format!("/Resources/{id}/Properties/{attribute}");
            text(template, template.pointer(&place)?)
        }
        "Ref" => {
            let place = format!("/Resources/{}/Properties/FunctionName", given.as_str()?);
            text(template, template.pointer(&place)?)
        }
        _ => None,
    }
}

fn substituted(template: &Value, given: &[Value]) -> Option<String> {
    let mut out = given.first()?.as_str()?.to_owned();
    for (name, value) in given.get(1)?.as_object()? {
        if let Some(text) = text(template, value) {
            out = out.replace(&format!("${{{name}}}"), &text);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_put_in_as_far_as_the_template_knows_them() {
        let name = |text: &str| json!({ "Fn::Sub": format!("${{AWS::StackName}}-{text}") });
        let template = json!({
            "Mappings": { "Entities": { "Customer": { "name": "customer" } } },
            "Resources": {
                "Jobs": { "Properties": { "QueueName": name("jobs") } },
                "Poller": { "Properties": { "FunctionName": name("poller") } },
            },
        });
        let text = |value: Value| text(&template, &value);
        let with = |value: Value| text(json!({ "Fn::Sub": ["${Name}-x", { "Name": value }] }));
        assert_eq!(text(json!("plain")).unwrap(), "plain");
        for (value, expected) in [
            (
                json!({ "Fn::FindInMap": ["Entities", "Customer", "name"] }),
                "customer-x",
            ),
            (
                json!({ "Fn::GetAtt": ["Jobs", "QueueName"] }),
                "${AWS::StackName}-jobs-x",
            ),
            (
                json!({ "Fn::GetAtt": "Jobs.QueueName" }),
                "${AWS::StackName}-jobs-x",
            ),
            (json!({ "Ref": "Poller" }), "${AWS::StackName}-poller-x"),
            (json!({ "Ref": "AWS::Region" }), "${Name}-x"),
        ] {
            assert_eq!(with(value).unwrap(), expected);
        }
        assert_eq!(text(json!({ "Fn::GetAtt": ["Jobs", "Arn"] })), None);
        assert_eq!(
            text(json!({ "Fn::FindInMap": ["Entities", "Contact", "name"] })),
            None
        );
    }
}
