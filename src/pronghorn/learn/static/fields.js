// Fields: a coloured ground on a canvas, one pixel a cell.

/** For each palette the colours it goes through, as names of the stylesheet. */
const PALETTES = {
  classes: ["ground-class0", "ground", "ground-class1"],
  signs: ["ground-below", "ground", "ground-above"],
  sequence: ["ground", "ground-middle", "ground-much"],
};

function paint_field(canvas, field, colour) {
  const { rows, columns, palette } = field;
  const table =
    palette === "labels" ? labels_table(colour) : blend(PALETTES[palette].map(colour));
  const cells = Uint8Array.from(atob(field.cells), (letter) => letter.charCodeAt(0));
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < rows; row += 1) {
    const from = (rows - 1 - row) * columns; // row 0 lies at the bottom
    for (let column = 0; column < columns; column += 1) {
      pixels[row * columns + column] = table[cells[from + column]];
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** 256 colours through some, as the numbers that a canvas has in memory. */
function blend(stops) {
  const colours = stops.map(parts_of);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (colours.length - 1);
    const first = Math.min(Math.floor(at), colours.length - 2);
    const part = at - first;
    const mixed = colours[first].map((a, c) => a + part * (colours[first + 1][c] - a));
    return packed(mixed);
  });
}

function labels_table(colour) {
  const ground = parts_of(colour("ground"));
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const own = parts_of(colour(`class${i % 10}`));
    return packed(own.map((a, c) => ground[c] + 0.38 * (a - ground[c])));
  });
}

/** "#rrggbb" as three numbers. */
function parts_of(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.trim().slice(at, at + 2), 16));
}

function packed([red, green, blue]) {
  return (
    (0xff000000 |
      (Math.round(blue) << 16) |
      (Math.round(green) << 8) |
      Math.round(red)) >>>
    0
  );
}
