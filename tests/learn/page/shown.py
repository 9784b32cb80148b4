"""A page with live figures in a real browser, and Python's `Figure` behind it.

The page has a model such as anywidget gives (`get`, `set`, `on`, `off`,
`save_changes`); what it saves goes to a real `Figure`, whose scene comes back. Nothing
but the page and the module is served, and what else is asked for is written down.
"""

from __future__ import annotations

import json
from typing import Any

from pronghorn.learn.figure import Figure

HOME = "http://figure.test/"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ margin: 8px; color-scheme: light dark; background: light-dark(#fff, #181c1a) }}
</style>
</head><body><div id="host"></div>
<script type="module">
import widget from "./figure.js";
const state = {state};
const heard = new Map();
window.asked = [];
window.scenes = [];
window.delay = 0;
window.silent = false;
const model = {{
  get: (name) => state[name],
  set: (name, value) => (state[name] = value),
  on: (name, listen) => heard.set(name, listen),
  off: (name) => heard.delete(name),
  async save_changes() {{
    const asked = structuredClone(state.ask);
    window.asked.push(asked);
    if (window.silent) return;
    if (window.delay) await new Promise((done) => setTimeout(done, window.delay));
    window.receive(await window.ask_python(asked));
  }},
}};
window.receive = (scene) => {{
  state.scene = scene;
  window.scenes.push(scene);
  heard.get("change:scene")?.();
}};
const host = document.querySelector("#host");
const root = host.attachShadow({{ mode: "open" }});
const style = document.createElement("style");
style.textContent = {css};
const el = document.createElement("div");
root.append(style, el);
window.close_figure = widget.render({{ model, el }});
window.ready = true;
</script></body></html>
"""


class Shown:
    """A figure that is open in a page of the browser."""

    def __init__(self, page: Any, figure: Figure) -> None:
        self.page = page
        self.figure = figure
        self.messages: list[str] = []
        self.strangers: list[str] = []
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.expose_function("ask_python", self._ask)
        page.route("**/*", self._serve)
        page.goto(HOME)
        page.wait_for_function("window.ready")

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.figure.ask = asked
        return self.figure.scene

    def _serve(self, route: Any) -> None:
        url = route.request.url
        if url == HOME:
            state = {
                "title": self.figure.title,
                "controls": self.figure.controls,
                "scene": self.figure.scene,
                "ask": {},
            }
            page = PAGE.format(state=json.dumps(state), css=json.dumps(Figure._css))
            route.fulfill(body=page, content_type="text/html")
        elif url == HOME + "figure.js":
            route.fulfill(body=Figure._esm, content_type="text/javascript")
        else:
            self.strangers.append(url)
            route.abort()

    def all(self, script: str) -> Any:
        """The value of a script that has the figure's shadow root as `root`."""
        lead = "const root = document.querySelector('#host').shadowRoot;"
        return self.page.evaluate(f"() => {{ {lead} return {script} }}")
