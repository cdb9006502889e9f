/* Attention over eight cards. Queries, keys and values of both heads come from the trace, for some
   steps of the training; scores, weights and mixed values are worked out here. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const HEADS = ["head_1", "head_2"];
  const QUESTIONS = ["same", "before"];

  const known = new WeakMap(); // of each frame, for each choice of the toggles

  function facts(view, frame) {
    const key = `${view.values.scaled} ${view.values.causal}`;
    if (!known.has(frame)) known.set(frame, {});
    const list = known.get(frame);
    return (list[key] = list[key] || attend(view, frame));
  }

  /** Both heads with the weights of one frame: products, scores, weights, mixed values, answers. */
  function attend(view, frame) {
    const { data, values } = view;
    const mask = values.causal ? M.grid(data.cards.length, data.cards.length, (i, j) => j <= i) : null;
    const scale = values.scaled ? 1 / Math.sqrt(data.dim) : 1;
    const heads = frame.q.map((q, h) => {
      const { scores, weights, output } = M.attention(q, frame.k[h], frame.v[h].map((v) => [v]), { scale, mask });
      return { scores, weights, mixed: output.map((row) => row[0]), v: frame.v[h], products: M.matmul(q, M.transpose(frame.k[h])) };
    });
    const answers = data.cards.map((_, i) => M.dense(heads.map((head) => head.mixed[i]), frame.w, frame.b).map((a) => data.middle + data.unit * a));
    return { heads, answers };
  }

  /** What the table and the caption say. */
  function now(view) {
    const { heads, answers } = facts(view, view.frame);
    const i = view.values.query - 1;
    const head = heads[HEADS.indexOf(view.values.head)];
    return { i, head, weights: head.weights[i], mix: head.mixed[i], answer: answers[i], target: view.data.targets[i] };
  }

  const hidden = (view, j) => view.values.causal && j > view.values.query - 1;
  const short = (value) => D.format(Math.abs(value) < 5e-3 ? 0 : Number(value.toFixed(2)), 3, true);

  Glass.scene("attention", {
    milliseconds: () => 800,

    caption(view) {
      const { i, weights, mix, answer, target } = now(view);
      const best = M.argmax(weights);
      return view.t("say", {
        n: view.frame.n, head: view.t(view.values.head), query: view.data.cards[i], best: view.data.cards[best],
        weight: weights[best], mix, same: answer[0], same_true: target[0], before: answer[1], before_true: target[1],
      });
    },

    rows(view) {
      const { i, head, weights, mix, answer } = now(view);
      const rows = view.data.cards.map((card, j) => [
        card, head.products[i][j], hidden(view, j) ? "" : head.scores[i][j], weights[j], head.v[j], weights[j] * head.v[j],
      ]);
      rows.push([view.t("total"), "", "", M.sum(weights), "", mix]);
      QUESTIONS.forEach((key, q) => rows.push([view.t(`said_${key}`), "", "", "", "", answer[q]]));
      return rows;
    },

    setup(view) {
      const { data, trace } = view;
      const left = view.panel({ width: 430, height: 424, label: view.t("cards") });
      const right = view.panel({ width: 300, height: 424, label: view.t("heads") });
      const middle = { "text-anchor": "middle" };
      const n = data.cards.length;
      const place = (j) => 74 + 47 * j;

      /* the cards, arcs from the query to the others, then a column below each: score, weight */
      const arcs = data.cards.map(() => left.add("path", { fill: "none", stroke: "var(--c0)", "stroke-linecap": "round" }));
      const rowsAt = { score: 202, weight: 312 };
      for (const [key, y] of [["score", rowsAt.score], ["weight", rowsAt.weight]]) {
        left.text(6, y - (key === "score" ? -4 : 24), view.t(key), { class: "soft" });
        left.add("line", { class: "axis", x1: 52, x2: 426, y1: y, y2: y });
      }
      const columns = data.cards.map((card, j) => {
        const x = place(j);
        const node = left.add("g");
        const frame = left.add("rect", { x: x - 18, y: 92, width: 36, height: 44, rx: 5, stroke: "currentColor" }, node);
        left.text(x, 110, card[0], { ...middle, class: "bold" }, node);
        left.text(x, 128, card.slice(1), middle, node);
        view.pick(node, "query", j + 1);
        const bar = (fill) => left.add("rect", { x: x - 13, width: 26, fill, rx: 1.5 });
        return {
          frame, score: bar("var(--c4)"), weight: bar("var(--c0)"),
          said: left.text(x, 0, "", { ...middle, class: "mid" }), share: left.text(x, 0, "", { ...middle, class: "mid" }),
        };
      });

      /* the mixed value: the centre of gravity of discs as heavy as the weights */
      const axis = D.scale([0, 1], [66, 412]);
      left.text(6, 371, view.t("value"), { class: "soft" });
      left.add("line", { class: "axis", x1: 56, x2: 424, y1: 367, y2: 367 });
      const discs = data.cards.map(() => ({
        disc: left.add("circle", { cy: 367, fill: "var(--c0)", "fill-opacity": 0.45, stroke: "var(--c0)" }),
        name: left.text(0, 350, "", { ...middle, class: "small", stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke" }),
      }));
      const pivot = left.add("path", { d: "M0 0l-8 13h16z", fill: "var(--c1)" });
      const mixed = left.text(0, 412, "", { class: "bold", ...middle });

      /* both heads: a matrix of weights each */
      const CELL = 16;
      const maps = HEADS.map((name, h) => {
        const x0 = 8 + h * 152;
        const node = right.add("g");
        right.add("rect", { x: x0 - 4, y: 0, width: 8 * CELL + 8, height: 26 + 8 * CELL, fill: "transparent" }, node);
        const title = right.text(x0 + 4 * CELL, 14, view.t(name), middle, node);
        const cells = M.grid(n, n, (i, j) => right.add("rect", {
          x: x0 + j * CELL, y: 22 + i * CELL, width: CELL, height: CELL, stroke: "var(--faint)", fill: "var(--c0)",
        }, node));
        const row = right.add("rect", { x: x0 - 1.5, width: 8 * CELL + 3, height: CELL, fill: "none", stroke: "var(--c1)", "stroke-width": 2.5, rx: 2 }, node);
        view.pick(node, "head", name);
        return { cells, row, title };
      });
      const told = QUESTIONS.map((key, q) => {
        right.text(8, 182 + 42 * q, view.t(key), { class: "bold" });
        return right.text(8, 200 + 42 * q, "");
      });

      /* the loss over the training */
      const last = trace.frames[trace.frames.length - 1].n;
      const log = (loss) => Math.log10(Math.max(loss, 1e-4));
      const plot = right.plot({ x: [0, last], y: [-3.6, 0.2], xlabel: view.t("step_axis"), ylabel: view.t("loss"), top: 268, left: 48, yticks: [] });
      for (const [power, text] of [[-3, "10⁻³"], [-2, "10⁻²"], [-1, "0.1"], [0, "1"]]) {
        right.text(42, plot.sy(power) + 4, text, { "text-anchor": "end", class: "mid soft" });
        right.add("line", { class: "grid", x1: 48, x2: 290, y1: plot.sy(power), y2: plot.sy(power) });
      }
      const line = trace.frames.map((f) => [plot.sx(f.n), plot.sy(log(f.loss))]);
      right.add("path", { d: D.path(line), fill: "none", stroke: "var(--edge)", "stroke-width": 1.5 }, plot.layer);
      const dot = right.add("circle", { r: 5, fill: "currentColor" });

      return function draw() {
        const h = HEADS.indexOf(view.values.head);
        const i = view.values.query - 1;
        const share = view.step && view.phase < 1 ? D.ease(view.phase) : 1;
        const here = facts(view, view.frame);
        const from = share < 1 ? facts(view, trace.frames[view.step - 1]) : here;
        const between = (pick) => D.mix(pick(from), pick(here), share);
        const largest = Math.max(...here.heads[h].products.flat().map(Math.abs), 0.5);

        const weights = data.cards.map((_, j) => between((f) => f.heads[h].weights[i][j]));
        const values = data.cards.map((_, j) => between((f) => f.heads[h].v[j]));
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const at = (value) => axis((value - low) / (high - low || 1));
        columns.forEach((column, j) => {
          const score = between((f) => f.heads[h].scores[i][j]);
          const out = hidden(view, j);
          const size = 46 * Math.min(Math.abs(score) / largest, 1);
          D.set(column.frame, {
            fill: j === i ? "var(--c1)" : "var(--c0)", "fill-opacity": j === i ? 0.25 : 0.5 * weights[j], "stroke-width": j === i ? 3 : 1,
            "stroke-dasharray": out ? "3 3" : null,
          });
          D.set(column.score, { y: score < 0 ? rowsAt.score : rowsAt.score - size, height: size, "fill-opacity": out ? 0 : 0.75 });
          D.set(column.said, { y: score < 0 || out ? rowsAt.score - 5 : rowsAt.score + 15, text: out ? "–" : D.format(Number(score.toFixed(1)), 3, true) });
          const top = rowsAt.weight - 48 * weights[j];
          D.set(column.weight, { y: top, height: rowsAt.weight - top });
          D.set(column.share, { y: top - 5, text: short(weights[j]) });
          const [x0, x1] = [place(i), place(j)];
          const rise = 22 + 9 * Math.abs(i - j);
          D.set(arcs[j], {
            d: j === i ? `M${x0 - 9} 90C${x0 - 22} 58 ${x0 + 22} 58 ${x0 + 9} 90` : `M${x0} 90C${x0} ${90 - rise} ${x1} ${90 - rise} ${x1} 90`,
            "stroke-width": 0.5 + 9 * weights[j], "stroke-opacity": weights[j] < 0.005 ? 0.15 : 0.55,
          });
          D.set(discs[j].disc, { cx: at(values[j]), r: 1.5 + 15 * Math.sqrt(weights[j]) });
          D.set(discs[j].name, { x: at(values[j]), text: weights[j] > 0.15 ? data.cards[j] : "" });
        });
        const mix = between((f) => f.heads[h].mixed[i]);
        D.set(pivot, { transform: `translate(${at(mix).toFixed(2)} 384)` });
        D.set(mixed, { x: D.clamp(at(mix), 60, 370), text: view.t("mix", { mix: short(mix) }), y: 413 });

        maps.forEach(({ cells, row, title }, k) => {
          D.set(title, { class: k === h ? "bold" : "soft" });
          D.set(row, { y: 22 + i * CELL, "stroke-opacity": k === h ? 1 : 0.35 });
          cells.forEach((list, a) => list.forEach((cell, b) =>
            D.set(cell, { "fill-opacity": Number(between((f) => f.heads[k].weights[a][b]).toFixed(3)) })));
        });
        told.forEach((node, q) => D.set(node, {
          text: view.t("answer", { answer: short(here.answers[i][q]), target: short(data.targets[i][q]) }),
        }));
        D.set(dot, { cx: line[view.step][0], cy: line[view.step][1] });
      };
    },
  });
})();
