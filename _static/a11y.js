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
    const side = document.querySelector(".bd-sidebar-primary");
    if (side && !side.hasAttribute("role")) {
      side.setAttribute("role", "region");
      side.setAttribute("aria-label", document.querySelector(".logo__title")?.textContent || "Book");
    }
  }

  // what scrolls sideways can be reached and scrolled with the keyboard
  function reach() {
    for (const box of document.querySelectorAll("mjx-container, .math.notranslate, pre, .table-wrapper, .pst-scrollable-table-container")) {
      if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) box.tabIndex = 0;
      else if (box.tabIndex === 0 && box.matches("mjx-container, .math.notranslate")) box.removeAttribute("tabindex");
    }
  }

  document.addEventListener("DOMContentLoaded", name);
  window.addEventListener("load", () => {
    name();
    const done = window.MathJax?.startup?.promise || Promise.resolve();
    done.then(reach);
  });
  window.addEventListener("resize", reach);
})();
