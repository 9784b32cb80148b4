// Numbers: how they are written, the scales of axes, and the ticks on them.

const MINUS = "\u2212";
const THIN_SPACE = "\u202f";

/** A number for reading: `decimals` digits, a true minus, thousands apart. */
function write(value, decimals) {
  const text = Math.abs(value).toFixed(decimals);
  const [whole, part] = text.split(".");
  const apart =
    whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole;
  const sign = value < 0 && Number(text) !== 0 ? MINUS : "";
  return sign + apart + (part ? `.${part}` : "");
}

/** A number of `digits` digits, without zeros at its end. */
function short(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -5 || size > 9) return power(value, digits);
  const decimals = Math.max(0, Math.min(12, digits - 1 - size));
  const text = write(value, decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 3.2 × 10⁻⁷; a mere power of ten without its 1. */
function power(value, digits = 2) {
  const size = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const front = short(value / 10 ** size, digits);
  const raised = [...String(Math.abs(size))].map((digit) => RAISED[digit]).join("");
  const ten = `10${size < 0 ? "⁻" : ""}${raised}`;
  if (front === "1") return ten;
  return front === `${MINUS}1` ? MINUS + ten : `${front} × ${ten}`;
}

/** The way from values to pixels. `at` gives null where a value has no place. */
function scale_of([low, high], [from, to], log) {
  const way = log ? Math.log10 : (value) => value;
  const back = log ? (value) => 10 ** value : (value) => value;
  const a = way(low);
  const b = way(high);
  return {
    low,
    high,
    log,
    at(value) {
      if (value === null || value === undefined || (log && value <= 0)) return null;
      return from + ((way(value) - a) / (b - a)) * (to - from);
    },
    value(pixel) {
      const part = Math.min(1, Math.max(0, (pixel - from) / (to - from)));
      return back(a + part * (b - a));
    },
    /** The value `part` of the whole axis further on. */
    step(value, part) {
      const next = way(value) + part * (b - a);
      return back(Math.min(b, Math.max(a, next)));
    },
    has: (value) => value !== null && value >= low && value <= high,
  };
}

/** Ends of an axis around the values of marks, with some air. */
function range_around(values, log) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return log ? [0.1, 10] : [0, 1];
  if (log) {
    const air = low === high ? 2 : (high / low) ** 0.05;
    return [low / air, high * air];
  }
  const air = low === high ? Math.abs(low) / 2 || 0.5 : (high - low) * 0.05;
  return [low - air, high + air];
}

/** Ends of an axis at the outermost values. */
function tight_range(values) {
  const known = values.filter((value) => value !== null);
  return known.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

/** Some `count` ticks between the ends of a scale: value and text. */
function ticks_of(scale, count) {
  return scale.log ? log_ticks(scale, count) : even_ticks(scale, count);
}

function even_ticks({ low, high }, count) {
  const rough = (high - low) / Math.max(1, count);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 2.5, 5, 10].find((each) => each * size >= rough * 0.999);
  const decimals = Math.max(0, decimals_of(step));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    const value = i * step;
    const far = Math.abs(value) >= 1e7 || step < 1e-5;
    const text = value !== 0 && far ? power(value, 3) : write(value, far ? 0 : decimals);
    ticks.push({ value, text });
  }
  return ticks;
}

function decimals_of(step) {
  for (let decimals = 0; decimals < 12; decimals += 1) {
    const shifted = step * 10 ** decimals;
    if (Math.abs(shifted - Math.round(shifted)) < 1e-6 * shifted) return decimals;
  }
  return 12;
}

function log_ticks({ low, high }, count) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const decades = Math.log10(high / low);
  const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const fine = decades < 1.2 ? [1, 2, 3, 5, 7] : [1, 2, 5];
  const fronts = decades * 3 <= count ? fine : [1];
  const ticks = [];
  for (let size = first; size <= last; size += 1) {
    if (size % every) continue;
    for (const front of fronts) {
      const value = front * 10 ** size;
      if (value < low * 0.9999 || value > high * 1.0001) continue;
      ticks.push({ value, text: size < -3 || size > 4 ? power(value) : short(value) });
    }
  }
  return ticks.length > 1 ? ticks : even_ticks({ low, high }, count);
}

/** Some width of a text in pixels, at the size of the ticks. */
function width_of(text, size = 12) {
  return [...text].length * size * 0.56;
}
