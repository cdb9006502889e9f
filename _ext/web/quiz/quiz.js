// A quiz of the book: the reader answers, and the explanation that belongs to the answer is copied
// from the fold below the question into a live region. Nothing is stored and nothing is sent.
(function () {
  "use strict";

  // "0.25", "1/4", "-3e-4", with a comma or a real minus sign too; NaN if it is no number
  function read(text) {
    const plain = text.trim().replace(/\u2212/g, "-").replace(",", ".");
    const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
    const parts = plain.split("/").map((part) => part.trim());
    if (parts.length > 2 || !parts.every((part) => number.test(part))) return NaN;
    return parts.length === 2 ? parts[0] / parts[1] : Number(parts[0]);
  }

  function near(value, item, fate) {
    const goal = Number(item.dataset[fate]);
    return Math.abs(value - goal) <= Number(item.dataset.tolerance) * Math.abs(goal) + 1e-12;
  }

  // the list item that answers what was given; null if nothing readable was given
  function answer(form) {
    const items = [...form.querySelectorAll("details li")];
    const field = form.elements[form.id];
    if (form.classList.contains("gn-quiz-choice")) {
      if (field.value === "") return null;
      return items.find((item) => [item.dataset.right, item.dataset.wrong].includes(field.value));
    }
    const value = read(field.value);
    if (!Number.isFinite(value)) return null;
    return (
      items.find((item) => "right" in item.dataset && near(value, item, "right")) ||
      items.find((item) => "wrong" in item.dataset && near(value, item, "wrong")) ||
      items.find((item) => "else" in item.dataset)
    );
  }

  function tell(form) {
    const told = form.querySelector(".gn-quiz-told");
    const item = answer(form);
    const choice = form.classList.contains("gn-quiz-choice");
    form.dataset.verdict = !item ? "none" : "right" in item.dataset ? "right" : "wrong";
    if (item) told.replaceChildren(item.querySelector(".gn-quiz-why").cloneNode(true));
    else told.textContent = choice ? form.dataset.choose : form.dataset.unread;
  }

  for (const form of document.querySelectorAll("form[class^='gn-quiz-']")) {
    form.querySelector("button").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      tell(form);
    });
  }
})();
