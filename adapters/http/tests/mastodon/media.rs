//! Uploads, and the files that are served of them.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use koinon_engine::settings::{Limits, Settings};
use koinon_http::Options;

use crate::client::{Answer, Client, Part, id, ids};
use crate::entities::assert_entity;
use crate::pictures::{SECRET, contains, jpeg_of_a_place, png, size};
use crate::world::{BASE, World, settings};

fn upload(client: &Client, file: &[u8], others: Vec<Part<'_>>) -> Answer {
    let mut parts = vec![Part::File("file", "picture.png", "image/png", file)];
    parts.extend(others);
    client.post_multipart("/api/v2/media", &parts)
}

fn fetch(client: &Client, url: &Value) -> Answer {
    client.get(url.as_str().unwrap().strip_prefix(BASE).unwrap())
}

#[test]
fn r206_r208_an_upload_is_described_and_can_be_attached() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let file = png(1200, 800);
    let upload = upload(
        &anna,
        &file,
        vec![Part::Text("description", " a gradient "), Part::Text("focus", "0.5,-0.25")],
    );
    let media = upload.ok();
    assert_entity("MediaAttachment", &media);
    assert_eq!((&media["type"], &media["description"]), (&json!("image"), &json!("a gradient")));
    assert_eq!((&media["remote_url"], &media["text_url"]), (&Value::Null, &media["url"]));
    assert_eq!(media["meta"]["focus"], json!({ "x": 0.5, "y": -0.25 }));
    let original = &media["meta"]["original"];
    assert_eq!(
        (&original["width"], &original["height"], &original["size"], &original["aspect"]),
        (&json!(1200), &json!(800), &json!("1200x800"), &json!(1.5))
    );
    assert!(media["blurhash"].as_str().unwrap().len() > 10);
    let small = fetch(&ben, &media["preview_url"]);
    let (width, height) = size(&small.bytes);
    assert_eq!(
        (json!(width), json!(height)),
        (media["meta"]["small"]["width"].clone(), media["meta"]["small"]["height"].clone())
    );
    assert!(width * height <= 640 * 360, "{width}x{height}");
    assert_eq!(fetch(&ben, &media["url"]).bytes.len(), file.len());

    let post = anna.publish(&json!({ "status": "look", "media_ids": [id(&media)] }));
    assert_eq!(post["media_attachments"], json!([media]));
    assert_eq!(ben.see(&id(&post)).ok()["media_attachments"], json!([media]));
}

#[test]
fn both_versions_of_the_route_answer_alike() {
    let world = World::new();
    let anna = world.person("anna");
    let file = png(8, 8);
    for version in ["v1", "v2"] {
        let part = [Part::File("file", "a.png", "image/png", &file)];
        let media = anna.post_multipart(&format!("/api/{version}/media"), &part).ok();
        assert_eq!(anna.get(&format!("/api/v1/media/{}", id(&media))).ok(), media);
    }
}

#[test]
fn a_photograph_does_not_tell_where_it_was_taken() {
    let world = World::new();
    let anna = world.person("anna");
    let file = jpeg_of_a_place(900, 600);
    assert!(contains(&file, SECRET));
    let media = upload(&anna, &file, vec![]).ok();
    for url in [&media["url"], &media["preview_url"]] {
        let served = fetch(&anna, url);
        assert_eq!(served.header("content-type"), Some("image/jpeg"), "whatever the upload called itself");
        assert!(!contains(&served.bytes, SECRET) && !contains(&served.bytes, b"Exif"), "{url}");
        size(&served.bytes);
    }
}

#[test]
fn the_caption_can_be_changed_until_the_file_is_attached() {
    let world = World::new();
    let anna = world.person("anna");
    let media = id(&upload(&anna, &png(8, 8), vec![]).ok());
    let path = format!("/api/v1/media/{media}");
    let put = |form: &str| anna.send_form(Method::PUT, &path, form);
    assert_eq!(put("description=a+square").ok()["description"], "a square");
    let focused = put("focus=-1,1").ok();
    assert_eq!((&focused["description"], &focused["meta"]["focus"]["x"]), (&json!("a square"), &json!(-1.0)));
    assert_eq!(put("description=").ok()["description"], Value::Null);
    for wrong in ["2,0", "0", "a,b", "0,-1.01", "NaN,0"] {
        put(&format!("focus={wrong}")).refused(422);
    }
    let json = json!({ "description": "in JSON" });
    assert_eq!(anna.send_json(Method::PUT, &path, &json).ok()["description"], "in JSON");
    let post = anna.publish(&json!({ "media_ids": [media] }));
    assert_eq!(post["media_attachments"][0]["description"], "in JSON");
    put("description=too+late").refused(404);
}

#[test]
fn what_is_no_acceptable_file_is_refused() {
    let limits = Limits { description_characters: 5, ..Limits::default() };
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    for file in [
        &b"hello"[..],
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"{\"type\":\"Note\"}",
        b"\x89PNG\r\n\x1a\nnot really",
        b"PK\x03\x04",
    ] {
        upload(&anna, file, vec![]).refused(422);
    }
    anna.post_multipart("/api/v1/media", &[Part::Text("description", "x")]).refused(422);
    anna.post_form("/api/v1/media", "file=hello").refused(422);
    upload(&anna, &png(8, 8), vec![Part::Text("description", "äääää")]).ok();
    upload(&anna, &png(8, 8), vec![Part::Text("description", "ääääää")]).refused(422);
    world.visitor().post_multipart("/api/v1/media", &[]).refused(401);
}

#[test]
fn files_and_their_sizes_have_limits() {
    let mut limits = Limits::default();
    limits.media.image.max_pixels = 100 * 100;
    limits.media.image.max_bytes = 20_000;
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    upload(&anna, &png(100, 100), vec![]).ok();
    upload(&anna, &png(101, 100), vec![]).refused(422);
    let mut long = png(8, 8);
    long.resize(20_001, 0);
    upload(&anna, &long, vec![]).refused(422);
}

#[test]
fn r207_a_file_is_attached_by_its_owner_and_once() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let media = id(&upload(&anna, &png(8, 8), vec![]).ok());
    let draft = json!({ "status": "mine", "media_ids": [media] });
    ben.post_json("/api/v1/statuses", &draft).refused(422);
    anna.post_json("/api/v1/statuses", &json!({ "status": "x", "media_ids": [media, media] })).refused(422);
    let post = anna.publish(&draft);
    anna.post_json("/api/v1/statuses", &draft).refused(422);
    assert_eq!(ids(&anna.see(&id(&post)).ok()["media_attachments"]), [media]);
}

#[test]
fn r65_attachments_stand_in_the_order_asked_and_there_may_be_many() {
    let world = World::new();
    let anna = world.person("anna");
    let media: Vec<String> =
        (0..6).map(|number| id(&upload(&anna, &png(8 + number, 8), vec![]).ok())).collect();
    let wanted: Vec<&String> = [3, 1, 5, 0, 4, 2].iter().map(|number| &media[*number]).collect();
    let post = anna.publish(&json!({ "media_ids": wanted }));
    assert_eq!(ids(&post["media_attachments"]), wanted);
}

#[test]
fn served_files_cannot_act_as_pages() {
    let world = World::new();
    let anna = world.person("anna");
    let media = upload(&anna, &png(8, 8), vec![]).ok();
    let served = fetch(&world.visitor(), &media["url"]);
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("content-disposition", "inline"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(served.header(name), Some(value), "{name}");
    }
    let path = media["url"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let head = world.visitor().ask(Method::HEAD, path);
    assert_eq!(head.header("content-length"), Some(served.bytes.len().to_string().as_str()));
    for path in [
        path.replace(".png", ".html"),
        path.replace(".png", ""),
        format!("/media/{}.png", "0".repeat(64)),
        "/media/..%2F..%2Fetc%2Fpasswd.png".into(),
        path.to_uppercase().replace("/MEDIA/", "/media/").replace(".PNG", ".png"),
    ] {
        assert_eq!(world.visitor().get(&path).status, 404, "{path}");
    }
}

#[test]
fn an_upload_nobody_attached_is_forgotten_after_a_day() {
    let world = World::new();
    let anna = world.person("anna");
    let [kept, forgotten] = [8, 9].map(|width| id(&upload(&anna, &png(width, 8), vec![]).ok()));
    let post = anna.publish(&json!({ "media_ids": [kept] }));
    world.advance(Duration::from_secs(24 * 3600 - 1));
    world.run_due();
    anna.get(&format!("/api/v1/media/{forgotten}")).ok();
    world.advance(Duration::from_secs(1));
    world.run_due();
    anna.get(&format!("/api/v1/media/{forgotten}")).refused(404);
    anna.post_json("/api/v1/statuses", &json!({ "media_ids": [forgotten] })).refused(422);
    assert_eq!(ids(&anna.see(&id(&post)).ok()["media_attachments"]), [kept]);
}

#[test]
fn posts_with_media_have_timelines_of_their_own() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let media = id(&upload(&anna, &png(8, 8), vec![]).ok());
    anna.say("#tag words");
    let post = id(&anna.publish(&json!({ "status": "#tag picture", "media_ids": [media] })));
    anna.say("#tag words");
    for timeline in ["home", "public", "public?local=1", "tag/tag", "tag/tag?local=1"] {
        let separator = if timeline.contains('?') { '&' } else { '?' };
        let path = format!("/api/v1/timelines/{timeline}{separator}only_media=true");
        assert_eq!(ben.ids(&path), [post.as_str()], "{path}"); // R104
    }
    let wrapper = id(&anna.act("reblog", &post));
    assert_eq!(ben.ids("/api/v1/timelines/home?only_media=true"), [&wrapper, &post]);
    anna.delete(&format!("/api/v1/statuses/{post}")).ok();
    assert_eq!(ben.ids("/api/v1/timelines/public?only_media=true"), [""; 0]);
}
