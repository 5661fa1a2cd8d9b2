"use strict";
(() => {
  document.documentElement.classList.add("scripted");

  // Tables sort by the values behind their texts, group by group; what has none stays last.
  const order = (kind, down) => (one, other) => {
    const [a, b] = [one.key, other.key];
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
    const found = kind === "number" ? Number(a) - Number(b) || 0 : a.localeCompare(b, "en", { numeric: true });
    return down ? -found : found;
  };

  const sort = (table, column, kind, down) => {
    for (const body of table.tBodies) {
      const rows = Array.from(body.rows, (row) => ({ row, key: row.cells[column].dataset.key }));
      body.append(...rows.sort(order(kind, down)).map(({ row }) => row));
    }
  };

  for (const table of document.querySelectorAll("table.grid")) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, head.dataset.sort, down);
      });
    });
  }

  // A box that scrolls can be reached by keyboard.
  const reach = () => {
    for (const box of document.querySelectorAll(".wide, pre")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  // On paper everything is unfolded.
  const folded = new Set();
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) {
      folded.add(part);
      part.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
    folded.clear();
  });
})();
