"use strict";
(() => {
  const NARROW = 640; // px: below it a chart is drawn as for a phone
  const PAPER = 672; // px: as wide as a page of A4 between its margins
  const SLOW = 100; // ms: plotly shows no more than a label in 50
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const plots = Array.from(document.querySelectorAll(".plot"));
  const said = document.getElementById("said");
  const coarse = matchMedia("(pointer: coarse)").matches; // a finger scrolls the page, and does not zoom
  const config = { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" };

  const put = (whole, path, value) => {
    const steps = path.split(".");
    const last = steps.pop();
    steps.reduce((part, step) => part[step], whole)[last] = value;
  };

  const draw = (plot, width) => {
    const { data, layout, narrow } = structuredClone(charts[plot.dataset.chart]);
    const small = (width ?? plot.clientWidth) < NARROW;
    if (small) for (const [path, value] of narrow) put({ data, layout }, path, value);
    layout.dragmode = coarse ? false : "zoom";
    if (data[0]?.type === "heatmap") layout.xaxis.fixedrange = true;
    if (width) {
      layout.width = width;
      for (const trace of data) if (trace.textfont) trace.textfont.size = 8;
    }
    plot.dataset.small = small;
    Plotly.react(plot, data, layout, config);
  };

  // The arrow keys move along a chart, and over the cells of a map.
  const stops = (plot) => {
    const trace = plot._fullData.find((trace) => trace.visible && trace.customdata);
    if (!trace) return null;
    if (trace.type === "heatmap") return { x: trace.z[0].map((_, x) => x), y: trace.z.map((_, y) => y) };
    return { x: Array.from(trace.x).filter((_, row) => trace.y[row] !== null), y: [undefined] };
  };

  const show = (plot, place) => {
    const at = stops(plot);
    const event = { xval: at.x[place.x] };
    if (at.y[place.y] !== undefined) event.yval = at.y[place.y];
    Plotly.Fx.hover(plot, event, "xy");
    clearTimeout(plot.telling);
    plot.telling = setTimeout(tell, SLOW, plot);
  };

  // What a key has asked for is told to those who cannot see it.
  const tell = (plot) => {
    const told = plot.querySelectorAll(".hoverlayer text");
    said.textContent = Array.from(told, (text) => text.textContent).join("; ");
  };

  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const press = (plot, event) => {
    const at = stops(plot);
    if (event.key === "Escape") return Plotly.Fx.unhover(plot);
    if (!at || !(event.key in keys) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key.match(/Up|Down/) && at.y.length < 2) return;
    event.preventDefault();
    const [x, y] = keys[event.key].map((step) => step * (event.shiftKey ? 4 : 1));
    const before = plot.place;
    const inside = (value, most) => Math.min(Math.max(value, 0), most - 1);
    plot.place = before
      ? { x: inside(before.x + x, at.x.length), y: inside(before.y + y, at.y.length) }
      : { x: 0, y: 0 };
    show(plot, plot.place);
  };

  for (const plot of plots) {
    plot.tabIndex = 0;
    draw(plot);
    plot.addEventListener("keydown", (event) => press(plot, event));
    plot.addEventListener("blur", () => Plotly.Fx.unhover(plot));
  }

  addEventListener("resize", () => {
    for (const plot of plots) if (String(plot.clientWidth < NARROW) !== plot.dataset.small) draw(plot);
  });
  addEventListener("beforeprint", () => plots.forEach((plot) => draw(plot, PAPER)));
  addEventListener("afterprint", () => plots.forEach((plot) => draw(plot)));
})();
