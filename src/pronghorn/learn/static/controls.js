// Controls: sliders, choices, switches and buttons as the browser has them.

/** All controls of a figure. `ask(event)` is called when one is used. */
class Controls {
  constructor(list, ask) {
    this.ask = ask;
    this.values = {};
    this.setters = {};
    this.touched = new Set(); // set by hand since the last question was sent
    this.held = null; // the slider under the mouse or the finger
    this.node = make("div", { class: "controls" });
    for (const control of list) {
      const made = MAKERS[control.kind](control, this);
      const last = this.node.lastElementChild;
      // Buttons that follow one another share a place.
      if (control.kind === "button" && last?.classList.contains("buttons")) {
        last.append(...made.children);
      } else {
        this.node.append(made);
      }
    }
    this.node.hidden = list.length === 0;
  }

  /** A value was set by hand. */
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.touched.add(name);
    this.ask({ kind: "value", mark: name });
  }

  /** Values that Python set; what a hand is at stays as the hand has it. */
  take(values) {
    for (const [name, value] of Object.entries(values)) {
      if (name === this.held || this.touched.has(name)) continue;
      if (!(name in this.setters)) continue;
      this.values[name] = value;
      this.setters[name](value);
    }
  }
}

const MAKERS = {
  slider(control, controls) {
    const id = fresh_id();
    const steps = scale_of_slider(control);
    const { min, max, step } = steps;
    const input = make("input", { id, type: "range", min, max, step });
    const value = make("output", { for: id });
    const show = (now) => {
      value.textContent = written(now, control);
      input.setAttribute("aria-valuetext", value.textContent);
      const part = Math.min(1, Math.max(0, (steps.place(now) - min) / (max - min)));
      input.style.setProperty("--part", part);
    };
    const set = (now) => {
      input.value = control.log ? Math.round(steps.place(now)) : now;
      show(now);
    };
    input.addEventListener("input", () => {
      const now = steps.value(Number(input.value));
      show(now);
      controls.set(control.name, now);
    });
    input.addEventListener("pointerdown", () => (controls.held = control.name));
    for (const end of ["pointerup", "pointercancel", "change", "blur"]) {
      input.addEventListener(end, () => {
        if (controls.held === control.name) controls.held = null;
      });
    }
    enter(controls, control, set);
    const label = make("label", { for: id }, control.label);
    const line = make("div", { class: "control-line" }, label, value);
    return make("div", { class: "control slider" }, line, input);
  },

  choice(control, controls) {
    const id = fresh_id();
    const options = control.options.map((each) => make("option", { value: each }, each));
    const select = make("select", { id }, ...options);
    select.addEventListener("change", () => controls.set(control.name, select.value));
    enter(controls, control, (now) => (select.value = now));
    const label = make("label", { for: id }, control.label);
    return make("div", { class: "control choice" }, label, select);
  },

  switch(control, controls) {
    const id = fresh_id();
    const box = make("input", { id, type: "checkbox" });
    box.addEventListener("change", () => controls.set(control.name, box.checked));
    enter(controls, control, (now) => (box.checked = now));
    const label = make("label", { for: id }, control.label);
    return make("div", { class: "control switch" }, box, label);
  },

  button(control, controls) {
    const button = make("button", { type: "button" }, control.label);
    const event = { kind: "press", mark: control.name };
    button.addEventListener("click", () => controls.ask(event));
    return make("div", { class: "control buttons" }, button);
  },
};

function enter(controls, { name, value }, set) {
  controls.values[name] = value;
  controls.setters[name] = set;
  set(value);
}

/** What the browser's slider counts in: the values themselves, or, where even steps
 * multiply, the number of the step. */
function scale_of_slider(control) {
  return control.log ? steps_by_factor(control) : steps_by_sum(control);
}

function steps_by_sum({ low, high, step }) {
  // Steps lie at the multiples of a step, 0 among them, where the ends leave the choice.
  const whole = (value) => Math.abs(value - Math.round(value)) < 1e-6;
  const from_low = low > 0 || high < 0 || whole((high - low) / step);
  const clean = (value) => Number(value.toPrecision(10));
  const min = from_low ? low : clean(Math.ceil(low / step) * step);
  const max = from_low ? high : clean(Math.floor(high / step) * step);
  return { min, max, step, value: (place) => place, place: (value) => value };
}

function steps_by_factor({ low, high, step }) {
  const size = Math.log(high / low);
  const max = Math.max(1, Math.round(size / Math.log(step)));
  const value = (place) => {
    if (place <= 0) return low;
    if (place >= max) return high;
    return Number((low * Math.exp((size * place) / max)).toPrecision(6));
  };
  return { min: 0, max, step: 1, value, place: (now) => (Math.log(now / low) / size) * max };
}

/** The value and its unit, in as many digits as the slider's steps have. */
function written(value, { step, log, whole, unit }) {
  let text = short(value, 3);
  if (whole) text = write(value, 0);
  else if (!log) {
    const decimals = Math.min(4, decimals_of(step));
    const off_steps = Math.abs(value - Number(value.toFixed(decimals))) > 1e-9;
    text = write(value, decimals + (off_steps ? 1 : 0));
  }
  return unit ? `${text}\u202f${unit}` : text;
}
