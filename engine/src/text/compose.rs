//! From source text to HTML, and what is found on the way.

use super::characters::cleaned;
use super::entities::{Collector, Entities};
use super::format::Format;
use super::html::SafeHtml;
use super::links::{Links, shorten};
use super::markdown;
use super::markup::{Event, StartTag, walk};
use super::mention::Mention;
use super::policy::{self, Element, LINK, PARAGRAPH, Role, SPAN, link_attributes, safe_url};
use super::tokens::{Token, tokens};
use super::url::scheme_length;
use super::writer::Writer;

/// What a source text refers to: the same mentions, hashtags and links that [`render`] finds. Nothing is found
/// inside code; inside a link only shortcodes are.
#[must_use]
pub fn extract(source: &str, format: Format) -> Entities {
    let mut composer = Composer::new(Purpose::Extract);
    composer.compose(&cleaned(source), format);
    composer.found.into_entities()
}

/// A source text as HTML in the shape that clients of Mastodon expect.
#[must_use]
pub fn render(source: &str, format: Format, links: &dyn Links) -> SafeHtml {
    let mut composer = Composer::new(Purpose::Render(links));
    composer.compose(&cleaned(source), format);
    SafeHtml::guard(&composer.writer.finish())
}

/// HTML of any other origin, made safe. Nothing is linked that was not, mentions and hashtags keep their
/// classes, images become links to them. Sanitising twice changes nothing.
///
/// ```
/// use koinon_engine::text::sanitise;
///
/// let html = sanitise("<div onclick='x()'>Hi <img src=x onerror=y><a href='javascript:z'>there</a></div>");
/// assert_eq!(html.as_str(), "<p>Hi there</p>");
/// ```
#[must_use]
pub fn sanitise(html: &str) -> SafeHtml {
    let mut composer = Composer::new(Purpose::Sanitise);
    composer.html(&cleaned(html));
    SafeHtml::guard(&composer.writer.finish())
}

enum Purpose<'l> {
    Extract,
    Render(&'l dyn Links),
    Sanitise,
}

struct Composer<'l> {
    purpose: Purpose<'l>,
    writer: Writer,
    found: Collector,
}

impl<'l> Composer<'l> {
    fn new(purpose: Purpose<'l>) -> Self {
        Self { purpose, writer: Writer::default(), found: Collector::default() }
    }

    fn compose(&mut self, source: &str, format: Format) {
        match format {
            Format::Plain => self.plain(source),
            Format::Markdown => self.html(&markdown::to_html(source)),
            Format::Html => self.html(source),
        }
    }

    /// Lines, in paragraphs between blank lines.
    fn plain(&mut self, source: &str) {
        let mut in_paragraph = false;
        for line in source.split('\n') {
            if line.trim().is_empty() {
                self.writer.close(PARAGRAPH.name);
                in_paragraph = false;
                continue;
            }
            if in_paragraph {
                self.writer.line_break();
            } else {
                self.writer.open(PARAGRAPH, &Vec::new());
                in_paragraph = true;
            }
            self.text(line);
        }
    }

    fn html(&mut self, html: &str) {
        walk(html, |event| match event {
            Event::Text(text) => self.text(text),
            Event::Open(tag) => {
                if let Some(element) = policy::element(tag.name()) {
                    self.open(element, &tag);
                }
            }
            Event::Close(name) => {
                if let Some(element) = policy::element(name) {
                    self.close(element);
                }
            }
        });
    }

    fn open(&mut self, element: Element, tag: &StartTag<'_>) {
        match element.role {
            Role::LineBreak => self.writer.line_break(),
            Role::Rule => self.writer.rule(),
            Role::Cell => self.writer.space(),
            Role::Image => self.image(tag),
            Role::Link => self.link(element, tag),
            _ => self.writer.open(element, &policy::attributes(element, tag, self.keeps_classes())),
        }
    }

    fn close(&mut self, element: Element) {
        match element.role {
            Role::LineBreak => self.writer.line_break(),
            Role::Rule | Role::Cell | Role::Image => {}
            _ => self.writer.close(element.name),
        }
    }

    fn link(&mut self, element: Element, tag: &StartTag<'_>) {
        let href = tag.attribute("href").unwrap_or_default();
        let Some(url) = safe_url(&href) else { return };
        if scheme_length(&url).is_some() {
            self.found.add(Token::Link(&url));
        }
        let classes = if self.keeps_classes() { policy::classes(element, tag) } else { String::new() };
        self.writer.open(element, &link_attributes(url, &classes));
    }

    /// An image is shown as a link to it, a custom emoji as its shortcode: loading images of anybody's choice
    /// would tell them who reads what.
    fn image(&mut self, tag: &StartTag<'_>) {
        let label = tag.attribute("alt").unwrap_or_default();
        let label = label.trim();
        let source = tag.attribute("src").unwrap_or_default();
        let url = safe_url(&source).filter(|url| scheme_length(url).is_some());
        let is_emoji = label.len() > 2 && label.starts_with(':') && label.ends_with(':');
        match url {
            Some(url) if !is_emoji && !self.writer.is_in_link() => {
                self.writer.open(LINK, &link_attributes(url.clone(), ""));
                match label {
                    "" => self.short_url(&url),
                    _ => self.writer.text(label),
                }
                self.writer.close(LINK.name);
            }
            _ => self.text(label),
        }
    }

    fn text(&mut self, text: &str) {
        if matches!(self.purpose, Purpose::Sanitise) || self.writer.is_in_code() {
            return self.writer.text(text);
        }
        let in_link = self.writer.is_in_link();
        let mut written = 0;
        for (place, token) in tokens(text, self.writer.last()) {
            if in_link && !matches!(token, Token::Shortcode(_)) {
                continue;
            }
            self.found.add(token);
            self.writer.text(&text[written..place.start]);
            self.token(token, &text[place.clone()]);
            written = place.end;
        }
        self.writer.text(&text[written..]);
    }

    fn token(&mut self, token: Token<'_>, written: &str) {
        let Purpose::Render(links) = self.purpose else { return self.writer.text(written) };
        match token {
            Token::Mention(mention) => self.mention(mention, written, links),
            Token::Hashtag(name) => self.hashtag(name, written, links),
            Token::Link(url) => self.url(url),
            Token::Shortcode(_) => self.writer.text(written),
        }
    }

    fn mention(&mut self, mention: Mention<'_>, written: &str, links: &dyn Links) {
        let profile = links.profile(&mention.into());
        let Some((name, url)) =
            profile.as_ref().and_then(|profile| Some((&profile.name, safe_url(&profile.url)?)))
        else {
            return self.writer.text(written);
        };
        self.writer.open(SPAN, &vec![("class", "h-card".into())]);
        self.writer.open(LINK, &link_attributes(url, "u-url mention"));
        self.writer.text("@");
        self.span(name, None);
        self.writer.close(LINK.name);
        self.writer.close(SPAN.name);
    }

    fn hashtag(&mut self, name: &str, written: &str, links: &dyn Links) {
        let page = links.hashtag(name);
        let Some(url) = safe_url(&page) else { return self.writer.text(written) };
        self.writer.open(LINK, &link_attributes(url, "mention hashtag"));
        self.writer.text("#");
        self.span(name, None);
        self.writer.close(LINK.name);
    }

    fn url(&mut self, written: &str) {
        let Some(url) = safe_url(written) else { return self.writer.text(written) };
        self.writer.open(LINK, &link_attributes(url, ""));
        self.short_url(written);
        self.writer.close(LINK.name);
    }

    fn short_url(&mut self, url: &str) {
        let short = shorten(url);
        self.span(short.start, Some("invisible"));
        self.span(short.middle, (!short.end.is_empty()).then_some("ellipsis"));
        self.span(short.end, Some("invisible"));
    }

    fn span(&mut self, text: &str, class: Option<&'static str>) {
        let attributes = class.map(|class| ("class", class.into())).into_iter().collect();
        self.writer.open(SPAN, &attributes);
        self.writer.text(text);
        self.writer.close(SPAN.name);
    }

    fn keeps_classes(&self) -> bool {
        matches!(self.purpose, Purpose::Sanitise)
    }
}
