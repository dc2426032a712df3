//! What a text refers to.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::fold::tag_key;
use super::tokens::Token;

/// The name in a mention, as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MentionName {
    /// The part after the first `@`: ASCII letters, digits and underscores, dots and hyphens inside.
    pub username: String,
    /// The host after the second `@`; `None` names an account of this instance.
    pub domain: Option<String>,
}

/// What a text refers to, each kind in the order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entities {
    /// Accounts, distinct without regard to case.
    pub mentions: Vec<MentionName>,
    /// Hashtags without their sign, as first written, distinct by [`tag_key`].
    pub hashtags: Vec<String>,
    /// Custom emoji codes without their colons, whether such an emoji exists or not; distinct by case.
    pub shortcodes: Vec<String>,
    /// `http` and `https` URLs, whether written out or behind a link's text; distinct.
    pub links: Vec<String>,
}

/// Gathers entities and drops repetitions.
#[derive(Debug, Default)]
pub(super) struct Collector {
    entities: Entities,
    /// A kind's sign and the form by which its entities are compared.
    seen: HashSet<(char, String)>,
}

impl Collector {
    pub(super) fn add(&mut self, token: Token<'_>) {
        match token {
            Token::Mention(mention) => {
                let domain = mention.domain.unwrap_or_default();
                let key = format!("{}@{domain}", mention.username).to_lowercase();
                if self.seen.insert(('@', key)) {
                    self.entities.mentions.push(mention.into());
                }
            }
            Token::Hashtag(name) => {
                if self.seen.insert(('#', tag_key(name))) {
                    self.entities.hashtags.push(name.to_owned());
                }
            }
            Token::Shortcode(code) => {
                if self.seen.insert((':', code.to_owned())) {
                    self.entities.shortcodes.push(code.to_owned());
                }
            }
            Token::Link(url) => {
                if self.seen.insert(('/', url.to_owned())) {
                    self.entities.links.push(url.to_owned());
                }
            }
        }
    }

    pub(super) fn into_entities(self) -> Entities {
        self.entities
    }
}
