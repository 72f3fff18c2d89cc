/** Building and updating elements. Text is always set as text: what comes from a topic is never markup. */
export const byId = (id) => document.getElementById(id);

export const number = new Intl.NumberFormat();
export const rate = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);

export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Sets a text only where it differs, so that a selection in it lives on. */
export function setText(node, text) {
  const value = String(text);
  if (node.textContent !== value) node.textContent = value;
}

/** Brings the children of `parent` in line with `items`. While a key stays, so do its node, its focus and its state. */
export function keyed(parent, items, keyOf, create, update = () => {}) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const node = known.get(key) ?? create(item);
    known.delete(key);
    node.dataset.key = key;
    update(node, item);
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of known.values()) node.remove();
}

/** A section's one line of text in place of its list: loading, empty or failed. Null takes it away. */
export function note(section, text, failed = false) {
  const node = byId(`${section}-note`);
  node.hidden = text === null;
  node.classList.toggle("failed", failed);
  setText(node, text ?? "");
}

/** `tone` is good, warn, bad or nothing; the text says the same, since not everybody sees colours. */
export function pill(node, text, tone) {
  setText(node, text);
  node.classList.remove("good", "warn", "bad");
  if (tone) node.classList.add(tone);
}

/** The local time of day of an ISO 8601 time; the whole of it as the title. */
export function clock(iso) {
  const time = new Date(iso ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return element("time", { title: "No timestamp" }, "no time");
  const text = time.toLocaleTimeString([], { hour12: false });
  return element("time", { datetime: time.toISOString(), title: time.toISOString() }, text);
}

export const card = () =>
  element(
    "li",
    {},
    element("div", { class: "head" }, element("h3", {}), element("span", { class: "badge" })),
    element("p", { class: "quiet" }),
    element("dl", {}),
    element("p", { class: "trouble" }),
  );

/** `pairs` are the card's figures, name and value. */
export function fillCard(node, { title, badge, tone, about, pairs, trouble }) {
  setText(node.querySelector("h3"), title);
  pill(node.querySelector(".badge"), badge, tone);
  setText(node.querySelector(".quiet"), about);
  keyed(
    node.querySelector("dl"),
    pairs,
    ([name]) => name,
    ([name]) => element("div", {}, element("dt", {}, name), element("dd", {})),
    (pair, [, value]) => setText(pair.querySelector("dd"), value ?? "–"),
  );
  const problem = node.querySelector(".trouble");
  problem.hidden = !trouble;
  setText(problem, trouble ?? "");
}
