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
    for (const control of list) this.node.append(MAKERS[control.kind](control, this));
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
    const steps = steps_of(control);
    const input = make("input", { id, type: "range", min: 0, max: steps.count, step: 1 });
    const value = make("output", { for: id });
    const show = (now) => {
      value.textContent = written(now, control);
      input.setAttribute("aria-valuetext", value.textContent);
      const part = Math.min(1, Math.max(0, steps.place(now) / steps.count));
      input.style.setProperty("--part", part);
    };
    const set = (now) => {
      input.value = Math.round(steps.place(now));
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
    return make("div", { class: "control button" }, button);
  },
};

function enter(controls, { name, value }, set) {
  controls.values[name] = value;
  controls.setters[name] = set;
  set(value);
}

/** A slider moves in whole steps; here they become values, evenly or by a factor. */
function steps_of({ low, high, step, log, whole }) {
  const way = log ? Math.log : (value) => value;
  const back = log ? Math.exp : (value) => value;
  const size = way(high) - way(low);
  const count = Math.max(1, Math.round(size / way(step)));
  return {
    count,
    value(place) {
      if (place <= 0) return low;
      if (place >= count) return high;
      const value = back(way(low) + (size * place) / count);
      return whole ? Math.round(value) : Number(value.toPrecision(6));
    },
    place: (value) => ((way(value) - way(low)) / size) * count,
  };
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
