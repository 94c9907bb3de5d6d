"""The rules of delivery, without CKAN."""

import gzip
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.delivery.domain import backoff, headers, pages, writes
from ckanext.lrtzc.delivery.domain.store import Page, PageStore

SESSION = frozenset({"ckan", "remember_token"})


def visit(**changes):
    plain = {
        "method": "GET",
        "host": "data.example.org",
        "path": "/dataset/",
        "query": "",
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "cookies": {},
        "has_credentials": False,
        "is_partial": False,
    }
    return pages.Visit(**{**plain, **changes})


class TestPolicy:
    def test_runs_no_inline_script_and_loads_nothing_from_elsewhere(self):
        policy = headers.content_security_policy("abc", headers.SiteRules())
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert "http:" not in policy
        assert "'nonce-abc'" in policy
        assert "frame-ancestors 'self'" in policy

    def test_a_worker_may_fetch_what_the_map_shows_and_run_nothing_else(self):
        policy = headers.script_policy(headers.SiteRules(map_hosts=("https://tiles.example.org",)))
        assert "connect-src 'self' https://tiles.example.org" in policy
        assert "default-src 'none'" in policy
        assert "sandbox" not in policy

    def test_lets_map_backgrounds_of_the_deployment_in(self):
        policy = headers.content_security_policy("abc", headers.SiteRules(map_hosts=("https://tiles.example.org",)))
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert "https://tiles.example.org" in parts["img-src"]
        assert "https://tiles.example.org" in parts["connect-src"]
        assert "https://tiles.example.org" not in parts["script-src"]

    @pytest.mark.parametrize("secure", [True, False])
    def test_insists_on_https_only_where_the_site_has_it(self, secure):
        names = [name for name, _ in headers.security_headers(headers.SiteRules(secure=secure))]
        assert ("Strict-Transport-Security" in names) is secure

    def test_merging_leaves_one_header_of_a_name(self):
        merged = headers.merge([("ETag", "1"), ("X", "2")], [("etag", "3")])
        assert merged == [("X", "2"), ("etag", "3")]


class TestSharing:
    def test_strangers_share_a_page_whatever_their_browser(self):
        one = pages.page_key(visit(), SESSION)
        assert one == pages.page_key(visit(accept="*/*"), SESSION)
        assert one == pages.page_key(visit(cookies={"theme": "dark"}), SESSION)
        assert one == pages.page_key(visit(query="utm_source=letter"), SESSION)

    @pytest.mark.parametrize(
        "changes",
        [
            {"method": "POST"},
            {"cookies": {"ckan": "x"}},
            {"cookies": {"remember_token": "x"}},
            {"has_credentials": True},
            {"is_partial": True},
            {"query": "q=" + "a" * 3000},
            {"accept": "text/turtle," * 50},
        ],
    )
    def test_whoever_is_known_or_odd_gets_their_own(self, changes):
        assert pages.page_key(visit(**changes), SESSION) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"path": "/en/dataset/"},
            {"query": "q=eau"},
            {"host": "other.example.org"},
            {"accept": "text/turtle"},
            {"accept": "application/ld+json, text/html;q=0.1"},
        ],
    )
    def test_what_changes_the_page_changes_the_key(self, changes):
        assert pages.page_key(visit(**changes), SESSION) not in (None, pages.page_key(visit(), SESSION))

    @given(st.text(max_size=200))
    def test_any_cookie_header_is_read(self, header):
        assert all(isinstance(name, str) for name in pages.cookie_names(header))

    @given(st.text(max_size=200))
    def test_any_query_is_made_canonical_once(self, query):
        once = pages.canonical_query(query)
        assert pages.canonical_query(once) == once


class TestNonceAndTag:
    @given(st.binary(), st.binary())
    def test_same_content_same_nonce_and_another_one_otherwise(self, one, other):
        same = pages.content_nonce(b"secret", one) == pages.content_nonce(b"secret", other)
        assert same is (one == other)

    def test_the_nonce_needs_the_secret(self):
        assert pages.content_nonce(b"a", b"page") != pages.content_nonce(b"b", b"page")
        assert re.fullmatch(r"[A-Za-z0-9+/]{22}", pages.content_nonce(b"a", b"page"))

    def test_the_tag_tells_visitor_class_language_and_policy_apart(self):
        base = ("stranger", "fr", "text/html", "policy", b"page")
        tags = {pages.entity_tag(*base)}
        for place, other in enumerate(("member", "en", "text/plain", "policy 2", b"page 2")):
            changed = list(base)
            changed[place] = other
            tags.add(pages.entity_tag(*changed))
        assert len(tags) == 6

    @pytest.mark.parametrize("header", ['W/"a"', '"a"', '"b", W/"a"', "*", ' "x" ,"a" '])
    def test_a_visitor_who_holds_the_page_is_recognised(self, header):
        assert pages.matches(header, 'W/"a"')

    @pytest.mark.parametrize("header", ["", '"ab"', "a", 'W/"b"'])
    def test_others_are_not(self, header):
        assert not pages.matches(header, 'W/"a"')

    @pytest.mark.parametrize(
        ("header", "taken"),
        [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("", False), ("*", True)],
    )
    def test_compression_is_sent_to_those_who_take_it(self, header, taken):
        assert pages.takes_gzip(header) is taken


class TestWrites:
    @pytest.mark.parametrize(
        ("statement", "table"),
        [
            ("INSERT INTO package (id) VALUES (1)", "package"),
            ('UPDATE "group" SET title=%s', "group"),
            ("  delete from resource where id=1", "resource"),
            ('COPY "3f2a-0c" FROM STDIN', "3f2a-0c"),
            ('ALTER TABLE "public"."3f2a" ADD COLUMN a int', "3f2a"),
            ("WITH gone AS (SELECT 1) DELETE FROM package", "package"),
            ("TRUNCATE TABLE package_extra", "package_extra"),
        ],
    )
    def test_a_write_names_its_table(self, statement, table):
        assert writes.table_written(statement) == table
        assert writes.changes_public_content(statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT 1",
            "SELECT * FROM package WHERE notes = 'INSERT INTO x'",
            "SET search_path TO public",
            "INSERT INTO activity (id) VALUES (1)",
            'UPDATE "user" SET last_active=%(last_active)s WHERE "user".id = %(id)s',
            "UPDATE lrtzc_following_event SET told=now() WHERE lrtzc_following_event.id IN (1)",
            "",
        ],
    )
    def test_reading_and_traces_change_nothing(self, statement):
        assert not writes.changes_public_content(statement)

    def test_a_change_of_a_persons_name_counts(self):
        assert writes.changes_public_content('UPDATE "user" SET fullname=%s, last_active=%s WHERE id = 1')

    @given(st.text(max_size=300))
    def test_any_text_is_judged(self, statement):
        assert writes.changes_public_content(statement) in (True, False)


class TestStore:
    def page(self, size=100):
        return Page("200 OK", (), b"x" * size, gzip.compress(b"x"), "tag")

    def test_a_page_is_good_for_its_lifetime(self):
        now = [0.0]
        store = PageStore(100_000, clock=lambda: now[0])
        store.put("a", self.page(), 10)
        assert store.get("a")
        now[0] = 10.1
        assert store.get("a") is None
        assert len(store) == 0

    def test_the_oldest_leave_when_it_is_full(self):
        store = PageStore(12_000)
        for name in range(20):
            store.put(name, self.page(), 10)
        assert store.get(0) is None
        assert store.get(19)
        assert len(store) <= 12

    def test_one_page_never_takes_all(self):
        store = PageStore(12_000)
        store.put("a", self.page(10_000), 10)
        assert store.get("a") is None


class TestBackOff:
    def test_waits_double_up_to_an_hour(self):
        waits = [backoff.FROM_ONE_PLACE.wait(count) for count in (0, 4, 5, 6, 7, 50)]
        assert waits == [0, 0, 30, 60, 120, 3600]

    def test_a_few_failures_of_somebody_else_lock_nobody_out(self):
        assert backoff.FROM_EVERYWHERE.wait(20) == 0

    def test_one_line_is_one_visitor(self):
        assert backoff.network_of("2001:db8::1") == backoff.network_of("2001:db8::ffff")
        assert backoff.network_of("2001:db8::1") != backoff.network_of("2001:db8:0:1::1")
        assert backoff.network_of("::ffff:192.0.2.1") == "192.0.2.1"
        assert backoff.network_of("nonsense") == "unknown"

    def test_an_account_is_the_same_however_typed_and_not_readable(self):
        assert backoff.account_digest(" Marie ") == backoff.account_digest("marie")
        assert "marie" not in backoff.account_digest("marie")
