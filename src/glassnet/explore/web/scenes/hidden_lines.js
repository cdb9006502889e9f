/* One hidden layer of ReLU units: a line each, what each adds, and the boundary of their sum. */
(function () {
  "use strict";
  const { maths: M, draw: D } = Glass;
  const SIZE = 56; // cells of the picture along each axis

  /** Whether unit j takes part: it has joined, and it is not switched off. */
  const isOn = (view, j) => j < view.step && view.values[`unit${j + 1}`];

  const hidden = (net, j, x) => Math.max(M.dot(net.w1[j], x) + net.b1[j], 0);

  function facts(view) {
    const net = view.data[view.values.data];
    const on = net.w2.map((_, j) => isOn(view, j));
    const parts = (x) => net.w2.map((v, j) => (on[j] ? v * hidden(net, j, x) : 0));
    const z = (x) => net.b2 + M.sum(parts(x));
    const own = z(view.values.at);
    return {
      net, on, parts: parts(view.values.at), z: own, p: M.sigmoid(own), n: net.x.length,
      right: net.x.filter((x, i) => (z(x) > 0 ? 1 : 0) === net.y[i]).length,
    };
  }

  /** Line segments where values on a grid, row by row, change their sign. */
  function contour(values, place) {
    let d = "";
    const sides = [[0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0]]; // of a cell: from row, column to row, column
    for (let r = 0; r + 1 < SIZE; r++) {
      for (let c = 0; c + 1 < SIZE; c++) {
        const at = r * SIZE + c;
        const above = (values[at] > 0) + (values[at + 1] > 0) + (values[at + SIZE] > 0) + (values[at + SIZE + 1] > 0);
        if (above % 4 === 0) continue; // all on one side
        const cuts = [];
        for (const [i, j, m, n] of sides) {
          const [a, b] = [values[at + i * SIZE + j], values[at + m * SIZE + n]];
          if (a > 0 !== b > 0) cuts.push(place(c + D.mix(j, n, a / (a - b)), r + D.mix(i, m, a / (a - b))));
        }
        for (let k = 0; k + 1 < cuts.length; k += 2) d += D.path([cuts[k], cuts[k + 1]]);
      }
    }
    return d;
  }

  Glass.scene("hidden_lines", {
    count: (view) => view.data[view.values.data].w2.length + 1,

    change(view, name) { // a switch works on the whole network
      if (name.startsWith("unit")) view.step = view.last;
    },

    milliseconds: () => 1200,

    caption(view) {
      const { net, on, z, p, right, n } = facts(view);
      const k = view.step;
      const numbers = { right, n, z, p, bias: net.b2, unit: k, v: net.w2[k - 1], on: on.filter(Boolean).length, units: on.length };
      if (!k) return view.t("say_bias", numbers);
      return view.t(k < view.last && on[k - 1] ? "say_unit" : "say_all", numbers);
    },

    rows(view) {
      const { net, on, parts, z, p, right } = facts(view);
      const last = (key, value) => [view.t(key), "", "", "", "", "", value];
      return net.w2.map((v, j) => [
        view.t(`unit_${j + 1}`), ...net.w1[j], net.b1[j], on[j] ? hidden(net, j, view.values.at) : 0, v, parts[j],
      ]).concat([last("bias", net.b2), last("sum", z), last("p", p), last("right", right)]);
    },

    setup(view) {
      const units = view.last;
      const plane = view.panel({ width: 370, height: 366, label: view.t("plane") });
      const side = view.panel({ width: 360, height: 366, title: view.t("parts") });
      const REACH = 2.3;

      /* the plane: boundary, lines with a soft edge on the side where the unit is active */
      const scales = plane.plot({ x: [-REACH, REACH], y: [-REACH, REACH], xlabel: view.t("x1"), ylabel: view.t("x2"), square: true, left: 40, xticks: [-2, 0, 2], yticks: [-2, 0, 2] });
      const { sx, sy, layer } = scales;
      const paint = plane.field(scales, SIZE);
      const toggle = (node, j) => {
        node.classList.add("pick");
        node.addEventListener("click", () => view.change(`unit${j + 1}`, !view.values[`unit${j + 1}`]));
      };
      const lines = Array.from({ length: units }, () => ({
        edge: plane.add("path", { stroke: "currentColor", "stroke-width": 7, "stroke-opacity": 0.16, fill: "none" }, layer),
        line: plane.add("path", { stroke: "currentColor", "stroke-width": 1.3, "stroke-dasharray": "5 3", fill: "none" }, layer),
      }));
      const marks = plane.add("g", {}, layer);
      const sets = Object.entries(view.data).map(([name, net]) => {
        const group = plane.add("g", {}, marks);
        net.x.forEach(([a, b], i) => {
          const [x, y] = [sx(a), sy(b)];
          const style = { fill: `var(--c${net.y[i]})`, stroke: "var(--paper)" };
          if (net.y[i]) plane.add("rect", { x: x - 3.6, y: y - 3.6, width: 7.2, height: 7.2, ...style }, group);
          else plane.add("circle", { cx: x, cy: y, r: 4.2, ...style }, group);
        });
        return { name, group };
      });
      const boundary = plane.add("path", { stroke: "currentColor", "stroke-width": 3, "stroke-linecap": "round", fill: "none" }, layer);
      lines.forEach((each, j) => {
        each.tag = plane.add("g", {}, plane.svg);
        plane.add("circle", { r: 9.5, fill: "var(--paper)", stroke: "currentColor" }, each.tag);
        plane.text(0, 4.5, String(j + 1), { "text-anchor": "middle", class: "mid bold" }, each.tag);
        toggle(each.tag, j);
      });
      const handle = view.handle(plane, "at", scales);

      /* a small picture of what each unit adds */
      const small = 100;
      const minis = Array.from({ length: units }, (_, j) => {
        const [x, y] = [10 + (j % 3) * 120, 6 + Math.floor(j / 3) * 152];
        const scale = { sx: D.scale([-REACH, REACH], [x, x + small]), sy: D.scale([-REACH, REACH], [y + small, y]) };
        const dot = side.add("circle", { r: 3.5, fill: "var(--paper)", stroke: "currentColor", "stroke-width": 1.8 });
        const cover = side.add("rect", { x, y, width: small, height: small, fill: "var(--paper)", stroke: "var(--edge)" });
        toggle(cover, j);
        const name = side.text(x + 6, y + 16, String(j + 1), { class: "bold" });
        const sum = side.text(x + small / 2, y + small + 18, "", { "text-anchor": "middle" });
        return { paint: side.field(scale, 26), scale, dot, cover, name, sum };
      });
      const total = side.text(180, 324, "", { "text-anchor": "middle" });
      const so = side.text(180, 346, "", { "text-anchor": "middle", class: "bold" });
      const signed = (value) => `${value < 0 ? "−" : "+"} ${D.format(Math.abs(value), 3, true)}`;
      let painted = [];

      /** Both ends of the line of unit j within the picture, and the way to its active side. */
      function lineOf(net, j) {
        const [[a, b], c] = [net.w1[j], net.b1[j]];
        const norm = Math.hypot(a, b);
        const foot = [(-a * c) / norm ** 2, (-b * c) / norm ** 2];
        const ends = [];
        for (const edge of [-REACH, REACH]) {
          const [y, x] = [-(a * edge + c) / b, -(b * edge + c) / a];
          if (Math.abs(y) <= REACH) ends.push([edge, y]);
          if (Math.abs(x) <= REACH) ends.push([x, edge]);
        }
        return { ends: ends.length > 1 ? [ends[0], ends[ends.length - 1]] : null, foot, way: [a / norm, b / norm] };
      }

      return function draw() {
        const { net, on, parts, z, p } = facts(view);
        const phase = D.ease(view.phase);
        const share = on.map((each, j) => (each ? (j === view.step - 1 ? phase : 1) : 0));
        const [cold, hot] = [view.rgb("c0"), view.rgb("c1")];
        const theme = `${view.values.data}${cold}${hot}`;

        if (painted[0] !== `${theme}${share}`) {
          const used = net.w2.map((v, j) => [...net.w1[j], net.b1[j], v * share[j]]).filter((unit) => unit[3]);
          const values = [];
          paint((a, b) => {
            let q = net.b2;
            for (const [u1, u2, c, v] of used) q += v * Math.max(u1 * a + u2 * b + c, 0);
            values.push(q);
            return [...(q > 0 ? hot : cold), 25 + 130 * Math.abs(M.sigmoid(q) - 0.5)];
          });
          const step = (2 * REACH) / SIZE;
          D.set(boundary, { d: contour(values, (c, r) => [sx(-REACH + (c + 0.5) * step), sy(REACH - (r + 0.5) * step)]) });
        }
        if (painted[1] !== theme) {
          minis.forEach(({ paint: fill }, j) => fill((a, b) => {
            const part = net.w2[j] * hidden(net, j, [a, b]);
            return [...(part > 0 ? hot : cold), 220 * Math.min(Math.abs(part) / 8, 1)];
          }));
          const taken = [];
          lines.forEach(({ line, edge, tag }, j) => {
            const { ends, way } = lineOf(net, j);
            const seen = Boolean(ends);
            const at = ends ? ends.map(([a, b]) => [sx(a), sy(b)]) : [[0, 0], [0, 0]];
            const aside = at.map(([x, y]) => [x + 4 * way[0], y - 4 * way[1]]);
            D.set(line, { d: seen ? D.path(at) : "" });
            D.set(edge, { d: seen ? D.path(aside) : "" });
            // its number near one end, away from the other numbers
            const places = [0.06, 0.94, 0.14, 0.86].map((s) => [0, 1].map((i) => D.mix(at[0][i], at[1][i], s)));
            const free = places.find((q) => taken.every((t) => Math.hypot(q[0] - t[0], q[1] - t[1]) > 22)) || places[0];
            taken.push(free);
            D.set(tag, { transform: `translate(${free[0].toFixed(1)} ${free[1].toFixed(1)})`, "data-seen": seen });
          });
        }
        painted = [`${theme}${share}`, theme];

        lines.forEach(({ line, edge, tag }, j) => {
          const seen = tag.dataset.seen === "true";
          const faint = j < view.step ? 0.25 : 0;
          D.set(line, { "stroke-opacity": on[j] ? share[j] : faint });
          D.set(edge, { "stroke-opacity": 0.16 * share[j] });
          D.set(tag, { opacity: on[j] ? share[j] : 1.8 * faint, visibility: seen && j < view.step ? null : "hidden" });
        });
        for (const { name, group } of sets) D.set(group, { visibility: name === view.values.data ? null : "hidden" });
        handle.update();

        minis.forEach(({ scale, dot, cover, name, sum }, j) => {
          D.set(dot, { cx: scale.sx(view.values.at[0]), cy: scale.sy(view.values.at[1]) });
          D.set(cover, { "fill-opacity": 0.85 * (1 - share[j]) });
          D.set(name, { class: on[j] ? "bold" : "bold soft" });
          D.set(sum, { text: on[j] ? signed(parts[j]) : j < view.step ? view.t("off") : "", class: on[j] ? null : "soft" });
        });
        const rest = signed(z - net.b2);
        D.set(total, { text: view.t("total", { bias: D.format(net.b2, 3, true), parts: rest, z: D.format(z, 3, true) }) });
        D.set(so, { text: view.t("so", { p: D.format(p, 3, true) }) });
      };
    },
  });
})();
