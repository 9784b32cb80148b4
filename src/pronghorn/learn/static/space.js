// Space: points, planes and upright lines in three dimensions, turned by hand.

const TURN = (5 * Math.PI) / 180; // by one press of an arrow key
const FIRST_VIEW = { around: 0.6, above: 0.4 };
const EYE = 9; // how far away the eye is, in halves of the floor
const TALL = 0.78; // the box's height, where its floor is 2 by 2

class Space extends Panel {
  constructor() {
    super();
    this.view = { ...FIRST_VIEW };
    this.svg_home = make("div", { class: "drawn" });
    this.tip = make("div", { class: "tip", hidden: true });
    this.stage.append(this.svg_home, this.tip);
    this.legend.hidden = true;
    this.hint.textContent = "Drag, or use the arrow keys, to turn.";
    const home = this.svg_home;
    home.addEventListener("pointerdown", (event) => this.take(event));
    home.addEventListener("pointermove", (event) => this.move(event));
    home.addEventListener("pointerup", () => (this.from = null));
    home.addEventListener("pointercancel", () => (this.from = null));
    home.addEventListener("pointerleave", () => (this.tip.hidden = true));
    home.addEventListener("keydown", (event) => this.key(event));
  }

  draw() {
    const width = this.stage.clientWidth;
    if (!this.panel || !width) return;
    this.box = box_of(this.panel, this.view, width);
    patch(this.svg_home, [draw_space(this.panel, this.box)]);
  }

  turn(around, above) {
    this.view.around += around;
    this.view.above = Math.max(0.05, Math.min(1.45, this.view.above + above));
    this.tip.hidden = true;
    this.draw();
  }

  take(event) {
    if (event.button !== 0) return;
    this.from = { x: event.clientX, y: event.clientY };
    this.svg_home.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.from) return this.hover(event);
    this.turn((this.from.x - event.clientX) / 120, (event.clientY - this.from.y) / 150);
    this.from = { x: event.clientX, y: event.clientY };
  }

  hover(event) {
    const frame = this.svg_home.getBoundingClientRect();
    const spot = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    const { x, y, z, labels, names } = this.panel;
    let best = -1;
    let distance = GRAB;
    x.forEach((_, i) => {
      const at = this.box.project([x[i], y[i], z[i]]);
      const away = Math.hypot(at.x - spot.x, at.y - spot.y);
      if (away < distance) [best, distance] = [i, away];
    });
    this.tip.hidden = best < 0;
    if (best < 0) return;
    const at = this.box.project([x[best], y[best], z[best]]);
    const numbers = [x, y, z].map((all, axis) => `${names[axis]}: ${short(all[best])}`);
    const lines = numbers.map((each) => h("span", {}, each));
    if (labels) lines.unshift(h("b", {}, labels[best]));
    show_tip(this.tip, lines, at.x, at.y);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Home") {
      this.view = { ...FIRST_VIEW };
      this.draw();
    } else if (event.key in ARROWS) {
      const [right, up] = ARROWS[event.key];
      this.turn(-right * TURN, up * TURN);
    } else {
      return;
    }
    event.preventDefault();
  }
}

/** The ends of the three axes, and the way from values to pixels and depth. */
function box_of(panel, view, width) {
  const ends = space_ends(panel);
  const [sin, cos] = [Math.sin(view.around), Math.cos(view.around)];
  const [sin_up, cos_up] = [Math.sin(view.above), Math.cos(view.above)];
  // Turned around, the box keeps its size: its corners stay within these halves.
  const half_up = (above) => 1.06 * (TALL * Math.cos(above) + 1.42 * Math.sin(above));
  const across = (width / 2 - 40) / (1.06 * 1.42);
  const height = Math.min(440, 2 * (across * half_up(FIRST_VIEW.above) + 26));
  const size = Math.min(across, (height / 2 - 26) / half_up(view.above));
  /** From the box, -1 to 1 each way, to pixels; a greater depth is further away. */
  const place = ([a, b, c]) => {
    const across = a * cos - b * sin;
    const back = a * sin + b * cos;
    const up = c * TALL;
    const depth = back * cos_up - up * sin_up;
    const near = EYE / (EYE + depth);
    return {
      x: width / 2 + across * near * size,
      y: height * 0.46 - (up * cos_up + back * sin_up) * near * size,
      depth,
    };
  };
  const into = (value, axis) => {
    const [low, high] = ends[axis];
    return (2 * (value - low)) / (high - low) - 1;
  };
  const project = (values) => place(values.map(into));
  return { ends, width, height, place, into, project };
}

function space_ends({ x, y, z, to, surfaces, z_range }) {
  const heights = [...z, ...(to ?? []), ...surfaces.flatMap((each) => each.values)];
  return [
    range_around([...x, ...surfaces.flatMap((each) => each.x)], false),
    range_around([...y, ...surfaces.flatMap((each) => each.y)], false),
    z_range ?? range_around(heights, false),
  ];
}

function draw_space(panel, box) {
  const shapes = [
    ...panel.surfaces.flatMap((surface, i) => faces_of(surface, box, i)),
    ...space_points(panel, box),
  ];
  shapes.sort((a, b) => b.depth - a.depth);
  const attributes = {
    class: "space",
    role: "application",
    tabindex: 0,
    "aria-label":
      `${panel.title || "Space"}: ${panel.names[2]} over ${panel.names[0]} and ` +
      `${panel.names[1]}, ${panel.x.length} points. The arrow keys turn it.`,
    width: box.width,
    height: box.height,
    viewBox: `0 0 ${box.width} ${box.height}`,
  };
  return h("svg", attributes, [
    h("g", { key: "walls", class: "grid" }, draw_walls(box)),
    h(
      "g",
      { key: "shapes" },
      shapes.map((shape) => shape.drawn),
    ),
    h("g", { key: "names", class: "axes" }, draw_space_axes(panel, box)),
  ]);
}

/** The cells of a surface, cut off at the floor and at the ceiling. */
function faces_of(surface, box, number) {
  const { rows, columns, x, y, values } = surface;
  const corner = (row, column) => [
    box.into(x[0] + ((x[1] - x[0]) * column) / (columns - 1), 0),
    box.into(y[0] + ((y[1] - y[0]) * row) / (rows - 1), 1),
    box.into(values[row * columns + column], 2),
  ];
  const faces = [];
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      let around = [
        corner(row, column),
        corner(row, column + 1),
        corner(row + 1, column + 1),
        corner(row + 1, column),
      ];
      around = cut_off(cut_off(around, 1), -1);
      if (around.length < 3) continue;
      const seen = around.map(box.place);
      const depth = seen.reduce((sum, each) => sum + each.depth, 0) / seen.length;
      const d = `M${seen.map((each) => `${round(each.x)} ${round(each.y)}`).join("L")}Z`;
      const attributes = {
        key: `face ${number} ${row} ${column}`,
        class: "face",
        d,
        style: ink(surface.role),
      };
      faces.push({ depth, drawn: h("path", attributes) });
    }
  }
  return faces;
}

/** A polygon without what lies beyond a height (1: above it, -1: below it). */
function cut_off(around, limit) {
  const inside = (point) => point[2] * limit <= 1;
  return around.flatMap((point, i) => {
    const next = around[(i + 1) % around.length];
    const kept = inside(point) ? [point] : [];
    if (inside(point) === inside(next)) return kept;
    const part = (limit - point[2]) / (next[2] - point[2]);
    return [...kept, point.map((value, axis) => value + part * (next[axis] - value))];
  });
}

function space_points({ x, y, z, to }, box) {
  return x.flatMap((_, i) => {
    if (x[i] === null || y[i] === null || z[i] === null) return [];
    const at = box.project([x[i], y[i], z[i]]);
    const near = EYE / (EYE + at.depth);
    const dot = {
      class: "point",
      cx: round(at.x),
      cy: round(at.y),
      r: round(4 * near),
      style: ink("data"),
    };
    const drawn = [h("circle", dot)];
    if (to && to[i] !== null) {
      const foot = box.project([x[i], y[i], to[i]]);
      const d = `M${round(at.x)} ${round(at.y)}L${round(foot.x)} ${round(foot.y)}`;
      drawn.unshift(h("path", { class: "residuals", d, style: ink("muted") }));
    }
    return [{ depth: at.depth, drawn: h("g", { key: `point ${i}` }, drawn) }];
  });
}

const SIDES = [-1, 1];

/** The side of an axis where the box's wall stands behind its middle: -1 or 1. */
function behind(box, axis) {
  const middle = [0, 0, 0];
  middle[axis] = 1;
  return box.place(middle).depth > 0 ? 1 : -1;
}

/** A line of the box, from one place to another. */
function edge(box, from, to) {
  const [a, b] = [box.place(from), box.place(to)];
  return `M${round(a.x)} ${round(a.y)}L${round(b.x)} ${round(b.y)}`;
}

function space_ticks(box, axis) {
  const [low, high] = box.ends[axis];
  return ticks_of(scale_of([low, high], [0, 1], false), 4);
}

/** Grids on the floor and on the two walls behind. */
function draw_walls(box) {
  const back = [0, 1].map((axis) => behind(box, axis));
  const drawn = [];
  const grid = (key, from, to) =>
    drawn.push(h("path", { key, d: edge(box, from, to) }));
  for (const axis of [0, 1]) {
    for (const { value } of space_ticks(box, axis)) {
      const at = box.into(value, axis);
      const along = (other, up) => (axis === 0 ? [at, other, up] : [other, at, up]);
      grid(`floor ${axis} ${value}`, along(-1, -1), along(1, -1));
      grid(`wall ${axis} ${value}`, along(back[1 - axis], -1), along(back[1 - axis], 1));
    }
  }
  for (const { value } of space_ticks(box, 2)) {
    const at = box.into(value, 2);
    grid(`level 0 ${value}`, [back[0], -1, at], [back[0], 1, at]);
    grid(`level 1 ${value}`, [-1, back[1], at], [1, back[1], at]);
  }
  return drawn;
}

/** Ticks and names: at the floor's edges in front, and at the left upright edge. */
function draw_space_axes(panel, box) {
  const words = new WordsInSpace(box.width, box.height);
  const upright = draw_upright(panel, box, words);
  return [...upright, ...[0, 1].flatMap((axis) => draw_edge(panel, box, axis, words))];
}

/** Words around the box; a tick that would lie on another word is left out. */
class WordsInSpace {
  constructor(width, height) {
    this.limits = { width, height };
    this.taken = [];
  }

  /** The element of some words, or none where there is no room. */
  put(key, text, at, anchor, name = false) {
    const wide = width_of(text, name ? 12.5 : 12) + 4;
    const shift = { start: 0, middle: wide / 2, end: wide }[anchor];
    const left = Math.max(2, Math.min(this.limits.width - wide, at.x - shift));
    const y = Math.max(12, Math.min(this.limits.height - 4, at.y));
    const hits = (box) =>
      Math.abs(box.y - y) < 14 && box.left < left + wide && left < box.left + box.wide;
    if (!name && this.taken.some(hits)) return [];
    this.taken.push({ left, wide, y });
    const place = { x: round(left + shift), y: round(y), "text-anchor": anchor };
    return [h("text", { key, class: name ? "axis-name" : "tick", ...place }, text)];
  }
}

function draw_edge(panel, box, axis, words) {
  const front = [0, 1].map((each) => -behind(box, each));
  const along = (at, away) =>
    axis === 0 ? [at, front[1] * away, -1] : [front[0] * away, at, -1];
  const on_left = box.place(along(0, 1)).x < box.width / 2;
  const anchor = on_left ? "end" : "start";
  const ticks = space_ticks(box, axis).map(({ value, text }) => {
    const at = box.place(along(box.into(value, axis), 1.08));
    return { key: `${axis} ${value}`, text, at: { x: at.x, y: at.y + 9 } };
  });
  const widest = Math.max(...ticks.map((tick) => width_of(tick.text)));
  const middle = box.place(along(0, 1.08));
  const aside = (widest + 12) * (on_left ? -1 : 1);
  const name_at = { x: middle.x + aside, y: middle.y + 26 };
  return [
    h("path", { key: axis, class: "frame", d: edge(box, along(-1, 1), along(1, 1)) }),
    ...words.put(`name ${axis}`, panel.names[axis], name_at, anchor, true),
    ...ticks.flatMap(({ key, text, at }) => words.put(key, text, at, anchor)),
  ];
}

function draw_upright(panel, box, words) {
  const corners = SIDES.flatMap((a) => SIDES.map((b) => [a, b]));
  const left = corners.reduce((best, each) =>
    box.place([...each, 0]).x < box.place([...best, 0]).x ? each : best,
  );
  const d = edge(box, [...left, -1], [...left, 1]);
  const top = box.place([...left, 1]);
  const name_at = { x: top.x - 34, y: top.y - 12 };
  return [
    h("path", { key: "upright", class: "frame", d }),
    ...words.put("name 2", panel.names[2], name_at, "start", true),
    ...space_ticks(box, 2).flatMap(({ value, text }) => {
      const at = box.place([...left, box.into(value, 2)]);
      return words.put(`2 ${value}`, text, { x: at.x - 7, y: at.y + 4 }, "end");
    }),
  ];
}
