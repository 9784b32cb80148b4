"""Live figures in a real browser: what is drawn, asked, moved, heard and coloured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

KINDS = {
    "neuron": {
        ".area > * > path.residuals": 1,
        ".area path.line": 2,
        "path.dashed": 2,  # one of them in the legend
        "path.rule": 1,
        "g.target": 20,
        ".legend li": 3,
        ".text p": 4,
        "input[type=range]": 2,
        "input[type=checkbox]": 1,
    },
    "curves": {".area path.line": 3, ".area .dot": 40, "path.rule": 2, "button": 1},
    "surface": {"canvas": 2, "path.contours": 1, ".halo": 2, ".grid path": 0},
    "boundary": {"canvas": 2, "g.target.drag": 24, ".area path.contours": 1},
    "columns": {"rect.bar": 18, "path.interval": 8, ".axes text": 24},
    "three": {"path.face": 64, ".space path.residuals": 20, ".drawing circle": 1},
}

Show = Callable[..., Any]


@pytest.mark.parametrize("name", KINDS)
def test_each_mark_is_drawn(show: Show, name: str) -> None:
    shown = show(name)
    counts = {
        selector: shown.all(f"root.querySelectorAll({selector!r}).length")
        for selector in KINDS[name]
    }
    assert counts == KINDS[name]
    assert "NaN" not in shown.all("root.innerHTML")


@pytest.mark.parametrize("width", [380, 1200])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_sticks_out(show: Show, name: str, width: int) -> None:
    shown = show(name, width)
    outside = shown.all(
        """[...root.querySelectorAll(
            ".panel text, .controls :not(option), .legend *, svg")]
          .map((node) => [node.textContent, node.getBoundingClientRect()])
          .filter(([, box]) => box.left < 8 || box.right > innerWidth - 8)
          .map(([text]) => text)"""
    )
    assert outside == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", KINDS)
def test_no_two_words_overlap(show: Show, name: str) -> None:
    for width in (380, 1000):
        shown = show(name, width)
        assert (
            shown.all(
                """[...root.querySelectorAll(".panel > .stage > .drawn > svg")].flatMap(
                  (svg) => {
                    const all = [...svg.querySelectorAll("text:not([transform])")];
                    const boxes = all.map((text) => text.getBoundingClientRect());
                    return all.flatMap((text, i) => all.slice(i + 1).filter((_, j) => {
                      const [a, b] = [boxes[i], boxes[i + 1 + j]];
                      return a.left < b.right && b.left < a.right
                        && a.top + 3 < b.bottom && b.top + 3 < a.bottom;
                    }).map((other) => [text.textContent, other.textContent]));
                  })"""
            )
            == []
        )


def test_a_slider_asks_and_the_figure_follows(show: Show) -> None:
    shown = show("neuron")
    slider = shown.page.get_by_role("slider", name="weight w")
    before = shown.all('root.querySelectorAll(".area path.line")[1].getAttribute("d")')
    shown.page.evaluate("window.kept = document.querySelector('#host')")
    node = shown.page.locator("path.line").last.element_handle()
    slider.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.page.wait_for_function("window.scenes.length === 1")
    assert shown.page.evaluate("window.asked") == [
        {
            "serial": 1,
            "values": {"w": 2.6, "b": 90, "help": True},
            "event": {"kind": "value", "mark": "w"},
        }
    ]
    after = shown.all('root.querySelectorAll(".area path.line")[1].getAttribute("d")')
    assert after != before
    assert node.evaluate("(node) => node.isConnected")  # changed, not made anew
    assert shown.all("root.activeElement.type") == "range"
    assert shown.page.locator("output").first.inner_text() == "2.6\u202fkcal/g"
    assert slider.get_attribute("aria-valuetext") == "2.6\u202fkcal/g"
    assert "weight 2.6" in shown.page.locator(".say").inner_text()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("uneven", ["−8.10", "−8.05", "8.10"]),
        ("hundredths", ["1.00", "1.07", "8.00"]),
        ("whole", ["0", "1", "10"]),
        ("rate", ["0.00001", "0.0000126", "1"]),
        ("width", ["1\u202funits", "2\u202funits", "256\u202funits"]),
    ],
)
def test_where_sliders_stop(show: Show, name: str, written: list[str]) -> None:
    shown = show("sliders")
    slider = shown.page.get_by_role("slider", name=name)
    slider.focus()
    found = []
    for key in ("Home", "ArrowRight", "End"):
        shown.page.keyboard.press(key)
        found.append(slider.get_attribute("aria-valuetext"))
    assert found == written
    shown.page.wait_for_function("window.scenes.length === window.asked.length")
    last = float(written[-1].split("\u202f")[0])
    assert shown.figure.values[name] == last


def test_a_value_of_python_may_lie_between_two_steps(show: Show) -> None:
    shown = show("sliders")
    shown.page.evaluate(
        "window.receive({ panels: [], say: '', values: { uneven: 1.234, whole: 7 } })"
    )
    uneven = shown.page.get_by_role("slider", name="uneven")
    assert uneven.get_attribute("aria-valuetext") == "1.234"
    assert float(uneven.input_value()) == 1.25
    assert shown.page.get_by_role("slider", name="whole").input_value() == "7"


def test_one_question_at_a_time_and_the_newest_waits(show: Show) -> None:
    shown = show("neuron")
    shown.page.evaluate("window.delay = 100")
    shown.page.evaluate(
        """() => {
          const root = document.querySelector("#host").shadowRoot;
          const slider = root.querySelector("input[type=range]");
          for (let step = 1; step <= 20; step += 1) {
            slider.stepUp();
            slider.dispatchEvent(new Event("input", { bubbles: true }));
          }
          root.querySelector("input[type=checkbox]").click();
        }"""
    )
    shown.page.wait_for_function("window.scenes.length === 2")
    asked = shown.page.evaluate("window.asked")
    assert [each["serial"] for each in asked] == [1, 2]
    assert asked[0]["values"] == {"w": 2.6, "b": 90, "help": True}
    assert asked[1]["values"] == {"w": 4.5, "b": 90, "help": False}
    assert shown.figure.values == asked[1]["values"]


def test_what_was_done_is_never_lost(show: Show) -> None:
    shown = show("boundary")
    shown.page.evaluate("window.delay = 60")
    plot = shown.page.locator("svg.plot").first
    box = plot.bounding_box()
    for step in range(4):
        plot.click(position={"x": box["width"] - 40 - 30 * step, "y": 60})
    shown.page.wait_for_function("window.scenes.length === 4")
    events = [each["event"] for each in shown.page.evaluate("window.asked")]
    assert [event["kind"] for event in events] == ["add"] * 4
    assert shown.page.locator("g.target").count() == 28
    assert len({event["x"] for event in events}) == 4


def test_points_by_keyboard(show: Show) -> None:
    shown = show("boundary")
    press = shown.page.keyboard.press
    shown.page.locator("svg.plot").first.focus()
    press("Tab")  # one stop for all points
    assert shown.all("root.activeElement.dataset.point") == "2 0"
    press("ArrowRight")
    press("Shift+ArrowUp")
    shown.page.wait_for_function("window.scenes.length === 2")
    events = [each["event"] for each in shown.page.evaluate("window.asked")]
    assert events[0] == {"kind": "move", "mark": "rows", "index": 0, "x": 1.04, "y": 0}
    assert events[1]["x"] == 1.04 and events[1]["y"] == 0.25
    assert shown.all("root.activeElement.dataset.point") == "2 0"
    assert shown.page.locator(".tip").first.inner_text() == "x: 1.04\ny: 0.25"
    press("End")
    assert shown.all("root.activeElement.dataset.point") == "2 23"
    press("a")
    shown.page.wait_for_function("window.scenes.length === 3")
    assert shown.all("root.activeElement.dataset.point") == "2 24"  # the new one
    press("Delete")
    shown.page.wait_for_function("window.scenes.length === 4")
    last = shown.page.evaluate("window.asked.at(-1).event")
    assert last == {"kind": "remove", "mark": "rows", "index": 24}
    assert shown.page.locator("g.target").count() == 24
    assert shown.all("root.activeElement.dataset.point") == "2 23"
    assert shown.page.locator("g.target[tabindex='0']").count() == 1


def test_points_by_mouse(show: Show) -> None:
    shown = show("boundary")
    mouse = shown.page.mouse
    box = shown.page.locator("g.target").nth(5).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    assert shown.page.locator(".tip").first.is_visible()
    mouse.down()
    mouse.move(x + 30, y + 20, steps=5)
    mouse.up()
    shown.page.wait_for_function("window.scenes.length === window.asked.length")
    asked = shown.page.evaluate("window.asked")
    assert {each["event"]["kind"] for each in asked} == {"move"}  # no point was added
    mouse.move(x + 90, y + 60)
    assert shown.page.evaluate("window.asked.length") == len(asked)  # let go
    now = shown.page.locator("g.target").nth(5).bounding_box()
    assert abs(now["x"] - box["x"] - 30) < 1.5 and abs(now["y"] - box["y"] - 20) < 1.5


def test_the_other_button_removes(show: Show) -> None:
    shown = show("boundary")
    shown.page.locator("g.target").nth(3).click(button="right", force=True)
    shown.page.wait_for_function("window.scenes.length === 1")
    asked = shown.page.evaluate("window.asked[0].event")
    assert asked == {"kind": "remove", "mark": "rows", "index": 3}
    assert shown.page.locator("g.target").count() == 23


def test_points_by_touch(show: Show) -> None:
    shown = show("boundary", 380, has_touch=True)
    target = shown.page.locator("g.target").nth(5)
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = shown.page.context.new_cdp_session(shown.page)

    def send(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": at_x, "y": at_y} for at_x, at_y in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", (x, y))
    for step in range(1, 6):
        send("touchMove", (x + 5 * step, y + 6 * step))
    send("touchEnd")
    shown.page.wait_for_timeout(300)
    now = target.bounding_box()
    assert abs(now["x"] - box["x"] - 25) < 1.5 and abs(now["y"] - box["y"] - 30) < 1.5
    shown.page.touchscreen.tap(x + 60, y - 20)
    shown.page.wait_for_function("window.asked.at(-1).event.kind === 'add'")


def test_labels_are_walked_with_the_arrow_keys(show: Show) -> None:
    shown = show("neuron")
    first = shown.page.locator("g.target[tabindex='0']")
    first.focus()
    shown.page.keyboard.press("Home")
    shown.page.keyboard.press("ArrowRight")
    tip = shown.page.locator(".tip").first.inner_text()
    assert tip.startswith("Cereal 12") and "sugars (g per serving): 1\n" in tip
    assert shown.page.evaluate("window.asked") == []


def test_training_is_a_film_that_a_new_question_cuts_short(show: Show) -> None:
    shown = show("curves")
    shown.page.evaluate(
        """() => {
          const root = document.querySelector("#host").shadowRoot;
          const line = root.querySelector(".area path.line");
          window.lengths = new Set();
          new MutationObserver(() => window.lengths.add(line.getAttribute("d").length))
            .observe(line, { attributes: true });
        }"""
    )
    shown.page.get_by_text("Train", exact=True).click()
    shown.page.wait_for_timeout(900)
    assert shown.page.evaluate("window.lengths.size") > 6
    slider = shown.page.get_by_role("slider", name="learning rate")
    assert slider.get_attribute("aria-valuetext") == "0.1"  # where training led
    shown.page.get_by_text("Train", exact=True).click()
    slider.focus()
    shown.page.keyboard.press("ArrowLeft")
    shown.page.wait_for_function("window.scenes.length === 3")
    shown.page.evaluate("window.lengths.clear()")
    shown.page.wait_for_timeout(700)
    assert shown.page.evaluate("window.lengths.size") <= 1


def test_no_film_for_those_who_want_none(show: Show) -> None:
    shown = show("curves", reduced_motion="reduce")
    shown.page.evaluate("window.frames_asked = 0")
    shown.page.evaluate(
        """() => {
          const real = window.requestAnimationFrame;
          window.requestAnimationFrame = (turn) => {
            window.frames_asked += 1;
            return real(turn);
          };
        }"""
    )
    shown.page.get_by_text("Train", exact=True).click()
    shown.page.wait_for_function("window.scenes.length === 1")
    assert shown.page.evaluate("window.frames_asked") == 0
    assert "loss" in shown.page.locator(".say").inner_text()


def test_values_leave_alone_what_the_hand_is_at(show: Show) -> None:
    shown = show("curves")
    slider = shown.page.get_by_role("slider", name="learning rate")
    box = slider.bounding_box()
    shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.page.mouse.down()
    shown.page.wait_for_function("window.scenes.length === window.asked.length")
    held = slider.input_value()
    push = "window.receive({ ...window.scenes.at(-1) ?? {}, values: { rate: 0.5 } })"
    if not shown.page.evaluate("window.scenes.length"):
        shown.page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 5)
        shown.page.wait_for_function("window.scenes.length > 0")
        held = slider.input_value()
    shown.page.evaluate(push)
    assert slider.input_value() == held
    shown.page.mouse.up()
    shown.page.evaluate(push)
    assert slider.get_attribute("aria-valuetext") == "0.5"


def test_an_error_is_told_plainly_and_goes_away(show: Show) -> None:
    shown = show("wrong")
    alert = shown.page.get_by_role("alert")
    shown.page.get_by_role("slider", name="v").focus()
    shown.page.keyboard.press("End")
    alert.wait_for(state="visible")
    assert alert.inner_text() == "v: expected at most 1\n  received 2"
    assert shown.page.locator(".text").inner_text().strip() == "v = 0"
    shown.page.keyboard.press("Home")
    alert.wait_for(state="hidden")


def test_it_says_that_it_waits_and_asks_again(show: Show) -> None:
    shown = show("wrong")
    shown.page.clock.install()
    shown.page.evaluate("window.silent = true")
    shown.page.get_by_role("slider", name="v").focus()
    shown.page.keyboard.press("ArrowRight")
    waiting = shown.page.locator(".waiting")
    shown.page.clock.run_for(9_000)
    assert waiting.inner_text() == ""
    shown.page.clock.run_for(2_000)
    assert waiting.inner_text() == "waiting for Python"
    shown.page.evaluate("window.silent = false")
    shown.page.keyboard.press("ArrowLeft")
    shown.page.wait_for_function("window.scenes.length === 1")
    assert waiting.inner_text() == ""


def test_it_speaks_once_a_second(show: Show) -> None:
    shown = show("wrong")
    shown.page.clock.install()
    heard = shown.page.locator("[aria-live=polite]")
    shown.page.evaluate(
        """() => {
          const node = document.querySelector("#host").shadowRoot
            .querySelector("[aria-live=polite]");
          window.heard = [];
          new MutationObserver(() => window.heard.push(node.textContent))
            .observe(node, { childList: true });
        }"""
    )
    shown.page.get_by_role("slider", name="v").focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowRight"):
        shown.page.keyboard.press(key)
    shown.page.wait_for_function("window.scenes.length === window.asked.length")
    shown.page.clock.run_for(1_500)
    assert heard.inner_text() == "v is 1"
    assert len(shown.page.evaluate("window.heard")) <= 2


def test_names_for_those_who_cannot_see(show: Show) -> None:
    shown = show("neuron")
    group = shown.page.get_by_role("group", name="The linear unit")
    assert group.count() == 1
    plot = shown.page.locator("svg.plot")
    assert plot.get_attribute("role") == "application"  # its points are walked
    assert "a cereal (20 points)" in plot.get_attribute("aria-label")
    assert show("curves").page.locator("svg.plot").first.get_attribute("role") == "img"
    three = show("three")
    name = three.page.locator("svg.space").get_attribute("aria-label")
    assert "calories (kcal) over sugars (g) and fiber (g)" in name
    assert three.page.get_by_role("img", name="The unit").count() == 1


def test_space_is_turned_and_keeps_its_view(show: Show) -> None:
    shown = show("three")
    space = shown.page.locator("svg.space")
    first = space.locator("path.face").first.get_attribute("d")
    space.focus()
    shown.page.keyboard.press("ArrowRight")
    turned = space.locator(".frame").first.get_attribute("d")
    shown.page.get_by_role("slider", name="weight of sugars").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.page.wait_for_function("window.scenes.length === 1")
    assert space.locator(".frame").first.get_attribute("d") == turned
    box = space.bounding_box()
    shown.page.mouse.move(box["x"] + 200, box["y"] + 200)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 240, box["y"] + 210)
    shown.page.mouse.up()
    assert space.locator(".frame").first.get_attribute("d") != turned
    shown.page.get_by_role("slider", name="weight of sugars").focus()
    shown.page.keyboard.press("ArrowLeft")
    shown.page.wait_for_function("window.scenes.length === 2")
    space.focus()
    shown.page.keyboard.press("Home")
    assert space.locator("path.face").first.get_attribute("d") == first


DARK = [
    "document.body.dataset.theme = 'dark'",  # marimo
    "document.body.dataset.jpThemeLight = 'false'",  # Jupyter
    "document.documentElement.classList.add('dark')",
]


@pytest.mark.parametrize("mark", DARK)
def test_the_page_around_says_what_is_dark(show: Show, mark: str) -> None:
    shown = show("boundary", color_scheme="light")
    look = "getComputedStyle(root.querySelector('section')).backgroundColor"
    picture = "root.querySelector('canvas').toDataURL()"
    light, light_picture = shown.all(look), shown.all(picture)
    shown.page.evaluate(mark)
    shown.page.wait_for_timeout(50)
    assert light == "rgb(255, 255, 255)" and shown.all(look) == "rgb(25, 28, 34)"
    assert shown.all(picture) != light_picture


def test_else_the_system_says_what_is_dark(show: Show) -> None:
    shown = show("wrong", color_scheme="dark")
    assert shown.all("root.querySelector('section').dataset.theme") == "dark"
    shown.page.emulate_media(color_scheme="light")
    shown.page.wait_for_timeout(50)
    assert shown.all("root.querySelector('section').dataset.theme") == "light"
    shown.page.evaluate("document.body.dataset.theme = 'dark'")  # the page wins
    shown.page.wait_for_timeout(50)
    assert shown.all("root.querySelector('section').dataset.theme") == "dark"


def test_a_closed_figure_listens_no_more(show: Show) -> None:
    shown = show("wrong")
    shown.page.evaluate("window.close_figure()")
    shown.page.evaluate("document.body.dataset.theme = 'dark'")
    shown.page.wait_for_timeout(50)
    assert shown.all("root.querySelector('section').dataset.theme") == "light"
    shown.page.evaluate("window.receive({ panels: [], say: 'late' })")
    assert shown.page.locator(".say").inner_text() == "v is 0"
