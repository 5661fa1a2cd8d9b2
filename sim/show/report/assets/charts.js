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
    plot.data?.forEach(({ visible }, row) => { if (visible !== undefined) data[row].visible = visible; }); // as it was chosen
    if (small) for (const [path, value] of narrow) put({ data, layout }, path, value);
    layout.dragmode = coarse ? false : "zoom";
    if (data[0]?.type === "heatmap") layout.xaxis.fixedrange = true;
    if (width) {
      layout.width = width;
      for (const trace of data) if (trace.type === "heatmap") trace.textfont.size = 8;
    }
    plot.dataset.small = small;
    plot.style.height = `${layout.height}px`; // else one drawn anew has none, and lies on the words below
    if (plot.data) Plotly.purge(plot); // drawn over, its legend would lie where it lay
    Plotly.newPlot(plot, data, layout, config);
  };

  // The arrow keys move along a chart, from mark to mark where they lie apart, and over the cells of a map.
  const stops = (plot) => {
    const trace = plot._fullData.find((trace) => trace.visible === true && trace.customdata);
    if (!trace) return null;
    const map = trace.type === "heatmap";
    if (map) return { wide: trace.z[0].length, tall: trace.z.length, at: ({ x, y }) => ({ xval: x, yval: y }) };
    const rows = Array.from(trace.x, (_, row) => row).filter((row) => trace.y[row] !== null);
    const apart = plot._fullLayout.hovermode === "closest";
    const at = ({ x }) => ({ xval: trace.x[rows[x]], ...(apart && { yval: trace.y[rows[x]] }) });
    return { wide: rows.length, tall: 1, at };
  };

  const show = (plot, place) => {
    Plotly.Fx.hover(plot, stops(plot).at(place), "xy");
    clearTimeout(plot.telling);
    plot.telling = setTimeout(tell, SLOW, plot);
  };

  // What a key has asked for is told to those who cannot see it.
  const tell = (plot) => {
    const told = plot.querySelectorAll(".hoverlayer text");
    said.textContent = Array.from(told, (text) => text.textContent).join("; ");
  };

  // A number hides what stands there in the legend, or shows it again, where a click does.
  const toggle = (plot, number) => {
    const groups = new Set(plot._fullData.filter((trace) => trace.showlegend).map((trace) => trace.legendgroup));
    const chosen = [...groups][number - 1];
    if (plot._fullLayout.legend?.itemclick !== "toggle" || !chosen) return;
    const rows = plot._fullData.flatMap((trace, row) => (trace.legendgroup === chosen ? [row] : []));
    const hidden = plot._fullData[rows[0]].visible === "legendonly";
    Plotly.restyle(plot, { visible: hidden ? true : "legendonly" }, rows);
    said.textContent = `${chosen} ${hidden ? "shown" : "hidden"}`;
  };

  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const press = (plot, event) => {
    const at = stops(plot);
    if (event.key === "Escape") return Plotly.Fx.unhover(plot);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key.match(/^[1-9]$/)) return toggle(plot, Number(event.key));
    if (!at || !(event.key in keys)) return;
    if (event.key.match(/Up|Down/) && at.tall < 2) return;
    event.preventDefault();
    const [x, y] = keys[event.key].map((step) => step * (event.shiftKey ? 4 : 1));
    const before = plot.place;
    const inside = (value, most) => Math.min(Math.max(value, 0), most - 1);
    plot.place = before
      ? { x: inside(before.x + x, at.wide), y: inside(before.y + y, at.tall) }
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
