// Bundle the editor of the live cells: node tools/bundle_editor.mjs ENTRY OUTPUT
//
// One classic script with the global GlassEditor, which a page loads at the first Edit, and beside
// it the licences of what is inside.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const [entry, output] = process.argv.slice(2);
const { metafile } = await build({
  entryPoints: [entry],
  outfile: output,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "GlassEditor",
  target: "es2020",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const packages = [...new Set(Object.keys(metafile.inputs).map((path) => path.match(PACKAGE)?.[1]))];
const licences = packages.filter(Boolean).sort().map((name) => {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf-8"));
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"].map((one) => `${folder}/${one}`).find(existsSync);
  const text = file ? readFileSync(file, "utf-8").trim() : license;
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync(output.replace(/\.js$/, ".LICENSE.txt"), licences.join("\n---\n\n"));
