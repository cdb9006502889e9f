/* The chain rule on a graph. Values are worked out here; the local derivatives and the terms of the
   backward pass are those of the layers, recorded for a grid of inputs. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const NUDGE = 0.001;
  const FORWARD = {
    p: (v) => v.u * v.v,
    q: (v) => v.u + v.p,
    f: (v) => v.p * v.q,
    m: (v) => v.w * v.x,
    z: (v) => v.m + v.b,
    a: (v) => M.sigmoid(v.z),
    L: (v) => (v.a - v.y) ** 2,
  };

  /** The graph in use: its nodes, those that are computed, its arrows in the order of going back. */
  function graph({ data, values }) {
    const nodes = data.graphs[values.graph];
    const run = data.runs[values.graph];
    const row = data.inputs.indexOf(values.first) * data.inputs.length + data.inputs.indexOf(values.second);
    const bar = (name) => run.bars[row][nodes.findIndex((n) => n.name === name)];
    const arrows = run.arrows.map(([tail, head], i) => ({
      tail, head, i, formula: data.local[values.graph][tail + head],
      slope: run.slopes[row][i], term: run.terms[row][i], up: bar(head),
    }));
    return { nodes, arrows, bar, made: nodes.filter((n) => n.uses), end: nodes[nodes.length - 1].name };
  }

  /** The value of every node; with `moved` one of them is changed by `by` after it was computed. */
  function evaluate({ data, values }, nodes, moved, by) {
    const v = { ...data.given, [nodes[0].name]: values.first, [nodes[1].name]: values.second };
    for (const { name, uses } of nodes) {
      if (uses) v[name] = FORWARD[name](v);
      if (name === moved) v[name] += by;
    }
    return v;
  }

  /** What is known at the present step. */
  function facts(view) {
    const g = graph(view);
    const { nodes, arrows, made, end } = g;
    const seed = made.length + 1;
    const done = D.clamp(view.step - seed, 0, arrows.length); // arrows gone back along
    const values = evaluate(view, nodes);
    const computed = (name) => {
      const at = made.findIndex((n) => n.name === name);
      return at < view.step; // inputs have -1
    };
    const leaving = (name) => arrows.filter((a) => a.tail === name);
    const complete = (name) => view.step >= seed && leaving(name).every((a) => a.i < done);
    const trying = (name) => {
      const [up, down] = [NUDGE, -NUDGE].map((by) => evaluate(view, nodes, name, by)[end]);
      return (up - down) / (2 * NUDGE);
    };
    const now = view.step < seed ? made[view.step - 1] : null; // the node that is computed
    const arrow = view.step > seed ? arrows[done - 1] : null; // or the arrow gone back along
    return { ...g, seed, done, values, computed, leaving, complete, trying, now, arrow };
  }

  Glass.scene("chain_rule", {
    count(view) {
      const { made, arrows } = graph(view);
      return made.length + 2 + arrows.length;
    },

    milliseconds: () => 1200,

    caption(view) {
      const f = facts(view);
      if (f.now) return view.t("say_forward", { node: f.now.name, formula: f.now.formula, value: f.values[f.now.name] });
      if (!f.arrow) return view.t(view.step ? "say_seed" : "say_input", { end: f.end });
      const { tail, head, up, slope, term } = f.arrow;
      const numbers = { node: tail, head, up, slope, term, bar: f.bar(tail) };
      const after = !f.complete(tail) ? "say_more" : f.leaving(tail).length > 1 ? "say_sum" : "say_done";
      return `${view.t("say_edge", numbers)} ${view.t(after, numbers)}`;
    },

    rows(view) {
      const f = facts(view);
      const nodes = f.nodes.map(({ name }) => [
        name, f.computed(name) ? f.values[name] : "", "", "",
        f.complete(name) ? f.bar(name) : "", f.complete(name) ? f.trying(name) : "",
      ]);
      return nodes.concat(f.arrows.map((a) => [
        `${a.tail} → ${a.head}`, "", a.i < f.done ? a.up : "", f.computed(a.head) ? a.slope : "",
        a.i < f.done ? a.term : "", "",
      ]));
    },

    setup(view) {
      const map = view.panel({ width: 430, height: 300, label: view.t("drawing") });
      const side = view.panel({ width: 300, height: 300, label: view.t("ledger") });
      const [W, H] = [82, 66];
      const short = (value) => D.format(value, Math.abs(value) < 0.01 ? 2 : 3, true);
      const purple = (node) => ((node.style.fill = "var(--gradient)"), node);

      /* both graphs are made at once; the one in use is shown */
      const pictures = Object.entries(view.data.graphs).map(([name, nodes]) => {
        const group = map.add("g");
        const place = Object.fromEntries(nodes.map((n) => [n.name, [42 + 346 * n.at[0], 40 + 220 * n.at[1]]]));
        const arrows = view.data.runs[name].arrows.map(([tail, head], i) => {
          const [[x1, y1], [x2, y2]] = [place[tail], place[head]];
          const [dx, dy] = [x2 - x1, y2 - y1];
          const edge = Math.min((W / 2 + 3) / Math.abs(dx || 1e-9), (H / 2 + 3) / Math.abs(dy || 1e-9));
          const [from, to] = [[x1 + edge * dx, y1 + edge * dy], [x2 - edge * dx, y2 - edge * dy]];
          const node = map.add("g", {}, group);
          const line = map.add("path", { d: D.path([from, to]), fill: "none" }, node);
          const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
          const tip = map.add("path", { d: "M0 0l-9 -5v10z", transform: `translate(${to[0]} ${to[1]}) rotate(${angle})` }, node);
          map.add("path", { d: D.path([from, to]), stroke: "transparent", "stroke-width": 22 }, node);
          const at = [D.mix(from[0], to[0], 0.48), D.mix(from[1], to[1], 0.48)];
          const label = map.text(at[0], at[1] + 4, "", { "text-anchor": "middle", stroke: "var(--paper)", "stroke-width": 5, "paint-order": "stroke" }, node);
          view.pickStep(node, () => facts(view).seed + 1 + i);
          return { from, to, line, tip, label };
        });
        const boxes = nodes.map(({ name: own, formula }) => {
          const [x, y] = place[own];
          const node = map.add("g", {}, group);
          const box = map.add("rect", { x: x - W / 2, y: y - H / 2, width: W, height: H, rx: 7 }, node);
          map.text(x, y - 16, formula ? `${own} = ${formula}` : own, { "text-anchor": "middle", class: "mid soft" }, node);
          const value = map.text(x, y + 4, "", { "text-anchor": "middle" }, node);
          const bar = purple(map.text(x, y + 24, "", { "text-anchor": "middle", class: "mid bold" }, node));
          view.pickStep(node, () => {
            const f = facts(view);
            return f.seed + Math.max(0, ...f.leaving(own).map((a) => a.i + 1));
          });
          return { own, box, value, bar };
        });
        const pulses = [0, 1].map(() => map.add("circle", { r: 6 }, group));
        return { name, group, arrows, boxes, pulses };
      });

      /* the derivative of one node, term by term */
      const title = side.text(14, 40, "", { class: "large bold" });
      const columns = [64, 136, 204, 288];
      const heads = ["through", "upstream", "local", "product"].map((key, i) =>
        side.text(columns[i], 84, view.t(key), { "text-anchor": "end", class: "mid soft" }));
      const terms = [0, 1].map((k) => columns.map((x) => side.text(x, 114 + 30 * k, "", { "text-anchor": "end", class: "large" })));
      const signs = [0, 1].map((k) => [["×", 150], ["=", 214]].map(([text, x]) => side.text(x, 114 + 30 * k, text, { "text-anchor": "middle", class: "soft" })));
      const rule = side.add("line", { x1: 220, x2: 290, y1: 157, y2: 157, stroke: "currentColor" });
      const sum = side.text(204, 180, view.t("sum"), { "text-anchor": "end", class: "soft" });
      const total = purple(side.text(288, 180, "", { "text-anchor": "end", class: "large bold" }));
      const check = side.text(288, 236, "", { "text-anchor": "end", class: "mid soft" });
      const found = side.text(288, 260, "", { "text-anchor": "end", class: "large" });
      terms.forEach((line) => purple(line[3]));

      return function draw() {
        const f = facts(view);
        const phase = view.phase < 1 ? D.ease(view.phase) : 1;
        const arrived = phase > 0.7;
        const seeded = view.step >= f.seed;
        for (const { name, group, arrows, boxes, pulses } of pictures) {
          const on = name === view.values.graph;
          D.set(group, { visibility: on ? null : "hidden" });
          if (!on) {
            for (const node of pulses) D.set(node, { visibility: "hidden" });
            continue;
          }
          arrows.forEach(({ line, tip, label }, i) => {
            const a = f.arrows[i];
            const active = f.arrow === a;
            const back = a.i < f.done;
            const known = f.computed(a.head) && (a.head !== f.now?.name || arrived);
            const colour = back ? "var(--gradient)" : "var(--edge)";
            D.set(line, { stroke: colour, "stroke-width": active ? 3.5 : back ? 2.2 : 1.4 });
            D.set(tip, { fill: colour });
            D.set(label, { text: known ? short(a.slope) : "", class: active || a.head === f.now?.name ? "large bold" : "" });
          });
          boxes.forEach(({ own, box, value, bar }) => {
            const fresh = f.now?.name === own || f.arrow?.tail === own || (view.step === f.seed && own === f.end);
            const known = f.computed(own) && (f.now?.name !== own || arrived);
            const done = f.arrows.filter((a) => a.tail === own && a.i < f.done - (f.arrow?.tail === own && !arrived ? 1 : 0));
            const partly = own === f.end ? seeded : done.length > 0;
            const whole = done.length === f.leaving(own).length;
            const shown = own === f.end || whole ? f.bar(own) : M.sum(done.map((a) => a.term));
            D.set(box, {
              fill: fresh ? (seeded ? "var(--gradient)" : "var(--c0)") : "currentColor", "fill-opacity": fresh ? 0.16 : 0.05,
              stroke: fresh ? (seeded ? "var(--gradient)" : "var(--c0)") : "var(--edge)", "stroke-width": fresh ? 2.2 : 1,
            });
            D.set(value, { text: known ? short(f.values[own]) : "" });
            D.set(bar, { text: partly ? `∂ ${short(shown)}${whole ? "" : " + …"}` : "" });
          });
          const moving = view.phase < 1 ? (f.now ? f.arrows.filter((a) => a.head === f.now.name) : f.arrow ? [f.arrow] : []) : [];
          pulses.forEach((pulse, k) => {
            const a = moving[k] && arrows[moving[k].i];
            const share = f.now ? phase : 1 - phase;
            D.set(pulse, a ? {
              cx: D.mix(a.from[0], a.to[0], share), cy: D.mix(a.from[1], a.to[1], share),
              fill: f.now ? "currentColor" : "var(--gradient)", visibility: null,
            } : { visibility: "hidden" });
          });
        }

        /* the ledger: of the node that the last arrow led to, or of the one that is computed */
        const own = f.arrow?.tail || (seeded ? f.end : f.now?.name);
        const list = f.arrow ? f.leaving(own) : [];
        const locals = f.now ? f.arrows.filter((a) => a.head === own) : [];
        const whole = f.arrow && f.complete(own) && arrived;
        D.set(title, { text: f.now ? view.t("locals", { node: own }) : seeded ? `∂${f.end}/∂${own}${f.arrow ? "" : " = 1"}` : "" });
        for (const node of heads) D.set(node, { visibility: f.arrow ? null : "hidden" });
        terms.forEach((line, k) => {
          const a = list[k];
          const due = a && (a.i < f.done - 1 || (a.i < f.done && arrived));
          const local = locals[k];
          D.set(line[0], { text: a ? a.head : "" });
          D.set(line[1], { text: a && a.i < f.done ? short(a.up) : "" });
          D.set(line[2], { text: a ? short(a.slope) : "" });
          D.set(line[3], { text: due ? short(a.term) : local ? `∂${own}/∂${local.tail} = ${local.formula}${Number(local.formula) ? "" : ` = ${short(local.slope)}`}` : "" });
          line[3].style.fill = local ? "" : "var(--gradient)";
          for (const node of signs[k]) D.set(node, { visibility: a && a.i < f.done ? null : "hidden" });
        });
        for (const node of [rule, sum, total]) D.set(node, { visibility: whole && list.length > 1 ? null : "hidden" });
        D.set(total, { text: whole ? short(f.bar(own)) : "" });
        D.set(check, { text: whole ? view.t("trying", { node: own }) : "" });
        D.set(found, { text: whole ? short(f.trying(own)) : "" });
      };
    },
  });
})();
