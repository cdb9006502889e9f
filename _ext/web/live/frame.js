// Shows HTML that a cell made. The page that holds the frame sends it; scripts of the HTML never
// run, only those of the book's own explorables, which are loaded from the site.
(function () {
  "use strict";
  const site = new URL("../", location.href).href;
  const policy = [
    "default-src 'none'",
    `script-src ${site}explorables/`,
    `style-src ${site} 'unsafe-inline'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // the address is written out: 'self' means nothing in a frame without an origin
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = policy;
  document.head.append(meta);

  const UNWANTED = "base, embed, form, frame, iframe, link, meta, object, script:not([type='application/json'])";

  // take away what could act, though the sandbox and the policy would not let it
  function harmless(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const node of parsed.querySelectorAll(UNWANTED)) node.remove();
    for (const node of parsed.querySelectorAll("*")) {
      for (const { name } of [...node.attributes]) {
        if (name.startsWith("on") || name === "href" || name === "xlink:href") node.removeAttribute(name);
      }
    }
    return [...parsed.head.querySelectorAll("style"), ...parsed.body.childNodes];
  }

  function wear({ theme, lang, variables, color, fontFamily, fontSize }) {
    const root = document.documentElement;
    root.dataset.theme = theme;
    root.lang = lang;
    for (const [name, value] of Object.entries(variables)) root.style.setProperty(name, value);
    root.style.setProperty("--gn-colour", color);
    document.body.style.fontFamily = fontFamily;
    document.body.style.fontSize = fontSize;
  }

  function explorables() {
    const scenes = [...document.querySelectorAll("glass-explorable[data-scene]")].map((node) => node.dataset.scene);
    if (!scenes.length) return;
    for (const name of ["core", ...new Set(scenes)]) {
      if (!/^\w+$/.test(name)) continue;
      const script = document.createElement("script");
      script.src = `${site}explorables/${name}.js`;
      script.async = false; // the core comes first
      document.head.append(script);
    }
  }

  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || !data) return;
    if (data.gn === "show" || data.gn === "look") wear(data.look);
    if (data.gn !== "show") return;
    document.body.replaceChildren(...harmless(data.html));
    explorables();
  });

  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ gn: "height", height }, "*");
  }).observe(document.body);
  window.parent.postMessage({ gn: "ready" }, "*");
})();
