//! Lists of things that nobody can make here yet.

use serde_json::json;

use crate::support::Instance;

#[test]
fn what_web_clients_ask_for_when_they_start_is_answered_to_visitors() {
    let instance = Instance::new();
    for path in [
        "/api/v1/custom_emojis",
        "/api/v1/announcements",
        "/api/v1/trends",
        "/api/v1/trends/tags",
        "/api/v1/trends/statuses",
        "/api/v1/trends/links",
        "/api/v2/suggestions",
    ] {
        assert_eq!(instance.get(path).expect(200).json(), json!([]), "{path}");
    }
}

#[test]
fn lists_of_ones_own_need_a_token_with_the_scope() {
    let instance = Instance::new();
    instance.account("alice");
    for (path, scope) in [
        ("/api/v1/suggestions", "read"),
        ("/api/v1/filters", "read:filters"),
        ("/api/v2/filters", "read:filters"),
        ("/api/v1/followed_tags", "read:follows"),
        ("/api/v1/featured_tags", "read:accounts"),
        ("/api/v1/endorsements", "read:accounts"),
        ("/api/v1/scheduled_statuses", "read:statuses"),
    ] {
        instance.get(path).expect(401);
        instance.get_as(path, &instance.sign_in("alice", "write")).expect(403);
        assert_eq!(instance.get_as(path, &instance.sign_in("alice", scope)).expect(200).json(), json!([]));
    }
}
