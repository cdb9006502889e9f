// A cell's source becomes an editor, which is loaded at the first Edit of a page.
let loading = null;

function load(root, element) {
  loading ||= new Promise((resolve, reject) => {
    const script = element("script", { src: `${root}editor.js` });
    script.addEventListener("load", () => resolve(globalThis.GlassEditor));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error("The editor cannot be loaded from this site."));
    });
    document.head.append(script);
  });
  return loading;
}

/** Open the editor of a cell, or go to it if it is open. */
export async function edit(cell, { root, element, run }) {
  if (!cell.editor) {
    const kit = await load(root, element);
    if (!cell.editor) cell.editor = make(kit, cell, { element, run });
  }
  cell.editor.focus();
}

function make(kit, cell, { element, run }) {
  const { input, buttons } = cell.box;
  const shown = [...input.children];
  const parent = element("div", { class: "gn-live-editor" });
  for (const node of shown) node.hidden = true;
  input.append(parent);
  const editor = kit.create({
    parent,
    doc: cell.saved,
    label: `Source of cell ${cell.number}; Shift and Enter run it, Escape leaves it`,
    run,
    leave: () => (buttons.run.hidden ? buttons.stop : buttons.run).focus(),
  });
  return {
    ...editor,
    close() {
      editor.close();
      parent.remove();
      for (const node of shown) node.hidden = false;
    },
  };
}
