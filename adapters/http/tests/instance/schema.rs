//! A reader of JSON schemas, as far as those of NodeInfo go.

use serde_json::Value;

/// What is wrong with `value`, in words; nothing if it fits.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let mut complain = |what: &str| found.push(format!("{path}: {what}: {value}"));
    for (keyword, wanted) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "type" => match wanted.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("unknown type {other}"),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "required" => {
                wanted.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "additionalProperties" => {
                wanted == true
                    || value.as_object().unwrap().keys().all(|name| schema["properties"].get(name).is_some())
            }
            "minItems" => value.as_array().unwrap().len() as u64 >= wanted.as_u64().unwrap(),
            "minimum" => value.as_i64().unwrap() >= wanted.as_i64().unwrap(),
            "minProperties" => value.as_object().unwrap().len() as u64 >= wanted.as_u64().unwrap(),
            "pattern" if wanted == "^[a-z0-9-]+$" => value
                .as_str()
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "properties" | "items" | "description" | "id" | "$schema" => true,
            other => panic!("unknown keyword {other}"),
        };
        if !fits {
            complain(&format!("{keyword} {wanted}"));
        }
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            check(part, value, &format!("{path}/{name}"), found);
        }
    }
    if let (Some(part), Some(items)) = (schema.get("items"), value.as_array()) {
        for item in items {
            check(part, item, &format!("{path}[]"), found);
        }
    }
}
