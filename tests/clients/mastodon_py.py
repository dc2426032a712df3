"""A whole day of a person and her friends, through Mastodon.py, against a running instance.

usage: mastodon_py.py BASE_URL

The instance has to have open registrations. Ends with the line `N passed, 0 failed`, or with a traceback.
"""

import html
import http.cookiejar
import io
import re
import struct
import sys
import urllib.parse
import urllib.request
import zlib

from mastodon import Mastodon
from mastodon.errors import MastodonError, MastodonNotFoundError

BASE = sys.argv[1].rstrip("/")
SCOPES = ["read", "write", "follow", "push"]
PASSWORD = "a long and unlikely password"
steps = 0


def step(what, holds):
    global steps
    if not holds:
        raise AssertionError(what)
    steps += 1


def refused(what, kind, call):
    try:
        call()
    except kind:
        return step(what, True)
    step(what, False)


def png(width, height):
    """A picture, written by hand so that nothing has to be installed for it."""
    rows = b"".join(b"\0" + b"".join(bytes((x % 256, y % 256, 90)) for x in range(width)) for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def texts(statuses):
    return [re.sub("<[^>]*>", "", status.content) for status in statuses]


def register(name):
    client_id, client_secret = app
    client = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=BASE)
    token = client.create_account(name, PASSWORD, f"{name}@example.org", agreement=True, scopes=SCOPES)
    step(f"{name} gets a token on registration", bool(token))
    client = Mastodon(client_id=client_id, client_secret=client_secret, access_token=token, api_base_url=BASE)
    me = client.account_verify_credentials()
    step(f"{name} is who they registered as", me.username == name and me.acct == name)
    return client, me


# Registering a program and three people.
app = Mastodon.create_app("Koinon's client test", scopes=SCOPES, website="https://example.org", api_base_url=BASE)
alice, alice_account = register("alice")
bob, bob_account = register("bob")
carol, carol_account = register("carol")

# The instance tells what it is.
instance = alice.instance_v1()
step("the instance has a title and a version", instance.title and instance.version[0].isdigit())
step("the program is known by its token", alice.app_verify_credentials().name == "Koinon's client test")
step("there are preferences", alice.preferences()["posting:default:visibility"] == "public")
step("the list of custom emoji is a list", alice.custom_emojis() == [])

# Signing in: with a password, with a refresh token, and with a code from the page.
signed_in = Mastodon(client_id=app[0], client_secret=app[1], api_base_url=BASE)
signed_in.log_in("alice", PASSWORD, scopes=SCOPES, allow_http=True)
step("a password signs in", signed_in.me().id == alice_account.id)
signed_in.revoke_access_token(allow_http=True)
refused("a revoked token is worth nothing", MastodonError, lambda: signed_in.account_verify_credentials())
wrong = Mastodon(client_id=app[0], client_secret=app[1], api_base_url=BASE)
refused("a wrong password does not", MastodonError, lambda: wrong.log_in("alice", "wrong", allow_http=True))


def code_from_page(url):
    """What a person does in a browser: fill in the form of the authorization page and send it."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    page = browser.open(url).read().decode()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attribute = lambda name: (re.search(rf'{name}="([^"]*)"', tag) or [None, ""])[1]
        if attribute("name"):
            fields[attribute("name")] = attribute("value")
    fields = {name: html.unescape(value) for name, value in fields.items()}
    fields.update(username="alice", password=PASSWORD)
    action = html.unescape((re.search(r'<form[^>]*action="([^"]*)"', page) or [None, url])[1])
    answer = browser.open(urllib.parse.urljoin(url, action), urllib.parse.urlencode(fields).encode())
    code = urllib.parse.parse_qs(urllib.parse.urlparse(answer.url).query).get("code")
    return code[0] if code else None


code = code_from_page(signed_in.auth_request_url(scopes=SCOPES, allow_http=True))
step("the page gives a code", bool(code))
by_code = Mastodon(client_id=app[0], client_secret=app[1], api_base_url=BASE)
by_code.log_in(code=code, scopes=SCOPES, allow_http=True)
step("a code signs in", by_code.me().id == alice_account.id)
refused("a code is good once", MastodonError, lambda: Mastodon(
    client_id=app[0], client_secret=app[1], api_base_url=BASE).log_in(code=code, scopes=SCOPES, allow_http=True))

# Profile.
edited = alice.account_update_credentials(
    display_name="Alice", note="I like #rust", fields=[("home", "https://example.org")],
    avatar=io.BytesIO(png(64, 64)), avatar_mime_type="image/png", default_privacy="public")
step("a profile is edited", edited.display_name == "Alice" and edited.fields[0].name == "home")
step("the picture is served", urllib.request.urlopen(edited.avatar).headers["content-type"].startswith("image/"))

# Following.
step("bob follows alice", bob.account_follow(alice_account).following)
step("alice has a follower", [a.id for a in alice.account_followers(alice_account)] == [bob_account.id])
step("bob follows one", [a.id for a in bob.account_following(bob_account)] == [alice_account.id])
locked = carol.account_update_credentials(locked=True)
step("carol locks her account", locked.locked)
step("following carol needs her leave", bob.account_follow(carol_account).requested)
step("carol sees the request", [a.id for a in carol.follow_requests()] == [bob_account.id])
carol.follow_request_authorize(bob_account)
step("now bob follows carol", bob.account_relationships(carol_account)[0].following)

# Posting in each visibility, with media.
picture = alice.media_post(io.BytesIO(png(640, 480)), mime_type="image/png", description="a gradient", focus=(0.5, -0.5))
step("a picture has a description and a size", picture.description == "a gradient" and picture.meta.original.width == 640)
posts = {}
for visibility in ["public", "unlisted", "private", "direct"]:
    media = alice.media_post(io.BytesIO(png(32, 32)), mime_type="image/png", description=visibility)
    posts[visibility] = alice.status_post(
        f"{visibility} words for @bob about #koinon", visibility=visibility, media_ids=[media],
        spoiler_text="a warning", sensitive=True, language="en", idempotency_key=f"post-{visibility}")
    post = posts[visibility]
    step(f"a {visibility} post is {visibility}", post.visibility == visibility and post.media_attachments[0].description == visibility)
again = alice.status_post("public words for @bob about #koinon", visibility="public", idempotency_key="post-public")
step("the same key makes the same post", again.id == posts["public"].id)
step("a mention is a mention", posts["public"].mentions[0].id == bob_account.id)
step("a hashtag is a hashtag", posts["public"].tags[0].name == "koinon")
markdown = alice.status_post("some *stress*", content_type="text/markdown")
step("Markdown is understood", "<em>stress</em>" in markdown.content)
refused("an empty post is refused", MastodonError, lambda: alice.status_post(""))

# Who sees what.
stranger = Mastodon(api_base_url=BASE)
step("bob sees all four", all(bob.status(post).id == post.id for post in posts.values()))
for visibility in ["public", "unlisted"]:
    step(f"a visitor sees the {visibility} one", stranger.status(posts[visibility]).id == posts[visibility].id)
for visibility in ["private", "direct"]:
    refused(f"carol does not see the {visibility} one", MastodonNotFoundError, lambda: carol.status(posts[visibility]))
    refused(f"nor does a visitor", MastodonNotFoundError, lambda: stranger.status(posts[visibility]))

# Timelines, paged through Link headers.
for number in range(45):
    alice.status_post(f"post number {number}")
page = bob.timeline_home(limit=10)
seen, pages = list(page), 1
while True:
    page = bob.fetch_next(page)
    if not page:
        break
    seen += page
    pages += 1
ids = [status.id for status in seen]
step("pages of the home timeline show each post once", len(ids) == len(set(ids)) == 50)
step("newest first", ids == sorted(ids, reverse=True, key=str) and pages == 5)
first = bob.timeline_home(limit=10)
second = bob.fetch_next(first)
back = bob.fetch_previous(second)
step("the page before the second is the first", [s.id for s in back] == [s.id for s in first])
step("the public timeline has the public posts", posts["public"].id in [s.id for s in stranger.timeline_public(limit=40)] or
     posts["public"].id in [s.id for s in stranger.timeline_public(limit=40, max_id=stranger.timeline_public(limit=40)[-1].id)])
step("and no unlisted ones", posts["unlisted"].id not in [s.id for s in stranger.timeline_public(limit=40)])
step("the local timeline is the same here", len(stranger.timeline_local(limit=40)) == 40)
step("the tag timeline has the tagged post", [s.id for s in stranger.timeline_hashtag("Koinon")] == [posts["public"].id])
step("an account's posts", len(stranger.account_statuses(alice_account, limit=40)) == 40)
step("only those with media", {s.id for s in stranger.account_statuses(alice_account, only_media=True)} ==
     {posts["public"].id, posts["unlisted"].id})

# Answers.
answer = bob.status_reply(posts["public"], "well said")
step("an answer names whom it answers", answer.in_reply_to_id == posts["public"].id and answer.mentions[0].id == alice_account.id)
context = alice.status_context(answer)
step("the thread stands above", [s.id for s in context.ancestors] == [posts["public"].id])
step("and below", [s.id for s in alice.status_context(posts["public"]).descendants] == [answer.id])

# Boosts, favourites, bookmarks, pins.
boost = bob.status_reblog(posts["public"])
step("a boost wraps the original", boost.reblog.id == posts["public"].id and boost.reblog.reblogs_count == 1)
step("who boosted", [a.id for a in alice.status_reblogged_by(posts["public"])] == [bob_account.id])
refused("a private post is not boosted by others", MastodonError, lambda: bob.status_reblog(posts["private"]))
step("a favourite counts", bob.status_favourite(posts["public"]).favourites_count == 1)
step("once", bob.status_favourite(posts["public"]).favourites_count == 1)
step("who favourited", [a.id for a in alice.status_favourited_by(posts["public"])] == [bob_account.id])
step("bob's favourites", [s.id for s in bob.favourites()] == [posts["public"].id])
step("a bookmark", bob.status_bookmark(posts["unlisted"]).bookmarked)
step("bob's bookmarks", [s.id for s in bob.bookmarks()] == [posts["unlisted"].id])
step("a pin", alice.status_pin(posts["public"]).pinned)
step("pinned posts", [s.id for s in stranger.account_statuses(alice_account, pinned=True)] == [posts["public"].id])
step("unfavourite", bob.status_unfavourite(posts["public"]).favourites_count == 0)
step("unboost", bob.status_unreblog(posts["public"]).reblogs_count == 0)
bob.status_favourite(posts["public"])
bob.status_reblog(posts["public"])

# Notifications.
told = alice.notifications(limit=30)
step("alice is told of follow, answer, boost and favourite",
     {"follow", "mention", "reblog", "favourite"} <= {n.type for n in told})
step("one of them by itself", alice.notifications(id=told[0].id).id == told[0].id)
step("only mentions", {n.type for n in alice.notifications(types=["mention"])} == {"mention"})
step("no mentions", "mention" not in {n.type for n in alice.notifications(exclude_types=["mention"])})
alice.notifications_dismiss(told[0])
step("one is dismissed", told[0].id not in [n.id for n in alice.notifications(limit=30)])
alice.markers_set(["home"], [posts["public"].id])
step("a marker is kept", alice.markers_get("home").home.last_read_id == posts["public"].id)

# Lists.
friends = bob.list_create("friends")
bob.list_accounts_add(friends, [alice_account])
step("a list has its member", [a.id for a in bob.list_accounts(friends)] == [alice_account.id])
step("its timeline has her posts", bob.timeline_list(friends, limit=1)[0].account.id == alice_account.id)

# Muting and blocking.
step("bob mutes alice", bob.account_mute(alice_account, duration=3600).muting)
step("his home is without her", alice_account.id not in [s.account.id for s in bob.timeline_home()])
step("his mutes", [a.id for a in bob.mutes()] == [alice_account.id])
step("and unmutes her", not bob.account_unmute(alice_account).muting)
step("alice blocks carol", alice.account_block(carol_account).blocking)
step("her blocks", [a.id for a in alice.blocks()] == [carol_account.id])
refused("carol no longer sees alice's posts", MastodonNotFoundError, lambda: carol.status(posts["public"]))
refused("nor alice", MastodonNotFoundError, lambda: carol.account(alice_account))
alice.account_unblock(carol_account)
step("unblocked, she does", carol.status(posts["public"]).id == posts["public"].id)
bob.domain_block("nuisance.example")
step("a domain is blocked", list(bob.domain_blocks()) == ["nuisance.example"])

# Search.
step("an account is found", [a.id for a in bob.account_search("alic")] == [alice_account.id])
found = bob.search_v2("words koinon")
step("posts are found", posts["public"].id in [s.id for s in found.statuses])
step("hashtags are found", [t.name for t in bob.search_v2("#koin").hashtags] == ["koinon"])
step("not what one may not see", posts["direct"].id not in [s.id for s in carol.search_v2("direct words").statuses])

# Reports.
report = bob.report(carol_account, comment="a test", category="other")
step("a report is made", report.target_account.id == carol_account.id and not report.action_taken)

# Deletion.
deleted = alice.status_delete(posts["public"])
step("a deleted post comes back as it was typed", deleted.text == "public words for @bob about #koinon")
refused("and is gone", MastodonNotFoundError, lambda: alice.status(posts["public"]))
step("its boost too", posts["public"].id not in [s.reblog.id for s in bob.account_statuses(bob_account) if s.reblog])
step("and its notifications", posts["public"].id not in [n.status.id for n in alice.notifications(limit=30) if n.get("status")])
alice.notifications_clear()
step("all notifications are cleared", list(alice.notifications()) == [])
followers_only = alice.status_post("for followers", visibility="private")
step("bob sees what is for followers", bob.status(followers_only).id == followers_only.id)
step("bob unfollows", not bob.account_unfollow(alice_account).following)
refused("and sees it no longer", MastodonNotFoundError, lambda: bob.status(followers_only))
step("but still what names him", bob.status(posts["private"]).id == posts["private"].id)
refused("without a token there is no home", MastodonError, lambda: stranger.timeline_home())

print(f"{steps} passed, 0 failed")
