// HTML that a cell made, in a sandboxed frame: it can reach neither this page nor the network. The
// frame gets the HTML and the colours of the page by messages, and answers with its height.
const LEAST = 16;
const MOST = 20000;
const VARIABLES = ["background", "surface", "border", "text-base", "text-muted", "success", "warning", "danger", "primary"];
const frames = new Set();

function look(node) {
  const style = getComputedStyle(node);
  const page = document.documentElement;
  const names = VARIABLES.map((name) => `--pst-color-${name}`);
  const variables = Object.fromEntries(names.map((name) => [name, getComputedStyle(page).getPropertyValue(name)]));
  const { color, fontFamily, fontSize } = style;
  return { theme: page.dataset.theme || "light", lang: page.lang || "en", variables, color, fontFamily, fontSize };
}

function living() {
  for (const one of frames) if (!one.node.isConnected) frames.delete(one);
  return [...frames];
}

// a message counts only if it comes from one of our frames, which have no origin of their own
window.addEventListener("message", ({ source, origin, data }) => {
  if (origin !== "null" || typeof data !== "object" || !data) return;
  const found = living().find((one) => one.node.contentWindow === source);
  if (!found) return;
  if (data.gn === "ready") source.postMessage({ gn: "show", html: found.html, look: look(found.node.parentNode) }, "*");
  if (data.gn === "height" && Number.isFinite(data.height)) {
    found.node.style.height = `${Math.min(Math.max(data.height, LEAST), MOST)}px`;
  }
});

new MutationObserver(() => {
  for (const { node } of living()) node.contentWindow?.postMessage({ gn: "look", look: look(node.parentNode) }, "*");
}).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

/** Return an element that shows HTML in a frame of its own. */
export function frame(html, number, element) {
  const node = element("iframe", {
    class: "gn-live-frame",
    sandbox: "allow-scripts",
    referrerpolicy: "no-referrer",
    title: `Output of cell ${number}`,
    src: new URL("frame.html", import.meta.url).href,
  });
  frames.add({ node, html });
  return element("div", { class: "gn-live-html" }, node);
}
