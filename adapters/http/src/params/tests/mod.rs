mod json;
mod multipart;
mod names;
mod random;
mod read;
mod request;

use super::*;
use serde_json::{Value, json};

/// The tree of a query, as JSON.
fn tree_of(query: &str) -> Value {
    to_json(&Params::from_query(query, &ParamLimits::default()).unwrap())
}

fn to_json(params: &Params) -> Value {
    fn value_of(node: &Node) -> Value {
        match node {
            Node::Null => Value::Null,
            Node::Bool(value) => json!(value),
            Node::Number(value) => json!(value),
            Node::Text(value) => json!(value),
            Node::Repeated(values) => json!({ "repeated": values }),
            Node::List(values) => values.iter().map(value_of).collect(),
            Node::Object(values) => {
                values.iter().map(|(key, value)| (key.clone(), value_of(value))).collect()
            }
        }
    }
    params.tree.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

fn from_query(query: &str) -> Params {
    Params::from_query(query, &ParamLimits::default()).unwrap()
}

fn from_json(document: &str) -> Params {
    Params::from_json(document.as_bytes(), &ParamLimits::default()).unwrap()
}
