//! What happens in a history.

use koinon_engine::model::{MarkKind, RepliesPolicy, Visibility};

/// One thing that happens.
///
/// Accounts are numbers: 0 is an admin, 1 to 4 are people, 5 lives elsewhere, 6 and 7 have to register first. A status
/// is told by how many came after it, so that a shorter history still has it; circles and uploads likewise among those
/// of their owner. A number that nothing belongs to is tried all the same: it is an id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Register { who: u8 },
    Follow { by: u8, target: u8, reblogs: Option<bool>, notify: Option<bool>, only_german: bool },
    Unfollow { by: u8, target: u8 },
    RemoveFollower { by: u8, target: u8 },
    Accept { by: u8, target: u8 },
    Reject { by: u8, target: u8 },
    Block { by: u8, target: u8 },
    Unblock { by: u8, target: u8 },
    BlockDomain { by: u8, domain: u8 },
    UnblockDomain { by: u8, domain: u8 },
    Mute { by: u8, target: u8, notifications: bool, seconds: Option<u32> },
    Unmute { by: u8, target: u8 },
    MuteThread { by: u8, status: u8, seconds: Option<u32> },
    UnmuteThread { by: u8, status: u8 },
    Post(Post),
    Delete { by: u8, status: u8 },
    Reblog { by: u8, status: u8, visibility: Option<Visibility> },
    Unreblog { by: u8, status: u8 },
    Mark { by: u8, kind: MarkKind, status: u8 },
    Unmark { by: u8, kind: MarkKind, status: u8 },
    NewCircle { by: u8, title: u8, replies: RepliesPolicy, exclusive: bool },
    ChangeCircle { by: u8, circle: u8, title: Option<u8>, exclusive: Option<bool> },
    DeleteCircle { by: u8, circle: u8 },
    AddToCircle { by: u8, circle: u8, targets: Vec<u8> },
    RemoveFromCircle { by: u8, circle: u8, target: u8 },
    ChangeProfile { by: u8, change: Profile },
    Suspend { by: Option<u8>, target: u8 },
    Unsuspend { by: Option<u8>, target: u8 },
    DeleteAccount { by: Option<u8>, target: u8 },
    ClearNotifications { by: u8 },
    Dismiss { by: u8, notification: u8 },
    SetMarker { by: u8, home: bool, status: u8 },
    Report { by: u8, target: u8, statuses: Vec<u8> },
    Upload { by: u8, described: bool },
    Caption { by: u8, upload: u8 },
    Advance { seconds: u32 },
    GoBack { seconds: u32 },
    RunDue { limit: u8 },
    Reopen,
}

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Post {
    pub(crate) by: u8,
    pub(crate) to: To,
    pub(crate) local_only: bool,
    pub(crate) word: u8,
    pub(crate) mentions: Vec<u8>,
    pub(crate) tags: Vec<u8>,
    pub(crate) answers: Option<u8>,
    pub(crate) upload: Option<u8>,
    pub(crate) spoiler: bool,
    pub(crate) german: bool,
    pub(crate) key: Option<u8>,
}

/// Whom a post is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum To {
    /// Whomever the author usually writes to, or the answered post was for.
    #[default]
    Usual,
    These(Visibility),
    Circle(u8),
}

/// What is changed about a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Locked(bool),
    Name(u8),
    Note(u8),
    HideCollections(bool),
    Usual(Visibility),
}
