// Panels without axes, and the row of all panels of a figure.

/** A picture that Python drew. */
class Drawing extends Panel {
  constructor() {
    super();
    this.legend.hidden = this.hint.hidden = true;
    this.stage.classList.add("drawing");
    this.stage.setAttribute("role", "img");
  }

  draw() {
    const { svg, title } = this.panel;
    this.stage.setAttribute("aria-label", title || "Drawing");
    if (this.drawn === svg) return;
    this.drawn = svg;
    this.stage.innerHTML = svg;
  }
}

/** Lines of words and numbers. */
class Words extends Panel {
  constructor() {
    super();
    this.legend.hidden = this.hint.hidden = true;
    this.stage.classList.add("text");
  }

  draw() {
    patch(
      this.stage,
      this.panel.lines.map((line) => h("p", {}, line || "\u00a0")),
    );
  }
}

const KINDS = { plot: Plot, space: Space, drawing: Drawing, words: Words };

/** All panels side by side. A panel that stays of its kind keeps its view and focus. */
class Panels {
  constructor(ask, colour) {
    this.ask = ask;
    this.colour = colour;
    this.shown = [];
    this.node = make("div", { class: "panels" });
    // A redraw inside the observer's own turn would be told to it once more.
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.resized()));
    this.sizes.observe(this.node);
  }

  /** Shows a list of panels; null keeps a panel as it is. */
  update(panels) {
    while (this.shown.length > panels.length) this.shown.pop().panel.node.remove();
    this.node.dataset.count = panels.length;
    panels.forEach((wanted, i) => {
      if (!wanted) return;
      if (this.shown[i]?.kind !== wanted.kind) {
        const panel = new KINDS[wanted.kind](this.ask, this.colour);
        if (this.shown[i]) this.shown[i].panel.node.replaceWith(panel.node);
        else this.node.append(panel.node);
        this.shown[i] = { kind: wanted.kind, panel };
      }
      this.shown[i].panel.update(wanted);
    });
  }

  resized() {
    if (this.width === this.node.clientWidth) return;
    this.width = this.node.clientWidth;
    this.draw();
  }

  draw() {
    for (const { panel } of this.shown) panel.draw();
  }

  close() {
    this.sizes.disconnect();
  }
}
