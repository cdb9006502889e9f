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
    scripts = ("\n  let toggleHintShow = 'Show';\n", "DOCUMENTATION_OPTIONS.pagename = 'a/b';")
    page = "".join(f"<script>{script}</script>" for script in scripts)
    found, refused = rules(page + page)  # a page may hold one twice
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert found["script-src"] == ["'self'", *sorted(hashes)]
    assert refused == []


SEARCH = """// Activate the search field on page load
    let searchInput = document.querySelector("form.bd-search input");
    if (searchInput) { searchInput.focus(); searchInput.select();
    console.log("[PST]: Set focus on search field."); }"""
MODE = """document.documentElement.dataset.mode = localStorage.getItem("mode") || "";
    document.documentElement.dataset.theme = localStorage.getItem("theme") || "light";"""


@pytest.mark.parametrize(
    "script",
    [
        MODE,
        "let toggleOpenOnPrint = 'true';",
        "var togglebuttonSelector = '.toggle, .admonition.dropdown';",
        'document.write(`\n  <button class="btn btn-sm" title="Search"><i></i></button>\n`);',
        'document.write(`<img src="../_static/a-b.svg" class="logo__image only-dark" alt="A"/>`);',
        "DOCUMENTATION_OPTIONS.COLLAPSE_INDEX = true;",
        SEARCH,
    ],
)
def test_every_script_of_the_theme_is_known(script):
    assert rules(f"<script>{script}</script>")[1] == []


@pytest.mark.parametrize(
    "script",
    [
        "alert(1)",
        "let toggleHintShow = 'Show'; alert(1)",
        "let toggleHintShow = 'Show' + alert(1) + '';",
        "DOCUMENTATION_OPTIONS.pagename = ''-alert(1)-'';",
        'document.write(`<button class="btn ${alert(1)}"></button>`);',
        MODE.replace('"light"', "alert(1)"),
        'document.write(`<img src="x" class="logo__image only-dark" alt=""onerror=a() x=""/>`);',
        SEARCH.replace("searchInput.focus()", "alert(1)"),
    ],
)
def test_any_other_script_is_refused_and_named(script):
    found, refused = rules(f"<script>{script}</script>")
    assert found["script-src"] == ["'self'"]
    assert refused[0].startswith("inline script: ")


def test_data_and_files_are_no_inline_scripts():
    text = '<script type="application/json">{"a": "<p onclick=1>"}</script>'
    text += '<script src="a.js" defer></script>'
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
    again = f'{HEAD}<meta charset="utf-8" /><p>on Content-Security-Policy</p>'
    assert content_policy.protect(again)[0].count("http-equiv") == 1


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


def test_every_page_is_protected_and_what_it_stops_is_a_warning(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(
        content_policy.logger, "warning", lambda text, *args: said.append(text % args)
    )
    button = '<button onclick="a()">x</button>'
    for name, body in {"index.html": "", "a/b.html": button + button, "_static/c.html": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HEAD + body, encoding="utf-8")
    content_policy.apply(tmp_path)
    protected = [path for path in tmp_path.rglob("*.html") if "http-equiv" in path.read_text()]
    assert {path.name for path in protected} == {"index.html", "b.html"}
    assert said == ['content policy: a/b.html: onclick in <button onclick="a()">']
