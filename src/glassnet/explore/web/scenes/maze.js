/* Two learners on a map. The trace holds, for each moment, the last update of every cell that has
   changed; here these are gathered, the arrows are followed, and the sum of one update is spelt out. */
(function () {
  "use strict";
  const { draw: D } = Glass;
  const CELL = 48;
  const LEFT = 6;
  const TOP = 6;
  const [ROWS, COLUMNS] = [4, 7];
  const METHODS = ["q", "sarsa"];
  const ACTIONS = ["up", "right", "down", "left"];

  /** The last update of every state up to a moment, and its best action and value. */
  function known(view, which, step) {
    const { data, values: { world } } = view;
    const table = data.cells[world].map(() => null);
    for (const frame of view.trace.frames.slice(0, step + 1)) {
      for (const [state, action, episode, old, next, after, best, value] of frame[world][which].u) {
        const reward = data.rewards[world][state][action];
        const target = reward + next;
        const now = old + data.alpha * (target - old);
        table[state] = { action, episode, old, reward, next, target, now, after, best: best ?? action, value: value ?? now };
      }
    }
    return table;
  }

  /** Row and column of a cell by its number, which counts from 1, row by row. */
  const place = (cell) => [Math.floor((cell - 1) / COLUMNS), (cell - 1) % COLUMNS];

  const stateAt = (data, world, row, column) => data.cells[world].findIndex(([r, c]) => r === row && c === column);

  /** The states that the arrows lead through from the start; `home` if they end at the goal. */
  function way(data, world, table) {
    const row = data.maps[world].findIndex((line) => line.includes("S"));
    const states = [stateAt(data, world, row, data.maps[world][row].indexOf("S"))];
    for (;;) {
      const state = states[states.length - 1];
      const home = data.terminal[world].includes(state);
      if (home || !table[state]) return { states, home };
      const next = data.next[world][state][table[state].best];
      if (states.includes(next)) return { states, home: false };
      states.push(next);
    }
  }

  /** What each learner of this world has learnt, and its last update of the chosen cell. */
  function facts(view, step = view.step) {
    const { data, values: { world, cell } } = view;
    const chosen = stateAt(data, world, ...place(cell));
    const learners = view.trace.frames[step][world].map(({ falls }, which) => {
      const table = known(view, which, step);
      return { method: METHODS[which], table, falls, update: table[chosen], ...way(data, world, table) };
    });
    return { world, chosen, learners };
  }

  Glass.scene("maze", {
    milliseconds: () => 1000,

    caption(view) {
      if (!view.step) return view.t("say_0");
      const { world, learners } = facts(view);
      const said = learners.map(({ method, home, states, falls }) => view.t(home ? "way" : "no_way", {
        method: view.t(method), steps: states.length - 1, falls: world === "cliff" ? view.t("fell", { n: falls }) : "",
      }));
      return view.t("say", { n: view.frame.n, q: said[0], sarsa: said[1] || "" });
    },

    rows: (view) => facts(view).learners.map(({ method, update, home, states, falls }) => [
      view.t(method),
      ...(update ? [view.t(ACTIONS[update.action]), update.old, update.reward, update.next, update.target, update.now, update.episode] : Array(7).fill("")),
      home ? states.length - 1 : "", falls,
    ]),

    setup(view) {
      const { data } = view;
      const corner = (row, column) => [LEFT + CELL * column, TOP + CELL * row];
      const middle = (row, column) => corner(row, column).map((v) => v + CELL / 2);

      const maps = METHODS.map((method) => {
        const panel = view.panel({ width: 2 * LEFT + CELL * COLUMNS, height: 318, title: view.t(`map_${method}`) });
        const [below, path, marks] = [0, 1, 2].map(() => panel.add("g"));
        const cells = [];
        for (let row = 0; row < ROWS; row++) {
          for (let column = 0; column < COLUMNS; column++) {
            const [x, y] = corner(row, column);
            const [cx, cy] = middle(row, column);
            const ground = panel.add("rect", { x, y, width: CELL, height: CELL, stroke: "var(--edge)" }, below);
            view.pick(ground, "cell", row * COLUMNS + column + 1);
            const group = panel.add("g", { "pointer-events": "none" }, marks);
            cells.push({
              row, column, ground,
              flash: panel.add("rect", { x: x + 3, y: y + 3, width: CELL - 6, height: CELL - 6, fill: "none", stroke: "var(--update)", "stroke-width": 4 }, group),
              arrow: panel.add("path", { d: "M-9 0H8M2 -5.5L8.5 0L2 5.5", fill: "none", stroke: "currentColor", "stroke-width": 2 }, group),
              value: panel.text(cx, cy + 18, "", { "text-anchor": "middle", class: "small" }, group),
              name: panel.text(cx, cy + 5, "", { "text-anchor": "middle", class: "bold" }, group),
            });
          }
        }
        const over = { "pointer-events": "none", fill: "none" };
        return {
          panel, cells,
          way: panel.add("path", { ...over, stroke: "var(--c1)", "stroke-width": 12, "stroke-linejoin": "round" }, path),
          next: panel.add("rect", { ...over, width: CELL - 4, height: CELL - 4, stroke: "currentColor", "stroke-width": 2, "stroke-dasharray": "4 4" }),
          ring: panel.add("rect", { ...over, width: CELL, height: CELL, stroke: "currentColor", "stroke-width": 3.5 }),
          lines: [0, 1, 2, 3, 4].map((i) => panel.text(LEFT + (i % 2 || !i ? 0 : 22), 224 + 20 * i, "", { class: i ? "" : "bold" })),
        };
      });
      const short = (value) => D.format(Number(value.toFixed(3)), 4, true);
      const added = (value) => `${value < 0 ? "−" : "+"} ${short(Math.abs(value))}`;

      /** The last update of the chosen cell, in five lines. */
      function sum(update, method, chosen) {
        if (!update) return [view.t(chosen < 0 || data.terminal[view.values.world].includes(chosen) ? "nothing" : "never"), "", "", "", ""];
        const { action, episode, old, reward, next, target, now, after } = update;
        const follows = method === "q" ? view.t("best_next") : view.t("next_of", { action: view.t(ACTIONS[after] || "the_end") });
        return [
          view.t("last", { n: episode, action: view.t(ACTIONS[action]) }),
          view.t("terms", { next: after < 0 ? view.t("the_end") : follows }),
          view.t("target", { reward: short(reward), next: added(next), target: short(target) }),
          view.t("new"),
          view.t("sum", { old: short(old), target: short(target), less: added(-old), new: short(now) }),
        ];
      }

      return function draw() {
        const { world, chosen, learners } = facts(view);
        const share = D.ease(view.phase);
        const before = share < 1 && view.step ? facts(view, view.step - 1).learners : null;
        const { maps: texts, cells: places, next: lead } = data;
        maps.forEach((map, which) => {
          const own = learners[which];
          D.set(map.panel.node, { hidden: own ? null : "" });
          if (!own) return;
          const arrived = view.frame[world][which].u.map(([state]) => state);
          for (const { row, column, ground, flash, arrow, value, name } of map.cells) {
            const kind = texts[world][row][column];
            const state = stateAt(data, world, row, column);
            const entry = own.table[state];
            const worth = entry ? D.mix(before?.[which].table[state]?.value ?? 0, entry.value, before ? share : 1) : 0;
            const plain = { "#": ["currentColor", 0.62], C: ["var(--warm)", 0.5], G: ["var(--c2)", 0.4] }[kind];
            const [fill, opacity] = plain || ["var(--c0)", 0.5 * D.clamp(-worth / 12, 0, 1)];
            D.set(ground, { fill, "fill-opacity": opacity });
            D.set(flash, { "stroke-opacity": before && arrived.includes(state) ? 1 - share : 0 });
            const [cx, cy] = middle(row, column);
            D.set(arrow, {
              visibility: entry ? null : "hidden",
              transform: `translate(${cx} ${cy - 6}) rotate(${entry ? 90 * (entry.best - 1) : 0})`,
            });
            D.set(value, { text: entry ? D.format(Number(worth.toFixed(1)), 3, true) : "" });
            const said = { G: "G", S: entry ? "" : "S", C: view.t("cliff") };
            D.set(name, { text: said[kind] || "", class: kind === "C" ? "small" : "bold" });
          }
          D.set(map.way, { d: own.home ? D.path(own.states.map((s) => middle(...places[world][s]))) : "", "stroke-opacity": 0.5 * (before ? share : 1) });
          const [x, y] = corner(...place(view.values.cell));
          D.set(map.ring, { x, y });
          const to = own.update && places[world][lead[world][chosen][own.update.action]];
          const [u, v] = to ? corner(...to) : [0, 0];
          D.set(map.next, { x: u + 2, y: v + 2, visibility: to ? null : "hidden" });
          sum(own.update, own.method, chosen).forEach((text, i) => D.set(map.lines[i], { text }));
        });
      };
    },
  });
})();
