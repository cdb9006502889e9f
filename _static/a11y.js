// Names that the theme leaves out, for screen readers, and equations that scroll, for the keyboard.
(function () {
  "use strict";

  function name() {
    // the arrow that folds a chapter in the side bar is called like the chapter
    for (const summary of document.querySelectorAll(".bd-sidenav details > summary")) {
      const link = summary.closest("li").querySelector(":scope > a");
      if (link) summary.setAttribute("aria-label", link.textContent.trim());
    }
    // a button whose text says what it does needs no other name
    const named = ".search-button-field, details.hide > summary[aria-label]";
    for (const button of document.querySelectorAll(named)) button.removeAttribute("aria-label");
    // the arrow that unfolds a solution is called like the solution; whether it is open is said besides
    for (const button of document.querySelectorAll(".admonition-title > .toggle-button"))
      button.setAttribute("aria-label", button.parentElement.textContent.trim());
    const side = document.querySelector(".bd-sidebar-primary");
    if (side && !side.hasAttribute("role")) {
      side.setAttribute("role", "region");
      side.setAttribute("aria-label", document.querySelector(".logo__title")?.textContent || "Book");
    }
  }

  // What scrolls sideways can be reached and scrolled with the keyboard; what fits is no stop on the way.
  const WIDE = "mjx-container, div.math, pre, .pst-scrollable-table-container, .output.text_html, .table-wrapper";

  function reach(box) {
    const spare = box.localName === "mjx-container" ? 4 : 1; // an accent may stand out a little
    const wide = box.clientWidth && box.scrollWidth > box.clientWidth + spare;
    if (wide && box.tabIndex < 0) {
      box.tabIndex = 0; // over the theme's -1 too: it looks at boxes before a fold is opened
      box.dataset.gnWide = "";
    } else if (!wide && "gnWide" in box.dataset && box !== document.activeElement) {
      box.removeAttribute("tabindex");
      delete box.dataset.gnWide;
    }
  }

  // also when a fold is opened, which fires no other event
  function watch() {
    const sizes = new ResizeObserver((changes) => changes.forEach(({ target }) => reach(target)));
    for (const box of document.querySelectorAll(WIDE)) sizes.observe(box);
  }

  document.addEventListener("DOMContentLoaded", name);
  window.addEventListener("load", () => {
    name();
    (window.MathJax?.startup?.promise || Promise.resolve()).then(watch);
  });
})();
