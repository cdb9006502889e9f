// What test_browser_accessible.py asks a page of the book, in the page.
window.audit = (() => {
  "use strict";
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const scenes = () => [...document.querySelectorAll("glass-explorable")];

  // Everything there is to see: scenes drawn, folds of the text open, formulas set, nothing moving.
  async function ready() {
    document.head.append(Object.assign(document.createElement("style"), { textContent: "* { transition: none !important; }" }));
    for (const fold of document.querySelectorAll("main details")) fold.open = true;
    for (const button of document.querySelectorAll('.toggle-button[aria-expanded="false"]')) button.click();
    if (window.MathJax?.startup) await MathJax.startup.promise;
    for (let wait = 0; scenes().some((scene) => !scene.hasAttribute("ready")); wait++) {
      if (wait > 500) throw new Error("a scene does not appear");
      await frame();
    }
    await frame();
  }

  // The elements of the page and of the shadow trees in it.
  function* elements(root = document.body) {
    yield root;
    if (root.shadowRoot) for (const child of root.shadowRoot.children) yield* elements(child);
    for (const child of root.children) yield* elements(child);
  }

  const COLOURS = ["color-contrast", "link-in-text-block"];
  const told = ({ id, nodes }) => nodes.map((node) => [id, node.target.join(" "), node.html.slice(0, 200)]);

  // Whether code holds nothing but coloured words.
  const plain = (node) => node.localName === "span" && [...node.attributes].every(({ name }) => name === "class");

  // Every rule of axe that does not look at colours. Formulas are half of all elements, and MathML, whose words
  // test_browser_keyboard.py looks for; the coloured words of code are most of the others: axe would look at them
  // for nothing. So a letter stands for each formula, and code is one text for that long.
  async function structure() {
    for (const formula of document.querySelectorAll("mjx-container")) formula.textContent = "x";
    const codes = [...document.querySelectorAll("pre")].filter((pre) => [...pre.querySelectorAll("*")].every(plain));
    const words = codes.map((pre) => [...pre.childNodes]);
    for (const pre of codes) pre.textContent = pre.textContent;
    const rules = Object.fromEntries(COLOURS.map((id) => [id, { enabled: false }]));
    const { violations } = await axe.run(document, { rules, resultTypes: ["violations"] });
    codes.forEach((pre, i) => pre.replaceChildren(...words[i]));
    return violations.flatMap(told);
  }

  // What decides about the contrast of an element's text, as a word; "" if it shows none.
  function look(node, grounds) {
    const holds = (child) => child.nodeType === 3 && child.data.trim();
    const field = node.matches("input, select, textarea, button");
    if (!field && ![...node.childNodes].some(holds)) return "";
    if (!node.checkVisibility({ visibilityProperty: true })) return "";
    const style = getComputedStyle(node);
    const link = node.closest("a[href]");
    const around = link ? getComputedStyle(link.parentElement).color + getComputedStyle(link).textDecorationLine : "";
    return [node.localName === "input" && node.type, style.color, style.fontSize, style.fontWeight, ground(node, grounds), around].join("|");
  }

  // The colours below an element, down to the first that covers the others.
  function ground(node, grounds) {
    if (!node) return "";
    if (grounds.has(node)) return grounds.get(node);
    const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(node);
    const own = [backgroundColor, backgroundImage, opacity, filter].join(" ");
    const covers = /^rgb\(/.test(backgroundColor) && opacity === "1";
    const below = covers ? "" : ground(node.parentElement || node.getRootNode().host, grounds);
    grounds.set(node, own === "rgba(0, 0, 0, 0) none 1 none" ? below : `${own} ${below}`);
    return grounds.get(node);
  }

  async function show(theme) {
    Object.assign(document.documentElement.dataset, { theme, mode: theme });
    await frame();
  }

  // One element of each look that is not among those seen before.
  function fresh(seen) {
    const known = new Set(seen), grounds = new Map(), found = new Map();
    for (const node of elements()) {
      const word = look(node, grounds);
      if (word && !known.has(word) && !found.has(word)) found.set(word, node);
    }
    return found;
  }

  // Leave out the parts of the text without these elements: nothing of one part lies over another, and axe looks
  // at all that is there.
  function keepOnly(nodes) {
    const kept = new Set();
    for (let node of nodes) for (; node && !kept.has(node); node = node.parentNode || node.host) kept.add(node);
    const thin = (part) => {
      for (const child of [...part.children])
        if (!kept.has(child)) child.remove();
        else if (child.localName === "section") thin(child);
    };
    document.querySelectorAll("article").forEach(thin);
  }

  // axe's rules of colours, in each theme on one element of each look that was not seen before; after structure(),
  // and last, as little is left of the page.
  async function colours(seen) {
    const found = {}, answer = {};
    for (const theme in seen) {
      await show(theme);
      found[theme] = fresh(seen[theme]);
    }
    keepOnly(Object.values(found).flatMap((looks) => [...looks.values()]));
    const options = { runOnly: COLOURS, resultTypes: ["violations"] };
    for (const [theme, looks] of Object.entries(found)) {
      answer[theme] = { looks: [...looks.keys()], found: [] };
      if (!looks.size) continue;
      await show(theme);
      answer[theme].found = (await axe.run([...looks.values()], options)).violations.flatMap(told);
    }
    return answer;
  }

  const describe = (node) => `${node.localName}.${node.getAttribute("class") || ""} ${node.textContent.trim().slice(0, 60)}`;

  const glyph = (node) => node.closest("mjx-container > *"); // it sticks out of its box, unseen
  const focusable = "a[href], button, input, select, [tabindex='0']";

  // The boxes of the text that are wider than their place: scrolled, but not by keyboard, and cut off.
  function boxes() {
    const still = [], cut = [];
    for (const node of elements(document.querySelector("main"))) {
      const spare = node.localName === "mjx-container" ? 4 : 1; // an accent may stand out a little
      if (node.scrollWidth <= node.clientWidth + spare || !node.clientWidth || glyph(node)) continue;
      const { overflowX, visibility } = getComputedStyle(node);
      if (/hidden|clip/.test(overflowX) && visibility === "visible") cut.push(describe(node));
      if (/auto|scroll/.test(overflowX) && node.tabIndex < 0 && !node.querySelector(focusable)) still.push(describe(node));
    }
    return { still, cut };
  }

  // Whether something around an element scrolls or cuts it, so that it cannot widen the page.
  function inBox(node) {
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  }

  // What is wrong with the page at its present width.
  async function fit(width) {
    while (innerWidth !== width) await frame();
    await frame();
    let found = boxes();
    for (let wait = 0; found.still.length && wait < 100; wait++) {
      await frame(); // the page hears of its new width some frames later
      found = boxes();
    }
    const out = [];
    if (document.documentElement.scrollWidth > innerWidth)
      for (const node of elements()) if (node.getBoundingClientRect().right > innerWidth + 1 && !inBox(node)) out.push(describe(node));
    return { ...found, out: out.slice(0, 5) };
  }

  // What a reader sees of an element and its neighbours: it must change when the element has the focus.
  const RING = ["outlineStyle", "outlineWidth", "boxShadow", "stroke", "borderColor", "backgroundColor", "textDecorationLine", "opacity", "transform", "fill"];
  const appearance = (node) =>
    [node, ...node.querySelectorAll("*")].slice(0, 12).map((part) => RING.map((name) => getComputedStyle(part)[name]).join(" ")).join("; ");
  const stops = new Map(), visited = new Set(), unlit = new Set();

  // Whether the Tab key stops at an element.
  function isStop(node) {
    if (node.tabIndex < 0 || node.disabled || !node.checkVisibility({ visibilityProperty: true })) return false;
    if (node.shadowRoot || node.localName === "details") return false;
    const group = node.type === "radio" && [...node.form.querySelectorAll(`[name="${node.name}"]`)];
    return !group || group[0] === node;
  }

  // Note what the Tab key should reach; and from now on, what it reaches and whether that can be seen.
  function watchFocus() {
    document.head.append(Object.assign(document.createElement("style"), { textContent: "* { transition: none !important; }" }));
    for (const node of elements()) if (isStop(node)) stops.set(node, appearance(node));
    document.addEventListener("focusin", (event) => {
      const node = event.composedPath()[0];
      visited.add(node);
      if (stops.has(node) && stops.get(node) === appearance(node)) unlit.add(node);
    });
    return stops.size;
  }
  const lookAtAll = () => stops.forEach((_look, node) => node.focus()); // after a key, or no ring is shown
  const missed = () => [...stops.keys()].filter((node) => !visited.has(node)).map(describe);
  const unseen = () => [...unlit].map(describe);

  return { ready, fit, structure, colours, watchFocus, lookAtAll, missed, unseen };
})();
