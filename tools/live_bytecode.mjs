// Compile what live cells import, so that browsers need not: node tools/live_bytecode.mjs ROOT
//
// Most of the time that an import takes in a browser is spent on compiling. Writes
// _build/web/live/bytecode-base.zip (NumPy, glassnet) and bytecode-matplotlib.zip (matplotlib and
// what it needs): compiled files only, made by the very interpreter that will read them.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const stage = resolve(process.argv[2], "_build/web");
const { loadPyodide } = await import(pathToFileURL(`${stage}/pyodide/pyodide.mjs`));
const python = await loadPyodide({
  indexURL: `${stage}/pyodide/`,
  packages: ["numpy", "matplotlib"],
  env: { HOME: "/home/pyodide", MPLBACKEND: "agg", PYTHONDONTWRITEBYTECODE: "1" },
});
const wheel = readdirSync(`${stage}/live`).find((name) => name.endsWith(".whl"));
const site = "/lib/python3.12/site-packages";
const bytes = (path) => new Uint8Array(readFileSync(path));
python.unpackArchive(bytes(`${stage}/live/${wheel}`), "wheel", { extractDir: site });
python.globals.set("site", site);
python.runPython(`
import importlib, importlib.util, io, pkgutil, py_compile, sys, zipfile
from pathlib import Path

importlib.invalidate_caches()
import matplotlib.pyplot as plt
import numpy as np
import glassnet

figure, axes = plt.subplots(1, 2, constrained_layout=True)
axes[0].contourf(np.ones((3, 3)) * np.arange(3))
axes[1].plot([1, 2], label="$x^2$")
axes[1].legend()
figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
np.random.default_rng(0), np.linalg, np.fft, np.polynomial
for name in glassnet.__all__:
    importlib.import_module(f"glassnet.{name}")

base = ("numpy", "glassnet")
groups = {"base": [], "matplotlib": []}
for name, module in sorted(sys.modules.items()):
    path = getattr(module, "__file__", None) or ""
    if path.startswith(f"{site}/") and path.endswith(".py"):
        groups["base" if name.partition(".")[0] in base else "matplotlib"].append(path)

def packed(paths):
    """Return an archive of the compiled files; the same files make the same archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            made = importlib.util.cache_from_source(path)
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH  # the times of files differ
            py_compile.compile(path, made, doraise=True, invalidation_mode=mode)
            name = Path(made).relative_to(site).as_posix()
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, Path(made).read_bytes())
    return buffer.getvalue()

archives = {name: packed(paths) for name, paths in groups.items()}
`);
for (const name of ["base", "matplotlib"]) {
  const data = python.runPython(`archives["${name}"]`).toJs();
  writeFileSync(`${stage}/live/bytecode-${name}.zip`, data);
  console.log(`bytecode-${name}.zip: ${(data.length / 1e6).toFixed(2)} MB`);
}
