"""The content policy of a page: what it allows, and what the build says that it stops."""

from __future__ import annotations

import base64
import hashlib

import content_policy
import pytest

HEAD = '<head>\n    <meta charset="utf-8" />\n<title>x</title></head>'


def rules(text):
    content, refused = content_policy.policy(text)
    return {rule.split()[0]: rule.split()[1:] for rule in content.split("; ")}, refused


def test_the_themes_own_script_is_allowed_by_its_hash():
    script = "let toggleHintShow = 'Show';"
    found, refused = rules(f"<script>{script}</script>")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert found["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert refused == []


@pytest.mark.parametrize(
    "script",
    [
        "alert(1)",
        "let toggleHintShow = 'Show'; alert(1)",
        "let toggleHintShow = 'Show' + alert(1) + '';",
        "DOCUMENTATION_OPTIONS.pagename = ''-alert(1)-'';",
        'document.write(`<button class="btn ${alert(1)}"></button>`);',
    ],
)
def test_any_other_script_is_refused_and_named(script):
    found, refused = rules(f"<script>{script}</script>")
    assert found["script-src"] == ["'self'"]
    assert refused[0].startswith("inline script: ")


def test_data_and_files_are_no_inline_scripts():
    text = '<script type="application/json">{"a": 1}</script><script src="a.js" defer></script>'
    found, refused = rules(text)
    assert found["script-src"] == ["'self'"]
    assert refused == []


@pytest.mark.parametrize(
    ("tag", "refused"),
    [
        ('<img src=x onerror="a()">', "onerror"),
        ("<svg\nonload=a()>", "onload"),
        ("<a href='javascript:a()'>", "javascript:"),
        ('<a title="x" ONCLICK = "a()">', "ONCLICK"),
        ('<img alt="set onerror=1 here" src="x">', None),
        ('<a title="a > b" href="x?onclick=1">', None),
        ("<p>the attribute onclick=&quot;a&quot;</p>", None),
        ('<td data-on="1">', None),
    ],
)
def test_handlers_are_named(tag, refused):
    found = rules(tag)[1]
    assert [line.split(" in ")[0] for line in found] == ([refused] if refused else [])


def test_the_policy_comes_first_and_once():
    made, refused = content_policy.protect(HEAD)
    assert refused == []
    assert made.index("Content-Security-Policy") < made.index("<title>")
    assert content_policy.protect(made) == (made, [])


def test_a_page_without_a_place_for_it_is_named():
    assert content_policy.protect("<p>x</p>")[1] == ["no place for the policy"]


def test_the_print_button_needs_no_handler():
    made, refused = content_policy.protect(f'{HEAD}<button onclick="window.print()">x</button>')
    assert refused == []
    assert '<button data-gn-print="">x</button>' in made


def test_nothing_but_the_site_is_allowed():
    for name, values in content_policy.POLICY.items():
        local = {"'none'", "'self'", "data:", "blob:", "'unsafe-inline'"}
        assert set(values) <= local, name
    assert content_policy.POLICY["script-src"] == ["'self'"]
