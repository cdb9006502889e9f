// The editor of a cell: CodeMirror 6 with Python. tools/bundle_editor.mjs makes one script of it,
// with the global GlassEditor; colours are the classes of live.css, so both themes follow.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const kinds = {
  keyword: [tags.keyword, tags.operatorKeyword, tags.modifier],
  string: [tags.string, tags.special(tags.string), tags.escape],
  number: [tags.number, tags.bool, tags.null],
  comment: [tags.comment],
  name: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.meta],
};
const colours = HighlightStyle.define(Object.entries(kinds).map(([kind, tag]) => ({ tag, class: `gn-code-${kind}` })));

/** Make an editor in `parent`; `run` and `leave` are what Shift-Enter and Escape do. */
export function create({ parent, doc, label, run, leave }) {
  const act = (action) => () => {
    action();
    return true;
  };
  const keys = [
    { key: "Shift-Enter", run: act(run) },
    { key: "Mod-Enter", run: act(run) },
    { key: "Ctrl-Enter", run: act(run) },
    { key: "Escape", run: act(leave) },
  ];
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc,
      extensions: [
        history(),
        drawSelection(),
        EditorState.tabSize.of(4),
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        python(),
        syntaxHighlighting(colours),
        keymap.of([...keys, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}
