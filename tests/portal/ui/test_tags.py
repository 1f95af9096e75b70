import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from portal.rules import Allowed, Denied
from portal.ui.states import STATES

CSS = Path(__file__).resolve().parents[3] / "static/css/tables.css"


def render(source, **context):
    with translation.override("en"):
        return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("state", "level", "html"),
    [
        ("due", "", '<span class="zb-st due">Not begun</span>'),
        ("in_review", "county", '<span class="zb-st review">With the county</span>'),
        ("in_review", "", '<span class="zb-st review">Under review</span>'),
        ("accepted", "", '<span class="zb-st accepted">Accepted</span>'),
    ],
)
def test_state_is_a_word_and_a_shape(state, level, html):
    assert render("{% state filing %}", filing=SimpleNamespace(state=state, step_tier=level)) == html


def test_bureau_reads_finally_accepted():
    filing = SimpleNamespace(state="accepted", step_tier="")
    assert (
        render("{% state filing settled=True %}", filing=filing)
        == '<span class="zb-st accepted">Finally accepted</span>'
    )


def test_every_shape_is_drawn_by_the_style_sheet():
    drawn = set(re.findall(r"^\.(\w+) +\{ --c:", CSS.read_text(encoding="utf-8"), re.MULTILINE))
    assert {state.shape for state in STATES.values()} == drawn


def test_words_of_a_state_are_escaped():
    assert (
        render("{% state_mark 'hard' words %}", words="<b>2</b>")
        == '<span class="zb-st hard">&lt;b&gt;2&lt;/b&gt;</span>'
    )


def test_allowed_act_is_a_button():
    html = render("{% act verdict 'Send' primary=True name='move' value='send' %}", verdict=Allowed())
    assert html == '<button class="btn btn-primary" type="submit" name="move" value="send">Send</button>'


def test_refused_act_stays_disabled_with_its_reason():
    html = render(
        "{% act verdict 'Send' primary=True name='move' value='send' %}", verdict=Denied("The phase <closed>.")
    )
    described = re.search(r'aria-describedby="([^"]+)"', html).group(1)
    assert html == (
        f'<span class="zb-act"><button class="btn" type="button" disabled aria-describedby="{described}">Send</button>'
        f'<small id="{described}">The phase &lt;closed&gt;.</small></span>'
    )


def test_two_refusals_with_the_same_words_have_ids_of_their_own():
    html = render("{% act v 'Send' key=1 %}{% act v 'Send' key=2 %}", v=Denied("Closed."))
    assert len(set(re.findall(r' id="([^"]+)"', html))) == 2


def test_denial_without_a_reason_is_a_mistake():
    with pytest.raises(ValueError, match="needs its reason"):
        Denied(" ")
    assert (bool(Allowed()), bool(Denied("No.")), Allowed().reason) == (True, False, "")


@pytest.mark.parametrize(
    ("done", "total", "width"), [(86, 127, "67.72"), (0, 0, "0.00"), (5, 4, "100.00"), (-1, 4, "0.00")]
)
def test_progress_length_is_a_share(done, total, width):
    html = render("{% progress done total %}", done=done, total=total)
    assert f'<rect class="done" width="{width}%" height="100%"/>' in html
    said = f"{done} of {total}".replace("-", "−")
    assert f'aria-label="{said}"' in html


def test_bar_stacks_its_segments_without_inline_style():
    html = render("{% bar segments 4 tick=tick %}", segments=[("acc", 1), ("due", 3)], tick=Decimal("68.2"))
    assert html == (
        '<svg class="zb-bar" aria-hidden="true"><rect class="f-acc" x="0.00%" width="25.00%" height="100%"/>'
        '<rect class="f-due" x="25.00%" width="75.00%" height="100%"/>'
        '<rect class="f-tick" x="68.20%" width="2" height="100%"/></svg>'
    )


def test_bar_refuses_a_colour_it_does_not_know():
    with pytest.raises(ValueError, match="No colour"):
        render("{% bar segments 4 %}", segments=[("gold", 1)])


def test_change_is_warm_beyond_half():
    assert render("{% change 200 100 %}{% change 101 100 %}") == '<span class="warm">+100.0</span><span>+1.0</span>'


def test_change_bears_the_sign_only_where_it_is_in_per_cent():
    with translation.override("en"):
        html = render(
            "{% change 101 100 sign=True %}{% change 0 0 sign=True %}{% change 0 100 sign=True %}{% change 3000 100 sign=True %}"
        )
    assert re.sub("<.*?>", "|", html).split("||") == ["|+1.0%", "0.0%", "one side is 0", "×30|"]


def test_figures_in_templates():
    assert (
        render("{{ a|figure }} {{ b|figure:1 }} {{ c|money }}", a=None, b=Decimal("0.25"), c=5012000)
        == "— 0.3 5,012,000"
    )


def test_field_ties_its_error_to_the_control():
    class Form(forms.Form):
        name = forms.CharField(help_text="As on the certificate.")

    html = render("{% field form.name autocomplete='off' %}", form=Form({"name": ""}))
    assert 'class="form-control"' in html
    assert 'autocomplete="off"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'id="id_name_helptext"' in html


def test_paging_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/list/", {"q": "榕江", "page": "3"})
    html = render("{% paging page %}", page=Paginator(list(range(60)), 20).page(2), request=request)
    assert html.count("q=%E6%A6%95%E6%B1%9F") == 4
    assert '<span aria-current="page">2</span>' in html
    assert "Rows 21 to 40 of 60" in html


def test_paging_of_a_list_shown_in_answer_to_a_form_leads_to_its_own_page():
    request = RequestFactory().post("/list/add/")
    html = render('{% paging page "/list/" "rows" %}', page=Paginator(list(range(60)), 20).page(2), request=request)
    assert re.findall(r'href="([^"]+)"', html) == [f"/list/?page={page}#rows" for page in (1, 1, 3, 3)]


def test_paging_of_one_page_is_nothing():
    request = RequestFactory().get("/list/")
    assert render("{% paging page %}", page=Paginator([1], 20).page(1), request=request).strip() == ""
