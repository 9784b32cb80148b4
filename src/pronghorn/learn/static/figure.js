// The figure: asks Python by its controls and points, and shows the scenes that come.
//
// This file comes last: `figure.py` joins it with the files beside it into one module.

const PATIENCE = 10_000; // milliseconds until the page says that it waits
const BREATH = 1_000; // at least between two announcements

/** Questions to Python: one at a time; of newer values only the newest waits, but what
 * was done (a press, a point moved, added or removed) is never lost. */
class Questions {
  constructor(model, controls, waits) {
    this.model = model;
    this.controls = controls;
    this.waits = waits;
    this.line = [];
    this.serial = null; // of the question that is not answered yet
  }

  ask(event) {
    const newer = (old) =>
      event.kind === old.kind &&
      (event.kind === "value" ||
        (event.kind === "move" && event.mark === old.mark && event.index === old.index));
    if (event.kind === "value") this.line = this.line.filter((old) => !newer(old));
    else if (this.line.length && newer(this.line.at(-1))) this.line.pop();
    this.line.push(event);
    if (this.late) this.serial = null; // that answer never came: Python began anew
    this.send();
  }

  send() {
    if (this.serial !== null || this.line.length === 0) return;
    const event = this.line.shift();
    const known = [this.model.get("ask")?.serial, this.model.get("scene")?.serial];
    this.serial = Math.max(0, ...known.map((each) => each ?? 0)) + 1;
    this.controls.touched.clear();
    const values = { ...this.controls.values };
    this.model.set("ask", { serial: this.serial, values, event });
    this.model.save_changes();
    this.wait(true);
  }

  answered(scene) {
    if (this.serial === null || (scene.serial ?? 0) < this.serial) return;
    this.serial = null;
    this.wait(false);
    this.send();
  }

  wait(begins) {
    clearTimeout(this.timer);
    this.late = false;
    this.waits(false);
    if (!begins) return;
    this.timer = setTimeout(() => {
      this.late = true;
      this.waits(true);
    }, PATIENCE);
  }

  close() {
    clearTimeout(this.timer);
  }
}

/** Plays frames, and then shows where the figure rests. */
class Film {
  constructor(show) {
    this.show = show;
  }

  play({ frames, seconds, panels }) {
    this.stop();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!frames?.length || !(seconds > 0) || still) return this.show(panels);
    this.rest = panels;
    const began = performance.now();
    let next = 0;
    const turn = () => {
      const part = (performance.now() - began) / (1000 * seconds);
      if (part >= 1) return this.finish();
      const end = Math.floor(part * frames.length) + 1;
      if (end > next) this.show(latest(frames.slice(next, end)));
      next = end;
      this.turn = requestAnimationFrame(turn);
    };
    // Panels that no frame shows are at rest from the beginning.
    const moving = latest(frames);
    this.show(panels.map((panel, i) => (moving[i] ? null : panel)));
    turn();
  }

  /** Cuts the film short. */
  finish() {
    const { rest } = this;
    this.stop();
    if (rest) this.show(rest);
  }

  stop() {
    cancelAnimationFrame(this.turn);
    this.rest = null;
  }
}

/** What is seen after some frames: null in a frame leaves a panel as it was. */
function latest(frames) {
  return frames.reduce((before, frame) => frame.map((panel, i) => panel ?? before[i]));
}

/** Light or dark, as the page around has it: marimo, Jupyter, or else the system. */
class Theme {
  constructor(root, changed) {
    this.root = root;
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.look = () => {
      const theme = this.now();
      if (root.dataset.theme === theme) return;
      root.dataset.theme = theme;
      this.read = null;
      changed();
    };
    this.system.addEventListener("change", this.look);
    this.watch = new MutationObserver(this.look);
    const attributeFilter = ["class", "data-theme", "data-jp-theme-light"];
    for (const node of [document.documentElement, document.body]) {
      this.watch.observe(node, { attributes: true, attributeFilter });
    }
    root.dataset.theme = this.now();
    /** A colour of the stylesheet by its name. */
    this.colour = (name) => {
      this.read ??= getComputedStyle(root);
      return this.read.getPropertyValue(`--${name}`);
    };
  }

  now() {
    for (const node of [document.body, document.documentElement]) {
      const { theme, jpThemeLight } = node.dataset;
      if (theme === "dark" || theme === "light") return theme;
      if (jpThemeLight) return jpThemeLight === "false" ? "dark" : "light";
      if (node.classList.contains("dark")) return "dark";
    }
    return this.system.matches ? "dark" : "light";
  }

  close() {
    this.watch.disconnect();
    this.system.removeEventListener("change", this.look);
  }
}

/** One line below the figure, read aloud at most once a second. */
class Saying {
  constructor() {
    this.seen = make("p", { class: "say", "aria-hidden": "true" });
    this.heard = make("p", { class: "unseen", "aria-live": "polite" });
    this.told = -Infinity;
  }

  say(text) {
    this.seen.textContent = text;
    this.seen.hidden = !text;
    clearTimeout(this.timer);
    const tell = () => {
      this.told = performance.now();
      if (this.heard.textContent !== text) this.heard.textContent = text;
    };
    const wait = this.told + BREATH - performance.now();
    if (wait <= 0) tell();
    else this.timer = setTimeout(tell, wait);
  }

  close() {
    clearTimeout(this.timer);
  }
}

function render({ model, el }) {
  const title = model.get("title");
  const root = make("section", { class: "pronghorn-figure", role: "group" });
  root.setAttribute("aria-label", title || "Live figure");
  const heading = make("p", { class: "title", "aria-hidden": "true" }, title);
  heading.hidden = !title;
  const alert = make("p", { class: "alert", role: "alert", hidden: true });
  const waiting = make("p", { class: "waiting", role: "status" });
  const saying = new Saying();
  const ask = (event) => {
    film.finish();
    questions.ask(event);
  };
  const controls = new Controls(model.get("controls"), ask);
  const waits = (late) => (waiting.textContent = late ? "waiting for Python" : "");
  const questions = new Questions(model, controls, waits);
  const theme = new Theme(root, () => panels.draw());
  const panels = new Panels(ask, theme.colour);
  const film = new Film((shown) => panels.update(shown));
  root.append(heading, controls.node, panels.node, saying.seen, saying.heard);
  root.append(alert, waiting);
  el.append(root);

  const show = () => {
    const scene = model.get("scene");
    if (!scene?.panels) return;
    controls.take(scene.values ?? {});
    questions.answered(scene);
    film.play(questions.serial === null ? scene : { panels: scene.panels });
    saying.say(scene.say);
    alert.textContent = scene.error ?? "";
    alert.hidden = !scene.error;
  };
  model.on("change:scene", show);
  show();
  return () => {
    model.off("change:scene", show);
    film.stop();
    for (const part of [questions, theme, panels, saying]) part.close();
  };
}

export default { render };
