/* Activation functions: the curve, its slope, and the outputs of twenty layers, one after the other.
   Slopes and outputs were recorded; the value of the function is worked out here. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const CODE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const FLAT = 0.1;

  /** The layers of the present run: mean, spread, share of flat slopes, heights of the bars. */
  const run = ({ data, values }) => data.runs[values.function][values.scale].map(([mean, spread, flat, digits], i) => ({
    n: data.layers[i], mean, spread, flat: flat / data.count,
    bars: Array.from(digits, (digit) => (CODE.indexOf(digit) / 61) ** 2),
  }));

  const slopeAt = ({ data, values }) => data.slopes[values.function][data.grid.indexOf(values.z)];
  const percent = (share) => Math.round(100 * share);

  Glass.scene("activation", {
    count: (view) => view.data.layers.length,

    milliseconds: () => 600,

    caption(view) {
      const layers = run(view);
      const now = layers[view.step];
      const ratio = now.spread / layers[0].spread;
      const verdict = ratio < 0.02 ? "fades" : ratio < 0.6 ? "shrinks" : ratio < 1.6 ? "keeps" : "grows";
      const said = view.t("say", { n: now.n, mean: now.mean, spread: now.spread, flat: percent(now.flat) });
      return view.step ? `${said} ${view.t(`say_${verdict}`)}` : said;
    },

    rows(view) {
      const { z } = view.values;
      const here = [`φ(${D.format(z)})`, M.activate(view.values.function, z), slopeAt(view), ""];
      const layers = run(view).slice(0, view.step + 1);
      return [here].concat(layers.map((l) => [view.t("layer", { n: l.n }), l.mean, l.spread, l.flat]));
    },

    setup(view) {
      const { data } = view;
      const left = view.panel({ width: 350, height: 360, label: view.t("curve") });
      const right = view.panel({ width: 350, height: 380, label: view.t("outputs") });
      const centred = { "text-anchor": "middle" };

      /* the function, its slope, and one point with its tangent */
      const plot = left.plot({ x: [-5, 5], y: [-2, 3], xlabel: view.t("z"), ylabel: "", left: 30, top: 44, xticks: [-4, -2, 0, 2, 4], yticks: [-1, 0, 1, 2], grid: true });
      const { sx, sy, layer } = plot;
      const shade = left.add("path", { fill: "currentColor", "fill-opacity": 0.09 }, layer);
      const slope = left.add("path", { fill: "none", stroke: "var(--gradient)", "stroke-width": 2, "stroke-dasharray": "6 4" }, layer);
      const curve = left.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 2.5 }, layer);
      const tangent = left.add("path", { stroke: "currentColor", "stroke-width": 1.5 }, layer);
      const dots = ["var(--c0)", "var(--gradient)"].map((fill) => left.add("circle", { r: 5.5, fill, stroke: "var(--paper)", "stroke-width": 1.5 }, layer));
      const told = [left.text(32, 16, "", { class: "bold" }), left.text(32, 34, "", { class: "bold" })];
      told.forEach((node, i) => (node.style.fill = i ? "var(--gradient)" : "var(--c0)"));
      left.text(340, 34, view.t("flat_here"), { "text-anchor": "end", class: "mid soft" });

      /* the outputs of one layer: 24 bars, and one on either side for what lies beyond */
      const heading = right.text(190, 16, "", { ...centred, class: "bold" });
      const hist = right.plot({ x: [-3.25, 3.25], y: [0, 1], xlabel: view.t("output_axis"), left: 50, top: 40, bottom: 222, xticks: [-3, -2, -1, 0, 1, 2, 3], yticks: [] });
      const [floor, width] = [hist.sy(0), hist.sx(0.25) - hist.sx(0)];
      const bars = Array.from({ length: 26 }, (_, i) => right.add("rect", {
        x: hist.sx(-3.25 + i * 0.25) + 0.5, width: width - 1, fill: i % 25 ? "var(--c0)" : "var(--warm)", "fill-opacity": 0.75,
      }, hist.layer));
      const beyond = [[52, "start"], [338, "end"]].map(([x, anchor]) => right.text(x, 34, "", { "text-anchor": anchor, class: "mid" }));

      /* the spread of all layers, on a logarithmic scale */
      const trend = right.plot({ x: [0, 20.5], y: [-4.3, 3.4], xlabel: view.t("layer_axis"), ylabel: view.t("spread"), left: 50, top: 212, xticks: [1, 5, 10, 15, 20], yticks: [] });
      for (const [power, text] of [[-4, "10⁻⁴"], [-2, "10⁻²"], [0, "1"], [2, "100"]]) {
        right.text(44, trend.sy(power) + 4, text, { "text-anchor": "end", class: "mid soft" });
        right.add("line", { class: "grid", x1: 50, x2: 340, y1: trend.sy(power), y2: trend.sy(power) });
      }
      const line = right.add("path", { fill: "none", stroke: "var(--c0)", "stroke-width": 1.5 }, trend.layer);
      const beads = data.layers.map((_, i) => {
        const bead = right.add("circle", {}, trend.layer);
        view.pickStep(bead, i);
        return bead;
      });

      const fine = Array.from({ length: 201 }, (_, i) => -5 + i / 20);

      return function draw() {
        const { function: name, scale, z } = view.values;
        const layers = run(view);
        const [now, before] = [layers[view.step], layers[Math.max(view.step - 1, 0)]];
        const share = view.phase < 1 ? D.ease(view.phase) : 1;
        const slopes = data.slopes[name];
        D.set(curve, { d: D.path(fine.map((v) => [sx(v), sy(M.activate(name, v))])) });
        D.set(slope, { d: D.path(data.grid.map((v, i) => [sx(v), sy(slopes[i])])) });
        const half = (sx(0.25) - sx(0)) / 2;
        D.set(shade, { d: data.grid.map((v, i) => (Math.abs(slopes[i]) < FLAT ? `M${(sx(v) - half).toFixed(2)} ${sy(-2)}h${(2 * half).toFixed(2)}V${sy(3)}h${(-2 * half).toFixed(2)}z` : "")).join("") });
        const [value, rise] = [M.activate(name, z), slopeAt(view)];
        D.set(tangent, { d: D.path([-0.9, 0.9].map((d) => [sx(z + d), sy(value + d * rise)])) });
        D.set(dots[0], { cx: sx(z), cy: sy(value) });
        D.set(dots[1], { cx: sx(z), cy: sy(rise) });
        D.set(told[0], { text: `${view.t(name)}: ${view.t("value_is", { z, value: Number(value.toPrecision(3)) })}` });
        D.set(told[1], { text: view.t("slope_is", { slope: Number(rise.toPrecision(3)) }) });

        D.set(heading, { text: `${view.t(name)}, ${scale}/n, ${view.t("layer", { n: now.n })}` });
        const mixed = now.bars.map((b, i) => D.mix(before.bars[i], b, share));
        const highest = Math.max(...mixed);
        bars.forEach((bar, i) => {
          const top = hist.sy((0.97 * mixed[i]) / highest);
          D.set(bar, { y: top, height: floor - top });
        });
        beyond.forEach((node, i) => {
          const out = percent(now.bars[25 * i]);
          D.set(node, { text: out ? view.t("beyond", { share: out }) : "" });
        });
        const places = layers.map((l) => [trend.sx(l.n), trend.sy(Math.log10(D.clamp(l.spread, 1e-4, 2000)))]);
        D.set(line, { d: D.path(places.slice(0, view.step + 1)) });
        beads.forEach((bead, i) => D.set(bead, {
          cx: places[i][0], cy: places[i][1], r: i === view.step ? 6 : 4, fill: "var(--c0)", "fill-opacity": i > view.step ? 0.25 : 1,
        }));
      };
    },
  });
})();
