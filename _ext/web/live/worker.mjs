// The interpreter of one page, in a worker of its own: it loads Pyodide and packages from the site,
// runs cells, and sends what comes of them. The page ends it by terminate().
const MODULES = ["runner", "absent", "faults", "fonts", "shown", "figures", "backend", "stand_ins", "narrow_ints"];
const HOME = "/home/pyodide";
const SITE = "/lib/python3.12/site-packages"; // of this line of Pyodide

let root; // address of the folder of this file
let python;
let interpreter;
const known = {}; // from Pyodide's lock file: package by the name under which it is imported
let current = null; // id of the run whose output is being sent
let plotting = null; // promise: what matplotlib was compiled to
let plotted; // starts that if need be
let furnished = false;
let failed = null; // the file that could not be had, and why
const counted = { loaded: 0, total: 0, shown: 0 };

const post = (type, fields) => self.postMessage({ ...fields, type });

/* ---- fetching, counted for the progress line ---- */

const plainFetch = self.fetch.bind(self);

function progress(force) {
  const now = performance.now();
  if (!force && now - counted.shown < 100) return;
  counted.shown = now;
  post("progress", { loaded: counted.loaded, total: counted.total });
}

function count(bytes) {
  counted.loaded += bytes;
  progress(false);
}

// what cannot be had at the start is said at once: Pyodide would wait for its own files for ever
function miss(text) {
  failed = text;
  if (!interpreter) post("failed", { text, during: "start" });
}

// fetch() whose bytes are counted, and which remembers what could not be had
self.fetch = async (resource, options) => {
  const address = String(resource?.url ?? resource);
  const name = address.split("/").pop();
  let response;
  try {
    response = await plainFetch(resource, options);
  } catch (error) {
    miss(`${name} cannot be reached`);
    throw error;
  }
  if (!response.ok) miss(`${name} is missing (${response.status})`);
  if (!response.ok || !response.body) return response;
  const encoded = response.headers.get("content-encoding");
  counted.total += encoded ? 0 : Number(response.headers.get("content-length")) || 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      count(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
};

async function get(address) {
  const url = new URL(address, root);
  const response = await self.fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(failed);
  return response;
}

const bytes = async (address) => new Uint8Array(await (await get(address)).arrayBuffer());

/* ---- starting ---- */

// the archive of what was compiled when the site was made, null if it has none
async function compiled(manifest, name) {
  const address = (await manifest).bytecode?.[name];
  return address ? bytes(address) : null;
}

function unpack(archive) {
  if (archive) python.unpackArchive(archive, "zip", { extractDir: SITE });
}

// matplotlib is there: give it its compiled files and its list of fonts
async function furnish() {
  if (furnished || !("matplotlib" in python.loadedPackages)) return;
  furnished = true;
  unpack(await plotted());
  python.pyimport("gn_live.fonts").install(SITE);
}

function write(path, data) {
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  python.FS.writeFile(path, data);
}

async function files(page) {
  const wanted = Object.entries(page.files || {}).map(([path, address]) => [`${HOME}/book/${path}`, address]);
  if (page.recordings) wanted.push([`${HOME}/${page.recordings.split("/").pop()}`, page.recordings]);
  return Promise.all(wanted.map(async ([path, address]) => [path, await bytes(address)]));
}

async function start(message) {
  root = message.root;
  const { page } = message;
  const home = new URL("../pyodide/", root).href;
  const loading = import(`${home}pyodide.mjs`).then(({ loadPyodide }) =>
    loadPyodide({
      indexURL: home,
      packages: message.packages,
      env: { HOME, GLASSNET_BOOK: "1", PYTHONHASHSEED: "0" },
      stdout: (text) => post("stdout", { id: current, text: `${text}\n` }),
      stderr: (text) => post("stderr", { id: current, text: `${text}\n` }),
    }),
  );
  const manifest = get("manifest.json").then((response) => response.json());
  const lock = get("../pyodide/pyodide-lock.json").then((response) => response.json());
  const wheel = manifest.then((found) => bytes(found.wheel));
  const base = compiled(manifest, "base");
  plotted = () => (plotting ||= compiled(manifest, "matplotlib"));
  if (message.packages.includes("matplotlib")) plotted();
  const sources = Promise.all(MODULES.map(async (name) => [name, await bytes(`${name}.py`)]));
  [python] = await Promise.all([loading, wheel, base, sources]);
  python.unpackArchive(await wheel, "wheel", { extractDir: SITE });
  unpack(await base);
  for (const [name, source] of [["__init__", ""], ...(await sources)]) write(`/lib/gn_live/${name}.py`, source);
  for (const [path, data] of await files(page)) write(path, data);
  const folder = `${HOME}/book/${page.folder || ""}`;
  python.FS.mkdirTree(folder);
  if (page.recordings) python.globals.set("_recordings", `${HOME}/${page.recordings.split("/").pop()}`);
  python.globals.set("_folder", folder);
  python.globals.set("_emit", (kind, text) => post(kind, { ...JSON.parse(text), id: current }));
  interpreter = python.runPython(`
import importlib, json, os, sys
importlib.invalidate_caches()
os.chdir(_folder)
sys.path[:0] = [_folder]
sys.path.append("/lib")
if "_recordings" in globals():
    os.environ["GLASSNET_KERAS_VALUES"] = _recordings
from gn_live import narrow_ints
from gn_live.runner import Interpreter
narrow_ints.install()
Interpreter(lambda kind, fields: _emit(kind, json.dumps(fields)))
`);
  const { info, packages } = await lock;
  for (const one of Object.values(packages)) {
    for (const imported of one.imports || []) known[imported] = one.name;
  }
  progress(true);
  post("ready", { python: info.python, numpy: packages.numpy.version });
}

/* ---- running ---- */

function plain(error) {
  const text = String(error?.message || error).split("\n")[0];
  return failed || text;
}

async function run({ id, index, source, packages }) {
  current = id;
  const absent = (packages || []).filter((name) => !(name in python.loadedPackages));
  if (absent.length) {
    post("loading", { id, packages: absent });
    failed = null;
    counted.loaded = counted.total = 0;
    await python.loadPackage(absent, { messageCallback: () => {}, errorCallback: () => {} });
    if (failed) throw new Error(failed);
    post("loaded", { id });
  }
  await furnish();
  const result = interpreter.run(index + 1, source);
  const { ok, seconds, missing } = Object.fromEntries(result.toJs());
  result.destroy();
  const package_ = known[missing];
  if (package_ && !(package_ in python.loadedPackages)) {
    post("again", { id, missing });
    return run({ id, index, source, packages: [package_] });
  }
  post("done", { id, ok, seconds });
}

let last = Promise.resolve();
self.onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      if (data.type === "start") await start(data);
      if (data.type === "run") await run(data);
    } catch (error) {
      post("failed", { text: plain(error), during: data.type });
    }
  });
};
