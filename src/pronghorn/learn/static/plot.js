// Plots: a panel with two axes, its legend, and points that answer to mouse and keys.

const GRAB = 16; // pixels around a point where a mouse or a finger finds it
const LEGENDS = ["line", "points", "bars"];

/** What every panel has: a title, a legend, and a stage on which is drawn. */
class Panel {
  constructor() {
    this.title = make("figcaption", { class: "panel-title" });
    this.legend = make("ul", { class: "legend", "aria-hidden": "true" });
    this.stage = make("div", { class: "stage" });
    this.hint = make("p", { class: "hint" });
    this.node = make("figure", { class: "panel" });
    this.node.append(this.title, this.legend, this.stage, this.hint);
  }

  /** Takes what Python said of this panel, and draws it. */
  update(panel) {
    this.panel = panel;
    this.title.textContent = panel.title;
    this.title.hidden = !panel.title;
    this.draw();
  }

  /** Draws anew, for the width and the colours that the page has now. */
  draw() {}
}

class Plot extends Panel {
  /** `ask(event)` sends what was done to a point; `colour(name)` reads the theme. */
  constructor(ask, colour) {
    super();
    this.ask = ask;
    this.colour = colour;
    this.grounds = make("div", { class: "grounds" });
    this.tip = make("div", { class: "tip", hidden: true });
    this.canvases = [];
    this.active = null; // the point with the tab stop: {mark, index}
    this.moved = null; // a point that is elsewhere than Python knows: {drag, index, x, y}
    this.taken = null; // the point under the hand: {drag, index}
    this.dragging = false; // whether it was moved since it was taken
    this.let_go_now = false; // whether the click to come ends a drag
    this.targets = []; // the marks whose points answer to mouse and keys
    this.before_new = null; // how many points there were when one was added
    this.stage.append(this.grounds, this.tip);
    this.listen();
  }

  update(panel) {
    if (!this.dragging) this.moved = null;
    const had_focus = this.has_focus();
    super.update(panel);
    this.focus_new();
    if (had_focus && !this.has_focus()) this.focus_again();
  }

  has_focus() {
    return this.svg_home.contains(this.node.getRootNode().activeElement);
  }

  /** After the point with the focus was removed: to the one that took its tab stop. */
  focus_again() {
    const { active } = this;
    const mark = active && this.targets.find((each) => each.number === active.mark);
    if (mark) this.activate({ mark, index: active.index });
    else this.svg.focus({ preventScroll: true });
  }

  draw() {
    const { panel } = this;
    const width = this.stage.clientWidth;
    if (!panel || !width) return;
    this.marks = panel.marks.map((mark, number) => this.where_it_is(mark, number));
    this.node.classList.toggle("square", panel.square);
    this.place = place_of(panel, this.marks, width);
    this.targets = this.marks.filter((mark) => is_focusable(mark, panel));
    this.keep_active();
    patch_legend(this.legend, panel);
    this.draw_fields();
    const drawn = draw_plot(panel, this.marks, this.place, this.active);
    patch(this.svg_home, [drawn]);
    this.hint.textContent = hint_of(panel, this.marks);
    this.hint.hidden = !this.hint.textContent;
    if (this.shown) this.show_tip(this.shown);
  }

  get svg() {
    return this.svg_home.firstChild;
  }

  /** The mark with a point that is being moved where the hand has it. */
  where_it_is(mark, number) {
    const { moved } = this;
    if (!moved || mark.kind !== "points" || mark.drag !== moved.drag) {
      return { ...mark, number };
    }
    const [x, y] = [[...mark.x], [...mark.y]];
    if (moved.index < x.length) [x[moved.index], y[moved.index]] = [moved.x, moved.y];
    return { ...mark, number, x, y };
  }

  draw_fields() {
    const { place } = this;
    const fields = this.marks.filter((mark) => mark.kind === "field");
    while (this.canvases.length < fields.length) {
      this.canvases.push(make("canvas"));
      this.grounds.append(this.canvases.at(-1));
    }
    while (this.canvases.length > fields.length) this.canvases.pop().remove();
    this.grounds.style.cssText =
      `left:${place.left}px;top:${place.top}px;` +
      `width:${place.width}px;height:${place.height}px`;
    fields.forEach((field, i) => {
      paint_field(this.canvases[i], field, this.colour);
      const [x0, x1] = field.x.map(place.x.at);
      const [y0, y1] = field.y.map(place.y.at);
      this.canvases[i].style.cssText =
        `left:${x0 - place.left}px;top:${y1 - place.top}px;` +
        `width:${x1 - x0}px;height:${y0 - y1}px`;
      this.canvases[i].classList.toggle("crisp", field.palette === "labels");
    });
  }

  // Points under mouse, finger and keys.

  listen() {
    this.svg_home = make("div", { class: "drawn" });
    this.stage.insertBefore(this.svg_home, this.tip);
    const home = this.svg_home;
    home.addEventListener("pointerdown", (event) => this.take(event));
    home.addEventListener("touchstart", (event) => this.hold(event), { passive: false });
    home.addEventListener("pointermove", (event) => this.move(event));
    home.addEventListener("pointerup", (event) => this.let_go(event));
    home.addEventListener("pointercancel", (event) => this.let_go(event));
    home.addEventListener("pointerleave", () => this.hide_tip());
    home.addEventListener("click", (event) => this.click(event));
    home.addEventListener("contextmenu", (event) => this.right_click(event));
    home.addEventListener("keydown", (event) => this.key(event));
    home.addEventListener("focusin", (event) => this.focused(event.target));
    home.addEventListener("focusout", () => this.hide_tip());
  }

  /** Where on the stage an event was. */
  spot(event) {
    const box = this.svg_home.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** The nearest point that has something to say, or null. */
  nearest(spot, reach = GRAB, marks = this.targets) {
    let best = null;
    let distance = reach;
    for (const mark of marks) {
      for (let index = 0; index < mark.x.length; index += 1) {
        const [x, y] = [this.place.x.at(mark.x[index]), this.place.y.at(mark.y[index])];
        if (x === null || y === null) continue;
        const away = Math.hypot(x - spot.x, y - spot.y);
        if (away < distance) [best, distance] = [{ mark, index }, away];
      }
    }
    return best;
  }

  /** The nearest point that can be moved, or null. */
  movable(event) {
    const marks = this.targets.filter((mark) => mark.drag);
    return this.nearest(this.spot(event), GRAB, marks);
  }

  /** A finger on a point moves it, and not the page. */
  hold(event) {
    if (event.touches.length === 1 && this.movable(event.touches[0])) {
      event.preventDefault();
    }
  }

  take(event) {
    if (event.button !== 0) return;
    const found = this.movable(event);
    this.let_go_now = false;
    if (!found) return;
    event.preventDefault();
    this.activate(found);
    this.taken = { drag: found.mark.drag, index: found.index };
    this.svg_home.setPointerCapture(event.pointerId);
  }

  move(event) {
    const spot = this.spot(event);
    if (!this.taken) {
      const found = this.nearest(spot);
      if (found) this.show_tip(found);
      else this.hide_tip();
      return;
    }
    this.dragging = true;
    this.move_to(this.taken, this.place.x.value(spot.x), this.place.y.value(spot.y));
  }

  let_go(event) {
    if (!this.taken) return;
    this.svg_home.releasePointerCapture(event.pointerId);
    this.taken = null;
    this.dragging = false;
    this.let_go_now = true;
  }

  move_to({ drag, index }, x, y) {
    this.moved = { drag, index, x: five(x), y: five(y) };
    this.draw();
    this.ask({ kind: "move", mark: drag, index, x: this.moved.x, y: this.moved.y });
  }

  click(event) {
    const { place, panel } = this;
    if (this.let_go_now || !panel.add) return; // the end of a drag is no click
    const spot = this.spot(event);
    const inside =
      spot.x >= place.left &&
      spot.x <= place.left + place.width &&
      spot.y >= place.top &&
      spot.y <= place.top + place.height;
    if (inside) this.add(place.x.value(spot.x), place.y.value(spot.y));
  }

  right_click(event) {
    const found = this.nearest(this.spot(event));
    if (!found || !is_removable(found.mark, this.panel)) return;
    event.preventDefault();
    this.remove(found);
  }

  add(x, y) {
    this.before_new = this.grown()?.x.length ?? 0;
    this.ask({ kind: "add", mark: this.panel.add, x: five(x), y: five(y) });
  }

  remove({ index }) {
    this.ask({ kind: "remove", mark: this.panel.add, index });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.point_of(event.target);
    const { x, y } = this.place;
    if (event.key === "a" && this.panel.add) {
      const [from_x, from_y] = at
        ? [x.step(at.mark.x[at.index], 0.05), y.step(at.mark.y[at.index], 0.05)]
        : [x.step(x.low, 0.5), y.step(y.low, 0.5)];
      this.add(from_x, from_y);
    } else if (!at) {
      return;
    } else if (event.key === "Escape") {
      this.hide_tip();
    } else if (["Delete", "Backspace"].includes(event.key)) {
      if (!is_removable(at.mark, this.panel)) return;
      this.remove(at);
    } else if (event.key.startsWith("Arrow") && at.mark.drag) {
      const [right, up] = ARROWS[event.key];
      const part = event.shiftKey ? 0.1 : 0.01;
      const to_x = x.step(at.mark.x[at.index], right * part);
      const to_y = y.step(at.mark.y[at.index], up * part);
      this.move_to({ drag: at.mark.drag, index: at.index }, to_x, to_y);
    } else if (!this.walk(event.key, at)) {
      return;
    }
    event.preventDefault();
  }

  /** To another point, from left to right over the panel. */
  walk(key, at) {
    const all = this.targets.flatMap((mark) => mark.x.map((_, index) => ({ mark, index })));
    all.sort((a, b) => a.mark.x[a.index] - b.mark.x[b.index]);
    const here = all.findIndex((p) => p.mark === at.mark && p.index === at.index);
    const forward = ["PageDown", "ArrowRight", "ArrowUp"].includes(key);
    const back = ["PageUp", "ArrowLeft", "ArrowDown"].includes(key);
    if (key === "Home") this.activate(all[0]);
    else if (key === "End") this.activate(all.at(-1));
    else if (forward) this.activate(all[Math.min(here + 1, all.length - 1)]);
    else if (back) this.activate(all[Math.max(here - 1, 0)]);
    else return false;
    return true;
  }

  point_of(target) {
    const node = target.closest?.("[data-point]");
    if (!node) return null;
    const [number, index] = node.dataset.point.split(" ").map(Number);
    const mark = this.targets.find((each) => each.number === number);
    return mark ? { mark, index } : null;
  }

  /** Gives a point the tab stop and the focus. */
  activate({ mark, index }) {
    this.active = { mark: mark.number, index };
    this.draw();
    const node = this.svg_home.querySelector(`[data-point="${mark.number} ${index}"]`);
    node?.focus({ preventScroll: true });
  }

  focused(target) {
    const at = this.point_of(target);
    if (!at) return;
    this.active = { mark: at.mark.number, index: at.index };
    this.show_tip(at);
  }

  /** The mark that points are added to. */
  grown() {
    return this.targets.find((mark) => is_removable(mark, this.panel));
  }

  /** A point that was just added gets the focus. */
  focus_new() {
    if (this.before_new === null) return;
    const mark = this.grown();
    if (!mark || mark.x.length <= this.before_new) return;
    this.before_new = null;
    this.activate({ mark, index: mark.x.length - 1 });
  }

  /** The tab stop stays at a point that exists. */
  keep_active() {
    const mark = this.targets.find((each) => each.number === this.active?.mark);
    if (mark?.x.length) {
      const index = Math.min(this.active.index, mark.x.length - 1);
      this.active = { mark: mark.number, index };
      return;
    }
    const first = this.targets.find((each) => each.x.length);
    this.active = first ? { mark: first.number, index: 0 } : null;
  }

  show_tip({ mark, index }) {
    const now = this.targets.find((each) => each.number === mark.number);
    if (!now || index >= now.x.length) return this.hide_tip();
    this.shown = { mark: now, index };
    const [label, ...numbers] = words_of(now, index, this.panel);
    const lines = numbers.map((each) => h("span", {}, each));
    if (label) lines.unshift(h("b", {}, label));
    show_tip(this.tip, lines, this.place.x.at(now.x[index]), this.place.y.at(now.y[index]));
  }

  hide_tip() {
    this.shown = null;
    this.tip.hidden = true;
  }
}

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

const five = (value) => Number(value.toPrecision(5));

const is_removable = (mark, panel) =>
  Boolean(panel.add) && (mark.drag === panel.add || mark.name === panel.add);

const is_focusable = (mark, panel) =>
  mark.kind === "points" &&
  Boolean(mark.labels || mark.drag || is_removable(mark, panel));

/** The label of a point, and its two numbers. */
function words_of(mark, index, panel) {
  const numbers = ["x", "y"].map((axis) => {
    const value = short(mark[axis][index]);
    return panel[axis].label ? `${panel[axis].label}: ${value}` : `${axis}: ${value}`;
  });
  return [mark.labels?.[index] ?? "", ...numbers];
}

function hint_of(panel, marks) {
  const drag = marks.some((mark) => mark.drag);
  const said = [];
  if (panel.add) said.push("Click to add a point (or press A).");
  if (drag) said.push("Drag points, or move them with the arrow keys; Shift: further.");
  if (drag && panel.add) said.push("Delete removes.");
  return said.join(" ");
}

/** Words above a place of the stage, kept inside it. */
function show_tip(tip, lines, x, y) {
  patch(tip, lines);
  tip.hidden = false;
  const half = tip.offsetWidth / 2 + 2;
  const room = tip.parentNode.clientWidth;
  const centre = Math.max(half, Math.min(room - half, x));
  const below = y < tip.offsetHeight + 14;
  tip.style.left = `${centre - half + 2}px`;
  tip.style.top = `${below ? y + 12 : y - tip.offsetHeight - 10}px`;
}
