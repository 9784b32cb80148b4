// The tree of a plot: where its area lies, its axes, and its marks in their order.

const LINE = 16; // pixels from one line of words to the next

/** The area of a plot on a stage of some width: scales, ticks and room for words. */
function place_of(panel, marks, width) {
  const names = bar_names(marks);
  const ends = (axis) => {
    const { range, log } = panel[axis];
    if (range) return range;
    const values = marks.flatMap((mark) => extent(mark, axis));
    const grounds = marks.some((mark) => ["field", "contours"].includes(mark.kind));
    if (grounds || (axis === "x" && names)) return tight_range(values);
    const found = range_around(values, log);
    // Bars stand on the ground.
    if (axis === "y" && names && Math.min(...values) >= 0) found[0] = 0;
    return found;
  };
  const [x_ends, y_ends] = [ends("x"), ends("y")];
  const top = panel.y.label ? 26 : 10;
  let bottom = panel.x.label ? 42 : 24;
  let height = Math.max(150, Math.min(300, width * 0.56));
  const y_ticks = (room) =>
    ticks_of(scale_of(y_ends, [room, 0], panel.y.log), room / 44);
  if (panel.square) height = width - 50;
  const widest = Math.max(0, ...y_ticks(height).map((tick) => width_of(tick.text)));
  let left = Math.ceil(widest) + 14;
  let right = 14;
  const x_scale = () => scale_of(x_ends, [left, width - right], panel.x.log);
  if (names && is_slanted(names, x_scale())) left = Math.max(left, slant_of(names[0]) - 8);
  let x_ticks = names ? [] : fitting_ticks(x_scale());
  if (x_ticks.length) {
    const last = x_ticks.at(-1);
    const over = x_scale().at(last.value) + width_of(last.text) / 2 - width + 2;
    if (over > 0) right += Math.ceil(over);
    x_ticks = fitting_ticks(x_scale());
  }
  if (panel.square) height = width - left - right;
  const place = { left, top, width: width - left - right, height };
  place.on_field = marks.some((mark) => mark.kind === "field");
  place.x = x_scale();
  place.y = scale_of(y_ends, [top + height, top], panel.y.log);
  place.x_ticks = x_ticks;
  place.y_ticks = y_ticks(height);
  if (names) {
    Object.assign(place, bars_of(marks, names, place));
    if (place.slanted) bottom += 0.75 * Math.max(...names.map(slant_of)) - 4;
  }
  place.bottom = bottom;
  place.full = { width, height: Math.ceil(top + height + bottom) };
  return place;
}

/** As many ticks as have room for their words. */
function fitting_ticks(scale) {
  const room = Math.abs(scale.at(scale.high) - scale.at(scale.low));
  for (let count = Math.max(2, Math.round(room / 76)); count > 1; count -= 1) {
    const ticks = ticks_of(scale, count);
    const widths = ticks.map((tick) => width_of(tick.text) + 12);
    const fits = ticks.every((tick, i) => {
      if (i === 0) return true;
      const gap = scale.at(tick.value) - scale.at(ticks[i - 1].value);
      return gap >= (widths[i] + widths[i - 1]) / 2;
    });
    if (fits) return ticks;
  }
  return ticks_of(scale, 2);
}

function bar_names(marks) {
  const bars = marks.filter((mark) => mark.kind === "bars");
  if (!bars.length) return null;
  return bars.reduce((a, b) => (b.names.length > a.names.length ? b : a)).names;
}

const MOST_LETTERS = 20;

const cut = (name) =>
  name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name;

/** How far a slanted name reaches to the left, and nearly so far down. */
const slant_of = (name) => 0.79 * width_of(cut(name)) + 6;

/** Whether names are too long to stand level, each below its bars. */
function is_slanted(names, scale) {
  const slot = scale.at(1) - scale.at(0);
  return Math.max(...names.map((name) => width_of(name))) > slot - 6;
}

/** Bars of several marks stand side by side at one name. */
function bars_of(marks, names, place) {
  const bars = marks.filter((mark) => mark.kind === "bars");
  const slot = place.x.at(1) - place.x.at(0);
  const step = (slot * 0.78) / bars.length;
  const offset = new Map(bars.map((mark, i) => [mark, i - (bars.length - 1) / 2]));
  const slanted = is_slanted(names, place.x);
  const every = Math.max(1, Math.ceil(15 / slot)); // names need the height of a line
  const x_ticks = names
    .map((text, value) => ({ value, text }))
    .filter((_, i) => !slanted || i % every === 0);
  const width = Math.max(1, Math.min(step * 0.92, 64));
  return { bars: { step: Math.min(step, 70), width, offset }, x_ticks, slanted };
}

function draw_plot(panel, marks, place, active) {
  const { full, left, top, width, height } = place;
  const area = { x: left, y: top, width, height };
  const inside = marks.map((mark, i) =>
    h(
      "g",
      { key: `${i} ${mark.kind}`, style: ink(mark.role) },
      MARKS[mark.kind](mark, place),
    ),
  );
  const dots = marks.map((mark, i) =>
    h(
      "g",
      { key: `${i} ${mark.kind}` },
      mark.kind === "points" ? draw_points(mark, place, panel, active) : [],
    ),
  );
  const movable = Boolean(panel.add) || marks.some((mark) => mark.drag);
  const focusable = marks.some((mark) => is_focusable(mark, panel));
  const attributes = {
    class: movable ? "plot movable" : "plot",
    role: movable || focusable ? "application" : "img",
    tabindex: panel.add ? 0 : null,
    "aria-label": name_of(panel, marks),
    width: full.width,
    height: full.height,
    viewBox: `0 0 ${full.width} ${full.height}`,
  };
  return h("svg", attributes, [
    h("g", { key: "grid", class: "grid" }, draw_grid(place)),
    h(
      "svg",
      { key: "area", class: "area", ...area, viewBox: `${left} ${top} ${width} ${height}` },
      inside,
    ),
    h("g", { key: "axes", class: "axes" }, draw_axes(panel, place)),
    h("g", { key: "points" }, dots),
    h("g", { key: "words", class: "words-on" }, draw_words(marks, place)),
  ]);
}

/** What a plot is called by those who hear it. */
function name_of(panel, marks) {
  const axes = [panel.y.label, panel.x.label].filter(Boolean).join(" against ");
  const named = marks
    .filter((mark) => mark.name)
    .map((mark) => {
      const count = mark.kind === "points" ? ` (${mark.x.length} points)` : "";
      return mark.name + count;
    });
  const parts = [panel.title, axes, named.join(", ")].filter(Boolean);
  return parts.join(": ") || "Plot";
}

function draw_grid(place) {
  const { left, top, width, height } = place;
  if (place.on_field) return []; // a grid over colours says nothing
  const across = place.bars ? [] : place.x_ticks;
  return [
    ...across.map(({ value }) => {
      const x = round(place.x.at(value));
      return h("path", { key: `x ${value}`, d: `M${x} ${top}v${height}` });
    }),
    ...place.y_ticks.map(({ value }) => {
      const y = round(place.y.at(value));
      return h("path", { key: `y ${value}`, d: `M${left} ${y}h${width}` });
    }),
  ];
}

function draw_axes(panel, place) {
  const { left, top, width, height, full } = place;
  const ground = top + height;
  const drawn = [
    h("path", { key: "frame", class: "frame", d: `M${left} ${top}v${height}h${width}` }),
  ];
  for (const { value, text } of place.x_ticks) {
    const x = round(place.x.at(value));
    const turned = place.slanted
      ? { "text-anchor": "end", transform: `rotate(-38 ${x} ${ground + 12})` }
      : { "text-anchor": "middle" };
    const shown = place.slanted ? cut(text) : text;
    const y = ground + (place.slanted ? 14 : 17);
    drawn.push(h("text", { key: `x ${value}`, x, y, ...turned }, shown));
  }
  for (const { value, text } of place.y_ticks) {
    const y = round(place.y.at(value));
    drawn.push(
      h("text", { key: `y ${value}`, x: left - 7, y: y + 4, "text-anchor": "end" }, text),
    );
  }
  if (panel.x.label) {
    const at = { x: left + width / 2, y: full.height - 7, "text-anchor": "middle" };
    drawn.push(h("text", { key: "x", class: "axis-name", ...at }, panel.x.label));
  }
  if (panel.y.label) {
    drawn.push(h("text", { key: "y", class: "axis-name", x: 2, y: 13 }, panel.y.label));
  }
  return drawn;
}

function draw_points(mark, place, panel, active) {
  const focusable = is_focusable(mark, panel);
  return mark.x.flatMap((value, index) => {
    const [x, y] = [place.x.at(value), place.y.at(mark.y[index])];
    if (x === null || y === null) return [];
    if (!place.x.has(value) || !place.y.has(mark.y[index])) return [];
    const role = mark.role[mark.role.length > 1 ? index : 0];
    const dot = {
      class: mark.hollow?.[index] ? "point hollow" : "point",
      cx: round(x),
      cy: round(y),
      r: mark.size,
      style: ink(role),
    };
    if (!focusable) return [h("circle", { key: index, ...dot })];
    const [label, ...numbers] = words_of(mark, index, panel);
    const here = active?.mark === mark.number && active.index === index;
    const attributes = {
      key: index,
      class: mark.drag ? "target drag" : "target",
      role: "button",
      tabindex: here ? 0 : -1,
      "data-point": `${mark.number} ${index}`,
      "aria-label": [label, numbers.join(", ")].filter(Boolean).join(": "),
    };
    const around = { class: "around", cx: dot.cx, cy: dot.cy, r: mark.size + 7 };
    return [h("g", attributes, [h("circle", around), h("circle", dot)])];
  });
}

/** Words on the panel: of labels, and the names of rules beside them. */
function draw_words(marks, place) {
  const { left, top, width } = place;
  const taken = [];
  const drawn = [];
  const write_at = (key, x, y, text, anchor, role) => {
    const wide = width_of(text, 12.5);
    const from = { start: 0, middle: -wide / 2, end: -wide }[anchor];
    const start = Math.max(left + 3, Math.min(left + width - wide - 2, x + from));
    let at = y;
    const hits = (box) =>
      Math.abs(box.y - at) < LINE && box.start < start + wide && start < box.end;
    while (taken.some(hits)) at += LINE;
    taken.push({ start, end: start + wide, y: at });
    const attributes = { key, x: round(start), y: round(at), style: ink(role) };
    drawn.push(h("text", attributes, text));
  };
  marks.forEach((mark, i) => {
    if (mark.kind === "rule" && mark.name) {
      const x = mark.x === undefined ? left + width - 4 : place.x.at(mark.x) + 6;
      const y = mark.x === undefined ? place.y.at(mark.y) - 6 : top + 13;
      const anchor = mark.x === undefined ? "end" : "start";
      const scale = mark.x === undefined ? place.y : place.x;
      if (!scale.has(mark.x ?? mark.y)) return;
      write_at(i, x, y, mark.name, anchor, mark.role);
    } else if (mark.kind === "label") {
      const [x, y] = [place.x.at(mark.x), place.y.at(mark.y)];
      if (x !== null && y !== null) write_at(i, x, y + 4, mark.text, "middle", mark.role);
    }
  });
  return drawn;
}

/** Names of marks with a sample each, above the plot: never over its data. */
function patch_legend(list, panel) {
  const named = panel.legend
    ? panel.marks.filter((mark) => mark.name && LEGENDS.includes(mark.kind))
    : [];
  patch(
    list,
    named.map((mark) => h("li", {}, [sample_of(mark), h("span", {}, mark.name)])),
  );
  list.hidden = named.length === 0;
}

function sample_of(mark) {
  const frame = (width, drawn) =>
    h("svg", { class: "sample", width, height: 12, viewBox: `0 0 ${width} 12` }, drawn);
  if (mark.kind === "line") {
    const style = ink(mark.role);
    const line = { class: mark.dashed ? "line dashed" : "line", d: "M1 6h22", style };
    const dot = h("circle", { class: "dot", cx: 12, cy: 6, r: 3, style });
    return frame(24, [h("path", line), ...(mark.dots ? [dot] : [])]);
  }
  if (mark.kind === "bars") {
    const bar = { class: "bar", x: 0, y: 1, width: 10, height: 10, style: ink(mark.role) };
    return frame(11, [h("rect", bar)]);
  }
  const roles = [...new Set(mark.role)].slice(0, 3);
  const ring = mark.hollow?.length && mark.hollow.every(Boolean);
  const dots = roles.map((role, i) =>
    h("circle", {
      class: ring ? "point hollow" : "point",
      cx: 6 + 11 * i,
      cy: 6,
      r: Math.min(4.5, mark.size),
      style: ink(role),
    }),
  );
  return frame(1 + 11 * roles.length, dots);
}
