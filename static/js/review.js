/* Keys of the review queue and of reading a filing; the panel beside the queue; selecting. Every page works without it. */
(function () {
  "use strict";

  function typing(target) {
    return target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName) && target.type !== "checkbox";
  }
  function plain(event) {
    return !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && !document.querySelector("dialog[open]");
  }
  function reveal(row) {
    row.scrollIntoView({ block: "nearest" });
  }
  function choose(rows, row) {
    rows.forEach(function (other) {
      other.classList.toggle("now", other === row);
      if (other === row) { other.setAttribute("aria-current", "true"); } else { other.removeAttribute("aria-current"); }
    });
    reveal(row);
  }

  /* The queue. */
  function queueRows() { return Array.from(document.querySelectorAll("[data-queue] tr[data-peek]")); }
  function currentOf(rows) { return rows.findIndex(function (row) { return row.classList.contains("now"); }); }
  function peek(rows, row) {
    choose(rows, row);
    wanted = row.dataset.peek;
    if (window.htmx && !loading) { load(); }
  }
  /* One panel at a time; keys held down end at the row that is current. */
  var wanted = "", loading = "";
  function load() {
    loading = wanted;
    htmx.ajax("GET", loading, { target: "#peek", swap: "outerHTML" }).then(next, next);
  }
  function next() {
    var done = loading;
    loading = "";
    if (wanted !== done) { load(); }
  }
  function countSelected() {
    var shown = document.querySelector("[data-selected]");
    if (shown) { shown.textContent = String(document.querySelectorAll("[data-queue] input[name=filing]:checked").length); }
  }
  document.addEventListener("change", function (event) { if (event.target.name === "filing") { countSelected(); } });
  document.addEventListener("click", function (event) {
    var target = event.target;
    if (target.closest("[data-select-all]")) {
      document.querySelectorAll("[data-queue] input[name=filing]").forEach(function (box) { box.checked = true; });
      countSelected();
      return;
    }
    var row = target.closest("tr[data-peek]");
    if (row && !target.closest("a, input, button")) { peek(queueRows(), row); }
    var line = target.closest("tr[data-line]");
    if (line && !target.closest("a, input, button, textarea, select")) { choose(lines(), line); }
  });
  function queueKey(event) {
    var rows = queueRows(), at = currentOf(rows), key = event.key;
    if (key === "/") { event.preventDefault(); document.getElementById("find").focus(); return; }
    if (!rows.length) { return; }
    if (key === "j" || key === "J") { peek(rows, rows[Math.min(at + 1, rows.length - 1)]); }
    if (key === "k" || key === "K") { peek(rows, rows[Math.max(at - 1, 0)]); }
    if (key === "Enter" && event.target === document.body) { rows[Math.max(at, 0)].querySelector("th a").click(); }
    if (key === "x" || key === "X") {
      var box = rows[Math.max(at, 0)].querySelector("input[name=filing]");
      if (box) { box.checked = !box.checked; countSelected(); }
    }
    if (key === "A" && event.shiftKey) {
      var button = document.querySelector("[data-pass]");
      if (button && document.querySelector("[data-queue] input[name=filing]:checked")) { button.form.requestSubmit(button); }
    }
  }

  /* Reading. */
  function lines() { return Array.from(document.querySelectorAll("tr[data-line]")); }
  function readingKey(event, reading) {
    var rows = lines(), at = currentOf(rows), key = event.key;
    if (key === "j" || key === "J") { if (reading.dataset.next) { location.href = reading.dataset.next; } return; }
    if (key === "c" || key === "C") {
      var link = rows.length ? at >= 0 && rows[at].querySelector("a[data-remark]") : reading.querySelector("a[data-remark-all]");
      if (link) { event.preventDefault(); link.click(); }
    }
    if (!rows.length) { return; }
    if (key === "ArrowDown") { event.preventDefault(); choose(rows, rows[Math.min(at + 1, rows.length - 1)]); }
    if (key === "ArrowUp") { event.preventDefault(); choose(rows, rows[Math.max(at - 1, 0)]); }
    if (key === "n" || key === "N") {
      var flagged = rows.slice(at + 1).concat(rows).find(function (row) { return row.hasAttribute("data-flag"); });
      if (flagged) { choose(rows, flagged); }
    }
  }
  document.addEventListener("keydown", function (event) {
    var form = event.target.closest && event.target.closest("#remark-form");
    if (form && event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); return; }
    if (form && event.key === "Escape") { form.querySelector("[data-cancel]").click(); return; }
    if (!plain(event)) { return; }
    var reading = document.querySelector("[data-reading]");
    if (reading) { readingKey(event, reading); } else if (document.getElementById("queue")) { queueKey(event); }
  });

  /* The line that was current stays so when the part is drawn anew; the cursor goes into the remark. */
  var current = "";
  document.addEventListener("htmx:beforeSwap", function () {
    var row = document.querySelector("tr[data-line].now");
    if (row) { current = row.dataset.line; }
  });
  document.addEventListener("htmx:afterSettle", function () {
    var rows = lines(), form = document.getElementById("remark-form");
    var row = rows.find(function (one) { return one.dataset.line === current; });
    if (form && form.closest("tr[data-line]")) { row = form.closest("tr[data-line]"); }
    if (row) { choose(rows, row); }
    if (form) { (form.querySelector("[aria-invalid]") || form.querySelector("select")).focus(); form.scrollIntoView({ block: "nearest" }); }
  });
  countSelected();
})();
