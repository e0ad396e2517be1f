// Draws what a run has used. The same is told in words beside the charts.
"use strict";
(() => {
  const place = document.getElementById("charts");
  if (!place || !window.uPlot) return;
  const lang = document.documentElement.lang;
  const colours = () => {
    const probe = document.createElement("span");
    place.append(probe);
    const list = ["--chart-1", "--chart-2", "--chart-3", "--ink", "--line", "--bad", "--wait"].map((name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    return list;
  };
  const dashes = [[], [6, 3], [2, 3]];
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const bytes = (v) => {
    let i = 0;
    while (v >= 1024 && i < units.length - 1) {
      v /= 1024;
      i++;
    }
    return `${v >= 10 || !i ? Math.round(v) : v.toFixed(1)} ${units[i]}`;
  };
  const amount = { bytes, percent: (v) => `${Math.round(v)} %`, celsius: (v) => `${Math.round(v)} °C` };
  let charts = [];
  let drawn = ""; // what the charts are of: their names and lines
  let seen = { from: 0, incidents: [] };

  // marked draws the incidents: a line where each began, a band while it lasted.
  const marked = ([bad, wait]) => ({
    hooks: {
      drawClear: (u) => {
        const { left, top, width, height } = u.bbox;
        u.ctx.save();
        u.ctx.setLineDash([]);
        u.ctx.beginPath();
        u.ctx.rect(left, top, width, height);
        u.ctx.clip();
        for (const i of seen.incidents) {
          const x = u.valToPos(i.at, "x", true);
          u.ctx.fillStyle = u.ctx.strokeStyle = i.priority === "critical" || i.priority === "high" ? bad : wait;
          u.ctx.globalAlpha = 0.12;
          u.ctx.fillRect(x, top, Math.max(u.valToPos(i.until, "x", true) - x, 2), height);
          u.ctx.globalAlpha = 1;
          u.ctx.lineWidth = 2;
          u.ctx.beginPath();
          u.ctx.moveTo(x, top);
          u.ctx.lineTo(x, top + height);
          u.ctx.stroke();
        }
        u.ctx.restore();
      },
    },
  });

  function frame(group) {
    const figure = document.createElement("figure");
    const title = document.createElement("figcaption");
    title.textContent = group.name;
    figure.append(title);
    place.append(figure);
    return figure;
  }

  const columns = (group) => [group.at, ...group.lines.map((l) => l.values)];
  const wide = (figure) => Math.max(figure.clientWidth - 24, 120);

  function chart(figure, group) {
    const [one, two, three, ink, grid, bad, wait] = colours();
    const first = group.lines[0].unit;
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui, sans-serif" };
    const options = {
      width: wide(figure), height: 180,
      padding: [8, 30, 0, 0],
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: true, range: (_, low, high) => [Math.min(seen.from, low ?? seen.from), Math.max(high ?? 0, seen.from + 10)] }, y: { range: (_, low, high) => [0, first === "bytes" ? Math.max(high * 1.1, 1) : Math.max(high * 1.05, 100)] } },
      axes: [
        { ...axis, values: (_, list) => list.map((t) => clock.format(new Date(t * 1000))), space: 90 },
        { ...axis, size: first === "bytes" ? 78 : 56, values: (_, list) => list.map(group.lines.length > 1 ? (v) => String(v) : amount[first]) },
      ],
      series: [
        { value: (_, t) => (t == null ? "–" : clock.format(new Date(t * 1000))), label: place.dataset.wTime },
        ...group.lines.map((line, i) => ({
          label: line.name, stroke: [one, two, three][i % 3], width: 2, dash: dashes[i % 3], spanGaps: false, points: { show: group.at.length < 2 },
          value: (_, v) => (v == null ? "–" : amount[line.unit](v)),
        })),
      ],
      plugins: [marked([bad, wait])],
    };
    charts.push([new uPlot(options, columns(group), figure), figure]);
  }

  async function draw() {
    let data;
    try {
      const answer = await fetch(`${place.dataset.base}/samples?attempt=${place.dataset.attempt}`);
      if (!answer.ok || answer.redirected) return;
      data = await answer.json();
    } catch {
      return; // the page says that the connection is lost
    }
    const list = (data.groups || []).filter((group) => group.at && group.at.length);
    seen = { from: Math.floor(Date.parse(data.from) / 1000), incidents: data.incidents };
    const text = JSON.stringify([data.attempt, list.map((group) => [group.name, group.lines.map((l) => l.name), group.at.length < 2])]);
    if (text === drawn) {
      list.forEach((group, i) => charts[i][0].setData(columns(group)));
    } else {
      drawn = text;
      for (const [c, figure] of charts) {
        c.destroy();
        figure.remove();
      }
      charts = [];
      const figures = list.map(frame); // all of them, so that each knows how wide it is
      list.forEach((group, i) => chart(figures[i], group));
    }
    if (data.active || !data.attempt) again();
  }

  let timer = 0;
  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => (document.hidden ? again() : draw()), 5000);
  }

  // The end of a run, and a new one, are drawn when the page tells of them.
  let was = "";
  document.addEventListener("piece", (e) => {
    const now = document.getElementById("task-now");
    if (e.detail !== "task-head" || !now) return;
    const is = now.dataset.attempt + now.dataset.active;
    if (is !== was) {
      was = is;
      draw();
    }
  });
  new ResizeObserver(() => {
    for (const [c, figure] of charts) c.setSize({ width: wide(figure), height: 180 });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn = "";
    draw();
  });
  draw();
})();
