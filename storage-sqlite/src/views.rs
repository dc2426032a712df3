//! Views of the engine's main tables with readable columns, for people and notebooks.

use crate::View;

/// Views to open a store of the engine with: `SELECT * FROM v_statuses ORDER BY id DESC LIMIT 20`.
///
/// Ids stand as the engine writes them; where only the bytes of a key are there, as GUIDs, which `v_accounts` and
/// `v_statuses` have too. Tables without a view of their own have the generic one (`key` in hexadecimal, `value`).
pub const READABLE_VIEWS: &[View] = &[
    View {
        name: "accounts",
        select: "SELECT a.value ->> '$.id' AS id, lower(hex(a.key)) AS guid, a.value ->> '$.username' AS username, \
                 a.value ->> '$.domain' AS domain, a.value ->> '$.profile.display_name' AS display_name, \
                 a.value ->> '$.state' AS state, a.value ->> '$.role' AS role, \
                 datetime((a.value ->> '$.created_at') / 1000, 'unixepoch') AS created_at, \
                 coalesce(s.value ->> '$.statuses', 0) AS statuses, \
                 coalesce(s.value ->> '$.followers', 0) AS followers, \
                 coalesce(s.value ->> '$.following', 0) AS following \
                 FROM t_accounts a LEFT JOIN t_account_stats s ON s.key = a.key",
    },
    View {
        name: "statuses",
        select: "SELECT s.value ->> '$.id' AS id, lower(hex(s.key)) AS guid, s.value ->> '$.author' AS author, \
                 datetime((s.value ->> '$.created_at') / 1000, 'unixepoch') AS posted_at, \
                 s.value ->> '$.visibility' AS visibility, s.value ->> '$.spoiler_text' AS spoiler_text, \
                 s.value ->> '$.text' AS text, s.value ->> '$.in_reply_to.status' AS in_reply_to, \
                 s.value ->> '$.reblog_of.status' AS reblog_of, s.value ->> '$.conversation' AS conversation, \
                 s.value -> '$.tags' AS tags, coalesce(n.value ->> '$.replies', 0) AS replies, \
                 coalesce(n.value ->> '$.reblogs', 0) AS reblogs, \
                 coalesce(n.value ->> '$.favourites', 0) AS favourites \
                 FROM t_statuses s LEFT JOIN t_status_stats n ON n.key = s.key",
    },
    View {
        name: "follows",
        select: "SELECT lower(hex(substr(key, 1, 16))) AS follower_guid, \
                 lower(hex(substr(key, 17, 16))) AS followed_guid, \
                 datetime((value ->> '$.created_at') / 1000, 'unixepoch') AS since FROM t_follows",
    },
    View {
        name: "notifications",
        select: "SELECT value ->> '$.id' AS id, lower(hex(substr(key, 1, 16))) AS owner_guid, \
                 value ->> '$.kind' AS kind, value ->> '$.from' AS from_account, value ->> '$.status' AS status, \
                 datetime((value ->> '$.created_at') / 1000, 'unixepoch') AS created_at FROM t_notifications",
    },
];
