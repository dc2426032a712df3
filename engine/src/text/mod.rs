//! Text: what authors write, and what readers get.
//!
//! Source text (plain, Markdown or HTML) goes in; safe HTML in the shape that Mastodon's clients expect, plain
//! text, and the entities found on the way come out. Everything here is a pure function: resolving a mention to
//! an account and giving a hashtag its page is the caller's, through [`Links`].
//!
//! A post passes in two steps, because resolving needs a store and rendering must not:
//!
//! ```
//! use koinon_engine::text::{Format, Links, MentionName, ProfileLink, extract, plain, render};
//!
//! struct Site;
//!
//! impl Links for Site {
//!     fn profile(&self, name: &MentionName) -> Option<ProfileLink> {
//!         (name.username == "alice").then(|| ProfileLink {
//!             url: "https://social.example/@alice".to_owned(),
//!             name: "alice".to_owned(),
//!         })
//!     }
//!
//!     fn hashtag(&self, tag: &str) -> String {
//!         format!("https://social.example/tags/{tag}")
//!     }
//! }
//!
//! let source = "Hello @alice & @nobody, *look*: #rust";
//! let entities = extract(source, Format::Markdown);
//! assert_eq!(entities.mentions.len(), 2);
//! assert_eq!(entities.hashtags, ["rust"]);
//!
//! let html = render(source, Format::Markdown, &Site);
//! assert_eq!(
//!     html.as_str(),
//!     "<p>Hello <span class=\"h-card\"><a href=\"https://social.example/@alice\" class=\"u-url mention\">\
//!      @<span>alice</span></a></span> &amp; @nobody, <em>look</em>: \
//!      <a href=\"https://social.example/tags/rust\" class=\"mention hashtag\" rel=\"tag\">#<span>rust</span></a></p>"
//! );
//! assert_eq!(plain(&html), "Hello @alice & @nobody, look: #rust");
//! ```
//!
//! How it is done: one tokenizer ([`extract`], [`render`] and [`count_characters`] share it) finds mentions,
//! hashtags, links and shortcodes; one rewriter turns any HTML into a small, well-nested subset; and the
//! sanitiser of the ammonia crate always comes last, so that [`SafeHtml`] does not depend on the rewriter being
//! right. Every step takes time in proportion to its input, whatever the input.

mod characters;
mod compose;
mod count;
mod entities;
mod fold;
mod format;
mod hashtag;
mod host;
mod html;
mod links;
mod markdown;
mod markup;
mod mention;
mod plain;
mod policy;
mod search;
mod tokens;
mod url;
mod writer;

pub use compose::{extract, render, sanitise};
pub use count::{CHARACTERS_PER_LINK, count_characters};
pub use entities::{Entities, MentionName};
pub use fold::tag_key;
pub use format::{Format, UnknownFormat};
pub use html::SafeHtml;
pub use links::{Links, ProfileLink};
pub use plain::plain;
pub use search::{MAX_TERM_CHARACTERS, MAX_TERMS, query_terms, search_terms};
