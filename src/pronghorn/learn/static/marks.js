// Marks: each kind of a plot's marks as a tree of elements.
//
// A mark is drawn for `place`: the scales `x` and `y` and the plot's area in pixels.

const round = (value) => Math.round(value * 10) / 10;

const MARKS = {
  line(mark, place) {
    const d = path_through(mark, place);
    const drawn = [h("path", { class: mark.dashed ? "line dashed" : "line", d })];
    if (place.on_field) drawn.unshift(h("path", { key: "halo", class: "halo", d }));
    if (mark.dots) {
      mark.x.forEach((value, i) => {
        const [x, y] = [place.x.at(value), place.y.at(mark.y[i])];
        if (x === null || y === null) return;
        drawn.push(
          h("circle", { key: i, class: "dot", cx: round(x), cy: round(y), r: 3 }),
        );
      });
    }
    return drawn;
  },

  residuals(mark, place) {
    let d = "";
    mark.x.forEach((value, i) => {
      const x = place.x.at(value);
      const [from, to] = [place.y.at(mark.y[i]), place.y.at(mark.to[i])];
      if (x === null || from === null || to === null) return;
      d += `M${round(x)} ${round(from)}V${round(to)}`;
    });
    return [h("path", { class: "residuals", d })];
  },

  rule(mark, place) {
    const upright = mark.x !== undefined;
    const at = upright ? place.x.at(mark.x) : place.y.at(mark.y);
    if (at === null) return [];
    const d = upright
      ? `M${round(at)} ${place.top}v${place.height}`
      : `M${place.left} ${round(at)}h${place.width}`;
    return [h("path", { class: "rule", d })];
  },

  bars(mark, place) {
    const { step, width } = place.bars;
    const offset = place.bars.offset.get(mark) ?? 0;
    const ground = place.y.at(Math.max(place.y.low, Math.min(place.y.high, 0)));
    const floor = ground ?? place.top + place.height;
    return mark.y.flatMap((value, i) => {
      const top = place.y.at(value);
      if (top === null) return [];
      const centre = place.x.at(i) + offset * step;
      const bar = h("rect", {
        key: i,
        class: "bar",
        x: round(centre - width / 2),
        y: round(Math.min(top, floor)),
        width: round(width),
        height: round(Math.max(Math.abs(floor - top), 0.5)),
      });
      const low = mark.low && place.y.at(mark.low[i]);
      const high = mark.high && place.y.at(mark.high[i]);
      if (typeof low !== "number" || typeof high !== "number") return [bar];
      const cap = Math.min(5, width / 4);
      const ends = [low, high].map((y) => `M${round(centre - cap)} ${round(y)}h${2 * cap}`);
      const d = `M${round(centre)} ${round(low)}V${round(high)}${ends.join("")}`;
      return [bar, h("path", { key: `interval ${i}`, class: "interval", d })];
    });
  },

  contours(mark, place) {
    const d = mark.levels.map((level) => contour(mark, level, place)).join("");
    const drawn = [h("path", { class: "contours", d })];
    if (place.on_field) drawn.unshift(h("path", { key: "halo", class: "halo thin", d }));
    return drawn;
  },

  field: () => [], // on the canvas below
  points: () => [], // above all, where they are not cut off at the edge
  label: () => [], // the same
};

function path_through(mark, place) {
  let d = "";
  let pen = "M";
  for (let i = 0; i < mark.x.length; i += 1) {
    const x = place.x.at(mark.x[i]);
    const y = place.y.at(mark.y[i]);
    if (x === null || y === null) {
      pen = "M";
    } else {
      // Far outside the panel a coordinate helps nobody, and browsers round it badly.
      d += `${pen}${round(x)} ${round(Math.max(-1e5, Math.min(1e5, y)))}`;
      pen = "L";
    }
  }
  return d;
}

/** One level by marching squares: where it crosses the four sides of each cell. */
function contour({ rows, columns, x, y, values }, level, place) {
  const across = (column) => place.x.at(x[0] + ((x[1] - x[0]) * column) / (columns - 1));
  const up = (row) => place.y.at(y[0] + ((y[1] - y[0]) * row) / (rows - 1));
  const between = (a, b) => (level - a) / (b - a);
  let d = "";
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const at = row * columns + column;
      const [sw, se] = [values[at], values[at + 1]];
      const [nw, ne] = [values[at + columns], values[at + columns + 1]];
      if (sw === null || se === null || nw === null || ne === null) continue;
      const cuts = [];
      if (sw < level !== se < level) cuts.push([column + between(sw, se), row]);
      if (se < level !== ne < level) cuts.push([column + 1, row + between(se, ne)]);
      if (nw < level !== ne < level) cuts.push([column + between(nw, ne), row + 1]);
      if (sw < level !== nw < level) cuts.push([column, row + between(sw, nw)]);
      if (cuts.length === 4 && (sw + se + nw + ne) / 4 < level === sw < level) {
        cuts.push(cuts.shift()); // a saddle: the middle says which corners are joined
      }
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        const [a, b] = [cuts[i], cuts[i + 1]];
        d += `M${round(across(a[0]))} ${round(up(a[1]))}`;
        d += `L${round(across(b[0]))} ${round(up(b[1]))}`;
      }
    }
  }
  return d;
}

/** All values of a mark along one axis, for an axis without given ends. */
function extent(mark, axis) {
  if (mark.kind === "bars") {
    if (axis === "x") return [-0.6, mark.y.length - 0.4];
    return [0, ...mark.y, ...(mark.low ?? []), ...(mark.high ?? [])];
  }
  if (mark.kind === "residuals" && axis === "y") return [...mark.y, ...mark.to];
  const values = mark[axis];
  if (values === undefined) return [];
  return Array.isArray(values) ? values : [values];
}
