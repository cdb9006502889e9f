// Run tests of the package in Pyodide, in Node: the interpreter and the NumPy of the live cells.
//
//   node tools/pyodide_tests.mjs ROOT FILES ARGUMENT...
//
// ROOT is the repository, with _build/web staged. FILES is a zip file that holds what Pyodide has
// not (pytest). The arguments go to pytest; its exit code is returned.
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [root, files, ...args] = process.argv.slice(2).map((value, i) => (i < 2 ? resolve(value) : value));
const stage = `${root}/_build/web`;
const { loadPyodide } = await import(pathToFileURL(`${stage}/pyodide/pyodide.mjs`));
const python = await loadPyodide({
  indexURL: `${stage}/pyodide/`,
  env: { HOME: "/home/pyodide", MPLBACKEND: "agg", PYTHONDONTWRITEBYTECODE: "1" },
});
const { packages } = JSON.parse(readFileSync(`${stage}/live/manifest.json`, "utf-8"));
await python.loadPackage(packages, { messageCallback: () => {} });
const wheel = readdirSync(`${stage}/live`).find((name) => name.endsWith(".whl"));
const bytes = (path) => new Uint8Array(readFileSync(path)); // a Buffer is not taken
python.unpackArchive(bytes(`${stage}/live/${wheel}`), "wheel", { extractDir: "/lib/pytest" });
python.unpackArchive(bytes(files), "zip", { extractDir: "/lib/pytest" });
python.FS.writeFile("/lib/pytest/narrow_ints.py", bytes(`${stage}/live/narrow_ints.py`));
python.FS.mkdirTree("/book");
python.FS.mount(python.FS.filesystems.NODEFS, { root }, "/book");
python.globals.set("arguments", python.toPy(args));
try {
  process.exitCode = python.runPython(`
import os, sys
os.chdir("/book")
sys.path[:0] = ["/lib/pytest"]
import narrow_ints, pytest
narrow_ints.install()  # as for the cells

class WithoutTensorFlow:
    """A test that compares with Keras is skipped: where Keras is imported, or a cross-check asks."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        return (yield from self.skipping())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        return (yield from self.skipping())

    def skipping(self):
        try:
            return (yield)
        except ImportError as error:
            asked = error.name in ("keras", "tensorflow")
            if asked or "A cross-check needs TensorFlow" in str(error):
                pytest.skip("compares with TensorFlow")
            raise

# no files by number (fd), no threads; the conftest of the root is for notebooks
settings = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=sys", "--confcutdir=tests"]
int(pytest.main([*settings, *arguments], plugins=[WithoutTensorFlow()]))
`);
} catch (error) {
  console.error(error.message.slice(-4000)); // Node itself would print a file of a megabyte
  process.exitCode = 70;
}
