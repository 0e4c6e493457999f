"""The page of `hilum serve` in a real browser."""

import json

import numpy as np
import pytest
from helpers.brightness import write_model
from helpers.browser import FLAGS, chromium, column, drop, pixels, sideways, site, written_to
from helpers.dicoms import SECRET, chest, dataset, written
from helpers.judged_records import judged
from helpers.run_records import SPAN as FIGURE
from helpers.run_records import compared, comparison, evaluation
from helpers.uploads import encoded, flat, levels_in

from hilum.explain.methods import warning_of
from hilum.model.reader import Reader
from hilum.predict.inputs import Input
from hilum.predict.output import head, line, parse, records
from hilum.predict.rows import Row
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

pytestmark = pytest.mark.slow

CLASSES = ("dark", "grey", "bright")
SCRIPT = "<img src=x onerror=alert(1)>.png"
SCORES = {
    "protocols": {
        name: {"f1_macro": {**FIGURE, "value": value}} for name, value in (("given", 0.94), ("strict", 0.83))
    },
    "floors": {name: {"border alone": {"f1_macro": {**FIGURE, "value": 0.55}}} for name in ("given", "strict")},
}
MODELS = [
    compared("a", "Model A", {"given": FIGURE}, [[1, 1], [0, 1]], best_epoch=2),
    compared("b", "Model B", {"given": FIGURE}, [[2, 0], [0, 1]]),
]
RUN = comparison(MODELS, "b", ["cat", "dog"], protocols=("given",))
BLANKED = {"f1_macro": {**FIGURE, "value": 0.6}, "accuracy": FIGURE, "auc_macro": FIGURE, "binary": None}
STRICT = comparison(
    [compared("b", "Model B", {"given": FIGURE, "strict": {**FIGURE, "value": 0.7}, "external:iq": FIGURE},
              [[1.4, 0.6], [0, 1]]) | {"floors": {"strict": BLANKED}}],
    "b", ["cat", "dog"], protocols=("given", "no-copies", "strict", "external:iq"),
)  # fmt: skip
EVALUATION = evaluation(
    "densenet169", ["cat", "dog"], ["cat", "dog"], {**FIGURE, "value": 0.71}, [[1, 1], [0, 1]],
    {"cat": "cat", "dog": "dog"},
)  # fmt: skip
PREDICTIONS = """model,path,split,label,predicted,p_cat,p_dog
a,test/cat/1.png,test,cat,dog,0.2,0.8
a,test/cat/<b>2.png,test,cat,cat,0.9,0.1
a,test/dog/1.png,test,dog,dog,0.3,0.7
b,test/cat/1.png,test,cat,cat,0.6,0.4
b,test/cat/<b>2.png,test,cat,cat,0.6,0.4
b,test/dog/1.png,test,dog,dog,0.3,0.7
""" + "".join(f"a,test/dog/more{number}.png,test,dog,dog,0.1,0.9\n" for number in range(80))  # more than fit on a page
HISTORY = """model,epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,strength
a,1,0.9,0.5,1.0,0.4,
a,2,0.5,0.8,0.7,0.6,
b,1,0.4,0.9,0.6,0.7,0.1
"""
REPORT = "<!doctype html><title>r</title><h1>The report</h1><script>document.body.append('it ran')</script>"
TOKEN = "correct-horse-battery"


def noisy(level, seed):
    """A PNG around a level, so that the map has something to show."""
    return encoded(
        np.random.default_rng(seed).integers(level - 20, level + 21, (48, 64)).astype(np.uint8), format="PNG"
    )


PICTURES = {
    "scan10.png": noisy(204, 0), "scan9.png": noisy(128, 1), SCRIPT: noisy(51, 2), "unsure.png": flat(89),
    "=black.png": flat(5), "notes.txt": b"no picture",
}  # fmt: skip
# Names run against the positions, which a strip has to follow.
SERIES = {
    f"IM{number}.dcm": written(
        dataset(
            chest(number) + 60 * number, series="1.2.9", window=(-600, 1500), ImagePositionPatient=[0, 0, -5 * number]
        )
    )
    for number in range(5)
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("page") / "model.onnx", scores=SCORES)


@pytest.fixture(scope="module")
def address(model, tmp_path_factory):
    runs, slices = tmp_path_factory.mktemp("page-runs"), tmp_path_factory.mktemp("page-slices")
    for name, changes in (("first & <i>", {}), ("second", {"settings": {**RUN["settings"], "seed": 7}})):
        texts = {
            "metrics.json": json.dumps({**RUN, **changes}), "predictions.csv": PREDICTIONS, "history.csv": HISTORY,
            "report.html": REPORT,
        }  # fmt: skip
        written_to(runs / name, {file: text.encode() for file, text in texts.items()})
    written_to(slices, {"test/cat/1.png": flat(51, 400, 300)})
    with site(model, runs, slices) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests here; not for others, since Playwright's loop runs for as long as it does."""
    path = chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed.")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """Opens pages; at the end none may have complained, or asked any other server than its own."""
    contexts, complaints, asked = [], [], []

    def opened(address, path="", scheme="light", width=1280, height=900, expected=()):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()

        def heard(message):
            if message.type in ("error", "warning") and not any(text in message.text for text in expected):
                complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: asked.append((request.url, address)))
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
    assert all(url.startswith((address, "data:", "blob:")) for url, address in asked)


def read(page, files):
    """Drops files and waits until all are read."""
    drop(page, files)
    page.wait_for_selector(".many .slices tbody tr")
    page.wait_for_selector("#progress-bar", state="detached")
    return page


def explained(page):
    """Waits until an opened slice is there."""
    page.wait_for_selector(".decision h2")
    page.wait_for_selector(".one:not([aria-busy])")
    return page


def violations(page):
    """What axe-core finds serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed.")
    found = axe.Axe().run(page).response["violations"]
    return [
        (one["id"], [node["html"][:160] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_the_first_page_says_what_the_model_is_worth(opened, address):
    page = opened(address)
    page.wait_for_selector(".drop")
    rows = page.locator(".worth li").all_inner_texts()
    assert [row.split("\n")[0] for row in rows] == ["Strict (0.90)", "Given"], "an earlier model's strict was at 0.90"
    assert [("0.830" in rows[0], "border alone" in rows[0]), ("0.940" in rows[1], "[0.80–0.95]" in rows[1])] == [
        (True, True)
    ] * 2
    assert (
        "The model promises nothing: an earlier hilum set its limit"
        in page.locator(".trust-lines li").first.inner_text()
    )
    assert "Research use only" in page.inner_text("footer")


def test_a_single_slice_opens_by_itself_with_its_answer(opened, address):
    page = opened(address)
    drop(page, {SCRIPT: PICTURES[SCRIPT]})
    explained(page)
    assert page.inner_text("h1") == SCRIPT
    assert page.inner_text(".decision h2") == "Dark"
    assert "80.0" in page.inner_text(".decision p >> nth=0")  # from which on it answers
    shares = page.locator(".bars li").all_inner_texts()
    assert [text.split("\n")[0] for text in shares] == list(CLASSES)
    assert page.locator(".neighbours li").count() == 1
    assert page.locator("#window").is_hidden()  # of a PNG there is none to choose


def test_the_map_follows_its_slider_and_switch(opened, address):
    page = opened(address)
    drop(page, {"a.png": PICTURES["scan10.png"]})
    explained(page)
    assert page.locator("#map-on").is_checked() == (warning_of("linear") is None)
    assert (warning_of("linear") or "") in page.inner_text(".remarks")
    assert "evidence for" in page.inner_text(".remarks")
    page.locator("#map-on").check()
    first = pixels(page)
    page.locator("#opacity").fill("10")
    fainter = pixels(page)
    page.locator("#map-on").uncheck()
    bare = pixels(page)
    page.locator("#opacity").fill("100")
    assert len({first, fainter, bare}) == 3
    assert pixels(page) == bare
    page.locator("#map-on").check()
    assert pixels(page) not in (first, bare)


def test_the_picture_is_zoomed_by_buttons_and_keys(opened, address):
    page = opened(address)
    drop(page, {"a.png": PICTURES["scan10.png"]})
    explained(page)
    whole = pixels(page)
    page.get_by_role("button", name="Zoom in").click()
    near = pixels(page)
    page.focus(".viewer")
    page.keyboard.press("ArrowRight")
    beside = pixels(page)
    page.keyboard.press("0")
    assert len({whole, near, beside}) == 3
    assert pixels(page) == whole


def test_a_drop_of_everything_gives_a_row_a_slice(opened, address):
    page = read(opened(address), {**PICTURES, **SERIES})
    paths = column(page, 2)
    assert [path.split("\n")[0] for path in paths] == [*PICTURES, *SERIES]
    assert column(page, 3)[:6] == ["Answered", "Answered", "Answered", "Abstains", "Outlier", "Unreadable"]
    assert "not a PNG, JPEG or DICOM file" in column(page, 7)[5]
    assert page.locator(".slices img").count() == len(PICTURES) - 1 + len(SERIES)
    assert SECRET not in page.content()


def test_a_folder_is_read_as_predict_walks_it(opened, address, tmp_path):
    files = {f"in/{name}": flat(128) for name in ("b/10.png", "b/2.png", "a.png", "c.png", ".hidden.png", "Thumbs.db")}
    written_to(tmp_path, files)
    page = opened(address)
    page.set_input_files("#pick-folder", tmp_path / "in")
    page.wait_for_selector(".many .slices tbody tr")
    page.wait_for_selector("#progress-bar", state="detached")
    assert [text.split("\n")[0] for text in column(page, 2)] == ["in/a.png", "in/c.png", "in/b/10.png", "in/b/2.png"]


def test_a_long_table_comes_a_page_at_a_time(opened, address):
    page = read(opened(address), {f"{number}.png": flat(number % 256) for number in range(130)})
    assert page.locator("[data-decision=all]").inner_text().endswith("130")
    assert len(column(page, 2)) == 100
    page.get_by_role("button", name="Show more (30 slices left)").click()
    assert [text.split("\n")[0] for text in column(page, 2)] == [f"{number}.png" for number in range(130)]


def test_the_table_is_sorted_by_any_column(opened, address):
    page = read(opened(address), PICTURES)
    page.get_by_role("button", name="File", exact=True).click()
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    names = [text.split("\n")[0] for text in column(page, 2)]
    assert names.index("scan9.png") < names.index("scan10.png")
    page.get_by_role("button", name="Outlier score").click()
    scores = [float(text) for text in column(page, 6)[:-1]]
    assert scores == sorted(scores)
    assert column(page, 6)[-1] == "–"
    page.get_by_role("button", name="Outlier score").click()
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert [float(text) for text in column(page, 6)[1:]] == scores[::-1]


def test_a_phone_sorts_by_columns_that_it_has_no_room_for(opened, address):
    page = read(opened(address, width=390, height=844), PICTURES)
    assert page.get_by_role("button", name="Outlier score").count() == 0
    page.get_by_label("Sort by").select_option("outlier")
    files = [text.split("\n")[0] for text in column(page, 2)]
    assert (files[0], files[-1]) == ("scan9.png", "notes.txt")
    turn = page.get_by_role("button", name="Descending")
    turn.click()
    assert turn.get_attribute("aria-pressed") == "true"
    assert [text.split("\n")[0] for text in column(page, 2)] == files[::-1]
    page.get_by_label("Sort by").select_option("")
    assert [text.split("\n")[0] for text in column(page, 2)] == list(PICTURES)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.get_by_label("Sort by").is_hidden()
    page.get_by_role("button", name="Outlier score").click()
    assert page.locator("#sort-by").input_value() == "outlier"


def test_nothing_is_said_of_decisions_before_there_are_any(opened, address):
    page = opened(address)
    page.route("**/api/predict", lambda route: None)  # no answer comes
    drop(page, {"a.png": flat(51)})
    page.wait_for_selector("#progress-bar")
    nothing = page.get_by_text("No slice has this decision.")
    assert nothing.is_hidden()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Send again").wait_for()
    assert nothing.is_hidden()
    page.unroute("**/api/predict")
    page.get_by_role("button", name="Send again").click()
    page.wait_for_selector(".slices tbody tr")


def test_slices_are_filtered_by_decision(opened, address):
    page = read(opened(address), PICTURES)
    page.locator(".chip.abstain").click()
    assert [text.split("\n")[0] for text in column(page, 2)] == ["unsure.png"]
    assert page.locator(".chip.abstain").get_attribute("aria-pressed") == "true"
    assert page.inner_text("#status") == "1 slice shown"
    page.locator("[data-decision=all]").click()
    assert len(column(page, 2)) == len(PICTURES)


def test_the_csv_is_what_predict_writes(opened, address, model, tmp_path):
    files = {**PICTURES, **SERIES, 'a, "quoted".png': flat(128)}
    page = read(opened(address), files)
    with page.expect_download() as download:
        page.click("#csv")
    assert download.value.suggested_filename == "hilum-predictions.csv"
    data = download.value.path().read_bytes()
    top, *lines = records(download.value.path().open("rb"), "csv")
    assert top == head("csv", CLASSES)
    found = [parse(record, "csv", CLASSES) for record in lines]
    assert top + b"".join(line(row, "csv", CLASSES) for row in found) == data

    reader = Reader(model, 1)
    limits = Limits(reader.facts.thresholds.answer, reader.facts.thresholds.outlier)
    inputs = [Input(str(path)) for path in written_to(tmp_path / "in", files)]
    expected = list(answers(reader, inputs, limits, naming=lambda source: Input(source.path.split("/")[-1]).name))
    for one, other in zip(found, expected, strict=True):
        assert (one.path, one.frame, one.decision, one.label, one.reason) == (
            other.path, other.frame, other.decision, other.label, other.reason,
        )  # fmt: skip
        if other.probabilities is not None:
            assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
            assert one.outlier_score == pytest.approx(other.outlier_score, abs=1e-5)


def test_the_csv_of_odd_names_is_what_predict_writes(opened, address):
    classes = ('=HYPERLINK("x")', "\tb", "'=c", "\uff1dd", r"\u001b e")
    shares = dict.fromkeys(classes, 0.2)
    names = ["a\x1b.png", "two\nlines\r.png", "./=x", r"C:\users\u00e9", "\x9b.png"]
    rows = [Row(name, None, "class", label, shares, -0.5, "-1, +x") for name, label in zip(names, classes, strict=True)]
    script = "([rows, classes]) => import('/static/csv.js').then((module) => module.csv(rows, classes))"
    made = opened(address).evaluate(script, [[row.as_json() for row in rows], classes])
    assert made.encode() == head("csv", classes) + b"".join(line(row, "csv", classes) for row in rows)


def test_a_series_is_scrolled_along_its_positions(opened, address):
    page = read(opened(address), SERIES)
    strip = page.locator(".strip")
    assert strip.count() == 1
    assert strip.locator("path.line").count() == len(CLASSES)
    slider = strip.locator("input")
    slider.fill("1")
    assert "IM4.dcm" in strip.locator(".where").inner_text()  # the lowest
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext").startswith("Slice 2 of 5")
    assert "-15.0 mm" in strip.locator(".where").inner_text()
    chart = strip.locator("svg").bounding_box()
    page.mouse.click(chart["x"] + chart["width"] - 12, chart["y"] + 40)
    assert "Slice 5 of 5" in strip.locator(".where").inner_text()
    strip.get_by_role("link", name="Open this slice").click()
    assert explained(page).inner_text("h1") == "IM0.dcm"


def test_two_series_are_not_mixed(opened, address):
    other = {
        f"IM{number}b.dcm": written(
            dataset(chest(number), series="1.2.10", ImagePositionPatient=[0, 0, number])
        )
        for number in range(3)
    }  # fmt: skip
    page = read(opened(address), dict(sorted({**SERIES, **other}.items())))
    assert sorted(text[:8] for text in page.locator(".strip .about .soft").all_inner_texts()) == [
        "3 slices",
        "5 slices",
    ]


def test_a_dicom_slice_is_windowed_freely(opened, address):
    page = opened(address)
    drop(page, {"a.dcm": SERIES["IM0.dcm"]})
    explained(page)
    page.locator("#map-on").uncheck()
    assert (page.input_value("#centre"), page.input_value("#width")) == ("-600", "1500")
    first = pixels(page)
    box = page.locator(".viewer canvas").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 188, box["y"] + 60)  # 128 pixels to the right: twice as wide
    page.mouse.up()
    assert (page.input_value("#centre"), page.input_value("#width")) == ("-600", "3000")
    dragged = pixels(page)
    page.fill("#width", "1500")
    assert len({first, dragged}) == 2
    page.get_by_role("button", name="As read").click()
    assert pixels(page) == first
    page.select_option("#window", "bone")
    page.wait_for_function("() => document.querySelector('#centre').value === '300'")
    assert pixels(page) != first


def test_the_own_window_outlives_another_map_and_no_other_window(opened, address):
    """The model has one kind of map; that it had two is written into what the page is told of it."""

    def with_two(route):
        told = route.fetch()
        route.fulfill(response=told, json={**told.json(), "methods": ["linear", "gradcam"]})

    page = opened(address)
    page.route("**/api/model", with_two)
    page.reload()
    with page.expect_response("**/api/explain") as explanation:
        drop(page, {"a.dcm": SERIES["IM0.dcm"]})
    explained(page)
    answer = explanation.value.json()
    page.route("**/api/explain", lambda route: route.fulfill(json={**answer, "maps": {}}))
    page.fill("#width", "3000")
    page.locator("#map-on").uncheck()
    own = pixels(page)
    page.locator("#map-on").check()
    mapped = pixels(page)
    page.select_option("#method", "gradcam")
    explained(page)
    assert mapped != own == pixels(page)
    assert (page.input_value("#centre"), page.input_value("#width")) == ("-600", "3000")
    page.unroute("**/api/explain")
    page.select_option("#method", "linear")
    page.focus("#width")  # where the page was typed into last, the old number must not stay
    page.evaluate("const s = document.querySelector('#window'); s.value = 'bone'; s.dispatchEvent(new Event('change'))")
    page.wait_for_function("() => document.querySelector('#centre').value === '300'")
    assert page.input_value("#width") == "1500"
    assert page.evaluate("() => document.activeElement.id") == "width"


def test_the_free_window_draws_what_the_server_draws(opened, address):
    page = opened(address)
    drop(page, {"a.dcm": SERIES["IM0.dcm"]})
    explained(page)
    page.locator("#map-on").uncheck()
    served = levels_in(pixels(page))
    page.fill("#width", "3000")
    other = levels_in(pixels(page))
    page.fill("#width", "1500")
    assert np.abs(served - levels_in(pixels(page))).max() <= 1 < np.abs(served - other).max()


def test_everything_can_be_done_with_the_keyboard(opened, address):
    page = read(opened(address), {"a.png": PICTURES["scan10.png"], "b.png": PICTURES["scan9.png"]})
    page.locator(".slices a").first.focus()
    page.keyboard.press("Enter")
    explained(page)
    assert page.evaluate("() => document.activeElement.tagName") == "H1"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Next"
    assert page.get_by_role("button", name="Previous").is_disabled()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('h1').textContent === 'b.png'")
    page.get_by_role("link", name="All slices").press("Enter")
    page.wait_for_selector(".slices tbody tr")
    assert page.inner_text("h1") == "Slices"


def test_a_file_over_the_limit_is_named_and_the_others_are_read(opened, model):
    with site(model, bytes=200_000) as small:
        page = read(opened(small), {"big.png": b"0" * 300_000, "a.png": flat(51)})
        assert column(page, 3) == ["Unreadable", "Answered"]
        assert "larger" in column(page, 7)[0]


def test_what_failed_can_be_sent_again(opened, address):
    page = opened(address, expected=("ERR_FAILED", "ERR_CONNECTION"))
    page.route("**/api/predict", lambda route: route.abort())
    drop(page, {"a.png": flat(51), "b.png": flat(204)})
    alert = page.locator(".progress [role=alert]")
    assert "2 files were not answered" in alert.inner_text()
    page.unroute("**/api/predict")
    alert.get_by_role("button").click()
    page.wait_for_selector(".slices tbody tr")
    assert column(page, 3) == ["Answered", "Answered"]
    page.get_by_role("button", name="Clear").click()
    page.wait_for_selector(".drop")


def test_a_token_is_asked_for_once(opened, model):
    with site(model, token=TOKEN) as guarded:
        page = opened(guarded, expected=("401",))
        page.wait_for_selector("#token[open]")
        page.fill("#token-field", "wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#token-wrong:not([hidden])")
        page.fill("#token-field", TOKEN)
        page.keyboard.press("Enter")
        drop(page, {"a.png": PICTURES[SCRIPT]})
        assert explained(page).inner_text(".decision h2") == "Dark"
        page.reload()
        page.wait_for_selector(".drop")


def test_a_cell_of_the_confusion_matrix_opens_its_slices(opened, address):
    page = opened(address, "#/runs")
    page.get_by_role("link", name="first & <i>").click()
    page.select_option("select", "a")
    page.get_by_role("button", name="1 of 2 labelled cat and called dog").click()
    page.wait_for_selector(".slices-found")
    assert page.locator(".slices-found li").count() == 1
    assert "test/cat/1.png" in page.inner_text(".slices-found")
    look = page.get_by_role("button", name="Show test/cat/1.png larger")
    look.press("Enter")
    dialog = page.get_by_role("dialog", name="test/cat/1.png")
    page.wait_for_function("() => document.querySelector('dialog.larger img').naturalWidth === 400")
    assert "dog 80.0" in dialog.inner_text()
    assert not violations(page)
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert look.evaluate("node => node === document.activeElement")
    look.click()
    dialog.get_by_role("button", name="Close").click()
    assert dialog.count() == 0
    page.get_by_role("button", name="1 of 2 labelled cat and called cat").click()
    page.wait_for_selector(".slices-found .none")
    assert "test/cat/<b>2.png" in page.inner_text(".slices-found")
    assert page.locator(".charts svg path.line").count() == 4


def test_a_report_is_shown_and_its_scripts_are_not_run(opened, address):
    page = opened(address, "#/runs/second", expected=("sandbox", "Content Security Policy"))
    page.locator(".report summary").click()
    frame = page.frame_locator("iframe")
    assert frame.locator("body").inner_text() == "The report"
    assert page.locator("iframe").get_attribute("sandbox") == ""


def test_two_runs_stand_side_by_side_with_what_sets_them_apart(opened, address):
    page = opened(address, "#/runs")
    button = page.get_by_role("button", name="Put two side by side")
    assert button.is_disabled()
    page.get_by_label("Choose second").check()
    page.get_by_label("Choose first & <i>").check()
    button.click()
    page.wait_for_selector(".panels.two .cell")
    assert page.locator(".panel").count() == 2
    apart = page.get_by_role("region", name="What sets them apart").locator("tbody tr").all_inner_texts()
    assert [text.split("\t") for text in apart] == [["seed", "7", "0"]]


def test_two_runs_side_by_side_have_one_scale_of_losses(opened, address):
    page = opened(address, "#/runs/first%20%26%20%3Ci%3E/second")
    ticks = "document.querySelectorAll('figure:first-child svg text:nth-of-type(5)')"  # above the other ticks
    highest = f"[...{ticks}].map(one => one.textContent).join(' ')"
    page.wait_for_function(f"() => {highest} === '0.6 0.6'")
    page.locator(".panel select").first.select_option("a")  # whose losses are higher
    page.wait_for_function(f"() => {highest} === '1 1'")
    page.locator(".panel select").first.select_option("b")
    page.wait_for_function(f"() => {highest} === '0.6 0.6'")


def test_the_list_says_what_an_evaluation_reached_and_not_what_its_model_did_before(opened, tmp_path):
    for name, record in (("compared", RUN), ("evaluated", EVALUATION)):
        written_to(tmp_path / name, {"metrics.json": json.dumps(record).encode()})
    with site(runs=tmp_path) as served:
        page = opened(served)
        page.wait_for_selector(".runs table")
        heads = page.locator(".runs thead th").all_inner_texts()
        rows = [row.locator("td").all_inner_texts()[-5:] for row in page.locator(".runs tbody tr").all()]
        assert heads[-4:] == ["Model", "Strict", "Given", "Evaluated"]
        assert rows[0][-4:] == ["DenseNet169", "–", "–", "0.710\n[0.80–0.95]"]
        assert rows[1][-4:] == ["Model B", "–", "0.900\n[0.80–0.95]", "–"]
        page.get_by_role("link", name="evaluated").click()
        page.wait_for_selector(".panel .cell")
        scores = page.get_by_role("region", name="Scores of evaluated")
        assert scores.locator("thead th").all_inner_texts() == ["Model", "On these slices", "Given test"]


def test_strict_comes_first_with_its_number_and_different_likenesses_are_marked(opened, tmp_path):
    other = json.loads(json.dumps(STRICT).replace("strict (0.87)", "strict (0.90)"))
    rows = "model,path,split,label,predicted,p_cat,p_dog,strict_predicted,strict_p_cat,strict_p_dog\n"
    rows += "b,train/cat/1.png,train,cat,cat,1,0,dog,0.4,0.6\nb,test/cat/2.png,test,cat,cat,1,0,,,\n"
    for name, record in (("ours", STRICT), ("theirs", other)):
        written_to(tmp_path / name, {"metrics.json": json.dumps(record).encode(), "predictions.csv": rows.encode()})
    with site(runs=tmp_path) as served:
        page = opened(served)
        page.wait_for_selector(".runs table")
        heads = page.locator(".runs thead th").all_inner_texts()
        assert heads[-4:] == ["Model", "Strict", "External iq", "Given"]
        cells = [row.locator("td").all_inner_texts()[-3:] for row in page.locator(".runs tbody tr").all()]
        assert cells[0] == ["0.700\n[0.80–0.95]\nstrict (0.87)", "0.900\n[0.80–0.95]", "0.900\n[0.80–0.95]"]
        apart = "Strict (0.87) and strict (0.90) are not comparable: they keep different slices apart."
        assert page.inner_text(".runs .banner") == apart
        page.goto(f"{served}#/runs/ours/theirs")
        page.wait_for_selector(".panels.two .cell")
        assert page.inner_text(".runs > .banner") == apart
        scores = page.get_by_role("region", name="Scores of ours").locator("thead th").all_inner_texts()
        assert scores == ["Model", "Strict (0.87)", "Floor", "External iq", "Given"]
        page.goto(f"{served}#/runs/ours")
        page.wait_for_selector(".panels:not(.two) .cell")
        page.get_by_role("button", name="0.6 of 2 labelled cat and called dog").click()
        page.wait_for_selector(".slices-found li")
        assert page.locator(".slices-found .path").all_inner_texts() == ["train/cat/1.png"]
        assert page.inner_text("[aria-label='Confusion matrix'] h2") == "Confusion matrix, strict (0.87)"
        page.get_by_role("button", name="1 of 1 labelled dog and called dog").click()
        page.wait_for_selector("text=None by mean probabilities.")
        assert not violations(page)


def test_a_judged_run_shows_what_is_left_and_no_learning_curves(opened, tmp_path):
    models = [compared("b", "Model B", {"given": FIGURE, "no-copies": FIGURE}, confusion=((1, 0), (0, 0)))]
    record = comparison(models, "b", ["cat", "dog"], protocols=("given", "no-copies"))
    rows = "model,path,split,label,predicted,left_out\nb,1.png,test,cat,cat,\nb,2.png,test,cat,cat,a copy\n"
    written_to(tmp_path / "theirs", {
        "metrics.json": json.dumps(judged(record, ["b"], ("given", "no-copies"))).encode(),
        "predictions.csv": rows.encode(),
    })  # fmt: skip
    with site(runs=tmp_path) as served:
        page = opened(served)
        page.wait_for_selector(".runs table")
        assert page.locator(".runs thead th").all_inner_texts()[-4:] == ["Model", "Strict", "No copies", "Given"]
        page.get_by_role("link", name="theirs").click()
        page.wait_for_selector(".panel .cell")
        assert "The predictions in predictions.csv were made elsewhere." in page.inner_text(".panel")
        assert page.locator("[aria-label='Learning curves']").count() == 0
        assert page.inner_text("[aria-label='Confusion matrix'] h2") == "Confusion matrix, no copies"
        page.locator(".cell.right").first.click()
        page.wait_for_selector(".slices-found li")
        assert page.locator(".slices-found .path").all_inner_texts() == ["1.png"]
        assert page.inner_text(".opened .soft").startswith("1 slice.")
        assert not violations(page)


def test_runs_are_shown_without_a_model(opened, tmp_path):
    written_to(tmp_path / "only", {"metrics.json": json.dumps(RUN).encode()})
    with site(runs=tmp_path) as served:
        page = opened(served)
        page.wait_for_selector(".runs table")
        assert page.locator("nav a").count() == 0
        page.get_by_role("link", name="only").click()
        page.wait_for_selector(".panel .cell")
        assert page.locator(".report").count() == 0  # this run has none


VIEWS = ("", "#/runs", "#/runs/second", "#/runs/first%20%26%20%3Ci%3E/second")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_shuts_out_who_reads_otherwise(opened, address, scheme):
    page = opened(address, scheme=scheme)
    page.wait_for_selector(".drop")
    assert not violations(page)
    read(page, {**PICTURES, **SERIES})
    assert not violations(page)
    for link in (page.locator(".strip a"), page.locator(".slices a").first, page.locator(".slices a").last):
        link.click()  # a slice between others, the first, the last
        explained(page)
        assert not violations(page)
        page.get_by_role("link", name="All slices").click()
        page.wait_for_selector(".slices")
    for view in VIEWS[1:]:
        page.goto(address + view)
        page.wait_for_selector(".runs table")
        for kind in (".cell.wrong:enabled", ".cell.right:enabled"):
            for cell in page.locator(kind).all()[:1]:
                cell.click()
                page.wait_for_selector(".slices-found")
                assert not violations(page)
        assert not violations(page)


def test_a_phone_shows_it_all_without_scrolling_sideways(opened, address):
    page = opened(address, width=360, height=740)
    page.wait_for_selector(".drop")
    assert sideways(page) == 0
    read(page, {**PICTURES, **SERIES, f"{'a-name-of-no-end' * 8}.png": flat(51)})
    assert sideways(page) == 0
    assert page.get_by_text("not a PNG, JPEG or DICOM file").locator("visible=true").count() == 1
    page.locator(".strip").get_by_role("link").click()
    explained(page)
    assert sideways(page) == 0
    for view in VIEWS[1:]:
        page.goto(address + view)
        page.wait_for_selector(".runs table")
        assert sideways(page) == 0
