// Typeset formulas with MathJax: JSON [[tex, display], ...] on standard input, {formulas, style} on
// standard output. The style holds the rules of all characters; typeset.py keeps those in use.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const MathJax = await require("mathjax/es5/node-main.js").init({
  // the tree is built without a browser, with MathML inside for screen readers, as in the browser
  loader: { load: ["adaptors/liteDOM", "input/tex", "output/chtml", "a11y/assistive-mml"] },
  // Sphinx numbers the equations; a command that is not known is an error, not red text
  tex: { tags: "none", packages: { "[-]": ["noundefined"] } },
  chtml: { fontURL: "fonts", adaptiveCSS: false },
});

// the same for every formula (so it stands in the style sheet), or of use to MathJax only
const IDLE =
  / (?:style="position: relative;"|unselectable="on"|texclass="\w+"|xmlns="[^"]*"|data-mjx-(?!error)[\w-]+="[^"]*")/g;

const { adaptor } = MathJax.startup;
const formulas = [];
for (const [tex, display] of JSON.parse(readFileSync(0, "utf8"))) {
  // MathJax asks for no more than 80 em unless it is told how wide the page is
  const node = await MathJax.tex2chtmlPromise(tex, { display, em: 16, ex: 8, containerWidth: 1280 });
  MathJax.startup.document.clear(); // else every formula is kept until the end
  formulas.push(adaptor.outerHTML(node).replace(IDLE, ""));
}
process.stdout.write(JSON.stringify({ formulas, style: adaptor.textContent(MathJax.chtmlStylesheet()) }));
