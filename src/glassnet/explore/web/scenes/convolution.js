/* A convolution slides over an image, window by window; then a pooling window over its output. The
   outputs are those of the real layers; here only the products of one window are worked out. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const CELL = 26;

  /** Everything about the present window. */
  function facts(view) {
    const { data, values } = view;
    const key = `${values.kernel} ${values.stride} ${values.padding}`;
    const output = data.outputs[key];
    const pooled = values.pooling === "none" ? null : data.pooled[`${key} ${values.pooling}`];
    const count = output.length * output[0].length;
    const pool = view.step >= count;
    const n = pool ? view.step - count : view.step;
    const map = pool ? pooled : output;
    const [row, column] = place(n, map);
    const before = M.windows(data.image.length, 3, values.stride, values.padding).before;
    return { key, output, pooled, count, pool, n, row, column, before, map, value: map[row][column] };
  }

  const place = (n, map) => [Math.floor(n / map[0].length), n % map[0].length];

  /** The nine taps of a window: where they lie in the image, what is there, weight, product. */
  function taps({ data, values }, row, column, before) {
    return data.kernels[values.kernel].flatMap((weights, i) => weights.map((weight, j) => {
      const [r, c] = [row * values.stride + i - before, column * values.stride + j - before];
      const seen = data.image[r]?.[c];
      return { r, c, i, j, seen: seen ?? 0, outside: seen === undefined, weight, product: (seen ?? 0) * weight };
    }));
  }

  Glass.scene("convolution", {
    count(view) {
      const size = (m) => (m ? m.length * m[0].length : 0);
      const key = `${view.values.kernel} ${view.values.stride} ${view.values.padding}`;
      return size(view.data.outputs[key]) + size(view.data.pooled[`${key} ${view.values.pooling}`]);
    },

    milliseconds: () => 650,

    caption(view) {
      const { pool, n, row, column, map, value } = facts(view);
      const numbers = { n: n + 1, count: map.length * map[0].length, row: row + 1, column: column + 1, value };
      return view.t(pool ? `say_${view.values.pooling}` : "say_window", numbers);
    },

    rows(view) {
      const { pool, row, column, before, output, value } = facts(view);
      const at = (r, c) => view.t("place", { row: r + 1, column: c + 1 });
      if (!pool) {
        const list = taps(view, row, column, before);
        return list.map((t) => [t.outside ? view.t("outside") : at(t.r, t.c), t.seen, t.weight, t.product])
          .concat([[view.t("sum"), "", "", value]]);
      }
      const four = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([i, j]) => [2 * row + i, 2 * column + j]);
      return four.map(([r, c]) => [at(r, c), output[r][c], "", ""]).concat([[view.t(view.values.pooling), "", "", value]]);
    },

    setup(view) {
      const { data } = view;
      const size = data.image.length;
      const deep = Math.max(...data.image.flat());

      /** A square of cells that can be shown or hidden, coloured, and given a number. */
      const cells = (panel, rows, columns, x, y, cell = CELL, group = panel.svg) => M.grid(rows, columns, (r, c) => {
        const node = panel.add("rect", { x: x + c * cell, y: y + r * cell, width: cell, height: cell, stroke: "var(--faint)" }, group);
        const text = panel.text(x + (c + 0.5) * cell, y + (r + 0.5) * cell + 4, "", { "text-anchor": "middle", class: "small" }, group);
        return { node, text };
      });
      const frame = (panel, group, colour = "var(--c1)") =>
        panel.add("rect", { fill: "none", stroke: colour, "stroke-width": 3, rx: 2 }, group);
      const round = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(1)).replace("-", "−");

      /* the input, with room for a ring of zeros */
      const left = view.panel({ width: 272, height: 320, title: view.t("image") });
      const ring = cells(left, size + 2, size + 2, 6, 6);
      M.grid(size + 2, size + 2, (r, c) => {
        const pixel = data.image[r - 1]?.[c - 1];
        const { node, text } = ring[r][c];
        if (pixel === undefined) D.set(node, { fill: "none", "stroke-dasharray": "2 3", stroke: "var(--edge)" });
        else D.set(node, { fill: "currentColor", "fill-opacity": Number(((0.92 * pixel) / deep).toFixed(3)) });
        if (pixel === undefined) D.set(text, { text: "0", class: "small soft" });
      });
      const window3 = frame(left);

      /* one window: pixels times weights, the products, their sum */
      const middle = view.panel({ width: 272, height: 320, title: view.t("window") });
      const small = 34;
      const pixels = cells(middle, 3, 3, 8, 22, small).flat();
      const weights = cells(middle, 3, 3, 160, 22, small).flat();
      const products = cells(middle, 3, 3, 8, 178, small).flat();
      const sign = (x, y, text) => middle.text(x, y, text, { "text-anchor": "middle", class: "large" });
      const times = sign(135, 78, "×");
      const equals = sign(59, 154, "=");
      const arrow = sign(135, 234, "→");
      const label = middle.text(211, 200, "", { "text-anchor": "middle", class: "soft" });
      const total = middle.text(211, 238, "", { "text-anchor": "middle", class: "bold", "font-size": 24 });

      /* the output and what pooling leaves of it */
      const right = view.panel({ width: 272, height: 320, title: view.t("output") });
      const top = right.add("g");
      const found = cells(right, size, size, 32, 6, CELL, top);
      const kept = cells(right, size / 2, size / 2, 150, 220, 24);
      const heading = right.text(138, 248, view.t("pooled"), { "text-anchor": "end" });
      const out = frame(right, top);
      const out2 = frame(right, right.svg);
      const window2 = frame(right, top, "var(--c3)");
      found.forEach((row, r) => row.forEach(({ node }, c) => view.pickStep(node, () => {
        const { output } = facts(view);
        return r * output[0].length + c;
      })));

      const put = (rect, x, y, width) => D.set(rect, { x, y, width, height: width });
      const show = (cell, seen, value, largest, mark) => {
        D.set(cell.node, { visibility: seen ? null : "hidden", ...(value === null ? { fill: "none" } : D.signed(value, largest)) });
        D.set(cell.text, { text: seen && mark && value !== null ? round(value) : "" });
      };

      return function draw() {
        const f = facts(view);
        const { stride, padding, pooling } = view.values;
        const move = view.phase < 1 ? D.ease(Math.min(2.5 * view.phase, 1)) : 1;
        const told = view.phase < 1 ? (view.phase - 0.35) / 0.6 : 1; // how much of the window is worked out

        /** A place of this step on its way from that of the step before. */
        const slide = (n, map) => {
          const [a, b] = [place(Math.max(n - 1, 0), map), place(n, map)];
          return a[0] === b[0] ? [b[0], D.mix(a[1], b[1], move)] : b;
        };

        const reach = (M.windows(size, 3, stride, padding).count - 1) * stride + 3 - f.before;
        ring.forEach((row, r) => row.forEach(({ node, text }, c) => {
          if (data.image[r - 1]?.[c - 1] !== undefined) return;
          const used = padding === "same" && Math.min(r, c) >= 1 - f.before && Math.max(r, c) <= reach;
          D.set(node, { visibility: used ? null : "hidden" });
          D.set(text, { visibility: used ? null : "hidden" });
        }));
        const at = f.pool ? [0, 0] : slide(f.n, f.output);
        const corner = at.map((n) => 6 + (n * stride - f.before + 1) * CELL);
        put(window3, corner[1], corner[0], 3 * CELL);
        D.set(window3, { visibility: f.pool ? "hidden" : null });

        const list = f.pool
          ? [0, 1, 2, 3].map((k) => ({ seen: f.output[2 * f.row + (k >> 1)][2 * f.column + (k & 1)] }))
          : taps(view, f.row, f.column, f.before);
        const strong = Math.max(...f.output.flat().map(Math.abs), 1e-9);
        const heavy = Math.max(...data.kernels[view.values.kernel].flat().map(Math.abs));
        pixels.forEach((cell, k) => {
          const tap = f.pool ? (k % 3 < 2 && k < 6 ? list[Math.floor(k / 3) * 2 + (k % 3)] : null) : list[k];
          show(cell, Boolean(tap), tap && tap.seen, f.pool ? strong : 2 * deep, true);
          if (tap && !f.pool) D.set(cell.node, { fill: "currentColor", "fill-opacity": (0.45 * tap.seen) / deep });
        });
        weights.forEach((cell, k) => show(cell, !f.pool, f.pool ? null : list[k].weight, 2 * heavy, true));
        products.forEach((cell, k) => {
          const known = !f.pool && told > k / 9;
          show(cell, !f.pool, known ? list[k].product : null, 2 * deep * heavy, known);
        });
        D.set(times, { text: f.pool ? "" : "×" });
        D.set(equals, { text: f.pool ? "" : "=" });
        D.set(arrow, { text: told >= 1 ? "→" : "" });
        D.set(label, { text: view.t(f.pool ? pooling : "sum") });
        D.set(total, { text: told >= 1 ? D.format(f.value, 3, true) : "" });

        const done = f.pool ? f.count : view.step + (told >= 1 ? 1 : 0);
        found.forEach((row, r) => row.forEach((cell, c) => {
          const inside = r < f.output.length && c < f.output[0].length;
          const n = inside ? r * f.output[0].length + c : Infinity;
          show(cell, inside, n < done ? f.output[r][c] : null, strong, n < done);
        }));
        const pools = f.pool ? f.n + (told >= 1 ? 1 : 0) : 0;
        kept.forEach((row, r) => row.forEach((cell, c) => {
          const inside = Boolean(f.pooled && r < f.pooled.length && c < f.pooled[0].length);
          const n = inside ? r * f.pooled[0].length + c : Infinity;
          show(cell, inside, n < pools ? f.pooled[r][c] : null, strong, true);
        }));
        D.set(heading, { visibility: f.pooled ? null : "hidden" });
        D.set(top, { transform: `translate(${((size - f.output[0].length) / 2) * CELL} 0)` }); // centred
        put(out, 32 + f.column * CELL, 6 + f.row * CELL, CELL);
        put(out2, 150 + f.column * 24, 220 + f.row * 24, 24);
        D.set(out, { visibility: f.pool ? "hidden" : null });
        for (const node of [out2, window2]) D.set(node, { visibility: f.pool ? null : "hidden" });
        if (f.pool) {
          const [r, c] = slide(f.n, f.pooled);
          put(window2, 32 + 2 * c * CELL, 6 + 2 * r * CELL, 2 * CELL);
        }
      };
    },
  });
})();
