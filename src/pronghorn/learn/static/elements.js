// Elements: what a drawing should be, said as a tree, and the page brought to it.
//
// Drawing functions are pure: they give trees made by `h`. `patch` changes only what
// differs, so a dragged slider stays smooth and the focus stays where it is.

const SVG = "http://www.w3.org/2000/svg";

/** The children of each element by key, as `patch` left them. */
const children_of = new WeakMap();
/** The attributes of each element, as `patch` left them. */
const attributes_of = new WeakMap();

/** A wanted element. `attributes.key` tells it from its siblings; `children` is a list
 * of wanted elements, or text. */
function h(tag, attributes = {}, children = []) {
  return { tag, attributes, children };
}

/** Makes the children of `parent` those that are wanted, keeping what can be kept. */
function patch(parent, wanted) {
  const before = children_of.get(parent) ?? new Map();
  const keys = wanted.map((each, i) => `${each.tag} ${each.attributes.key ?? i}`);
  const stays = new Set(keys);
  for (const [key, node] of before) if (!stays.has(key)) node.remove();
  const after = new Map();
  let place = parent.firstChild;
  wanted.forEach((each, i) => {
    const node = before.get(keys[i]) ?? create(each.tag, parent);
    dress(node, each.attributes);
    if (Array.isArray(each.children)) patch(node, each.children);
    else if (node.textContent !== each.children) node.textContent = each.children;
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
    after.set(keys[i], node);
  });
  children_of.set(parent, after);
}

function create(tag, parent) {
  const drawn = tag === "svg" || parent.namespaceURI === SVG;
  return drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
}

function dress(node, attributes) {
  const before = attributes_of.get(node) ?? {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "key" || before[name] === value) continue;
    if (value === null || value === undefined || value === false) {
      node.removeAttribute(name);
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  for (const name of Object.keys(before)) {
    if (!(name in attributes)) node.removeAttribute(name);
  }
  attributes_of.set(node, attributes);
}

/** An HTML element that is made once: no part of a redraw. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children);
  return node;
}

/** The colour of a role, for `fill` and `stroke` in the stylesheet. */
function ink(role) {
  return `--ink: var(--${role})`;
}

let made = 0;
/** An id that no other element of the page has. */
function fresh_id() {
  made += 1;
  return `pronghorn-${Math.random().toString(36).slice(2, 8)}-${made}`;
}
