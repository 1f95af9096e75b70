/* Blocks of cells: marked with Shift and the arrows or a click, copied as a spreadsheet reads them, and pasted after a look
   at what goes where. Nothing pasted is stored before that look. */
(function () {
  "use strict";
  var zb = window.zhibaoGrid;
  if (!zb) { return; }
  var grid = zb.grid, words = zb.words, single = !!grid.querySelector(".zb-cells");

  /* The cells as a sheet: for a table with one value per line all its columns, for records one line each. */
  function sheet() {
    if (single) {
      return Array.prototype.map.call(grid.querySelectorAll("tr[data-key]"), function (line) {
        return { line: line, cells: Array.prototype.slice.call(line.children) };
      }).filter(function (one) { return one.line.offsetParent !== null; });
    }
    return Array.prototype.map.call(grid.querySelectorAll(".zb-record"), function (record) {
      return { line: record, cells: Array.prototype.slice.call(record.querySelectorAll("[data-key]")) };
    });
  }
  function placeOf(node, rows) {
    for (var row = 0; row < rows.length; row += 1) {
      for (var column = 0; column < rows[row].cells.length; column += 1) {
        if (rows[row].cells[column].contains(node)) { return { row: row, column: column }; }
      }
    }
    return null;
  }
  function keyAt(cell) { return (cell.closest("[data-key]") || { dataset: {} }).dataset.key; }
  function controlIn(cell) { return cell.querySelector("input:not([type=hidden]):not([type=checkbox]), select, textarea, .zb-many > summary"); }

  /* ---- marking and copying ---- */
  var from = null, to = null;
  function clear() {
    from = to = null;
    grid.querySelectorAll(".zb-picked").forEach(function (one) { one.classList.remove("zb-picked"); });
  }
  function block(rows) {
    return rows.slice(Math.min(from.row, to.row), Math.max(from.row, to.row) + 1).map(function (row) {
      return row.cells.slice(Math.min(from.column, to.column), Math.max(from.column, to.column) + 1);
    });
  }
  function draw(rows) {
    grid.querySelectorAll(".zb-picked").forEach(function (one) { one.classList.remove("zb-picked"); });
    var found = block(rows);
    found.forEach(function (row) { row.forEach(function (cell) { cell.classList.add("zb-picked"); }); });
    rows[to.row].line.scrollIntoView({ block: "nearest" });
    zb.say(zb.fill(words.picked, { rows: found.length, columns: found[0].length }));
  }
  function shown(cell) {
    var control = controlIn(cell), text;
    if (control && control.tagName === "SELECT") { text = control.value ? control.selectedOptions[0].textContent : ""; }
    else if (control && control.tagName === "SUMMARY") { text = zb.textOf(keyAt(cell)); }
    else if (control) { text = control.value; }
    else {
      var name = cell.querySelector(".zb-def > summary, [data-value]") || cell;
      text = name.textContent.replace("*", "").trim();
      text = text === "—" ? "" : text;
    }
    return /^[-−]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replace(/,/g, "").replace("−", "-") : text.replace(/[\t\r\n]+/g, " ");
  }
  function grow(event, rows) {
    var step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key];
    if (!from) {
      if (!step[0]) { return; }                                   /* left and right mark letters, until there is a block */
      from = placeOf(event.target, rows);
      to = from && { row: from.row, column: from.column };
      if (!from) { return; }
    }
    event.preventDefault();
    event.stopPropagation();
    to = { row: Math.max(0, Math.min(rows.length - 1, to.row + step[0])), column: to.column };
    to.column = Math.max(0, Math.min(rows[to.row].cells.length - 1, to.column + step[1]));
    draw(rows);
  }
  grid.addEventListener("keydown", function (event) {
    if (event.isComposing || !zb.isCell(event.target) || event.target.tagName === "TEXTAREA") { return; }
    if (event.shiftKey && !event.ctrlKey && !event.altKey && /^Arrow/.test(event.key)) { grow(event, sheet()); return; }
    if (from && event.key === "Escape") { event.preventDefault(); clear(); zb.say(words.unpicked); return; }
    if (from && !/^(Shift|Control|Meta|c|C)$/.test(event.key)) { clear(); }
  }, true);
  grid.addEventListener("mousedown", function (event) {
    var rows, start = document.activeElement;
    if (event.shiftKey && zb.isCell(start) && !start.contains(event.target)) {
      rows = sheet();
      from = placeOf(start, rows);
      to = placeOf(event.target, rows);
      if (from && to) { event.preventDefault(); draw(rows); } else { clear(); }
    } else if (from) { clear(); }
  });
  document.addEventListener("copy", function (event) {
    if (!from || !grid.contains(document.activeElement)) { return; }
    var found = block(sheet());
    event.clipboardData.setData("text/plain", found.map(function (row) { return row.map(shown).join("\t"); }).join("\r\n"));
    event.preventDefault();
    zb.say(zb.fill(words.copied, { rows: found.length, columns: found[0].length }));
  });

  /* ---- pasting ---- */
  /* What a spreadsheet puts on the clipboard: tabs, line ends, and quotes around a cell with either in it. */
  function read(text) {
    var rows = [[]], cell = "", quoted = false, at = 0;
    text = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    for (; at < text.length; at += 1) {
      var sign = text[at];
      if (quoted) {
        if (sign === '"' && text[at + 1] === '"') { cell += sign; at += 1; }
        else if (sign === '"') { quoted = false; }
        else { cell += sign; }
      } else if (sign === '"' && cell === "") { quoted = true; }
      else if (sign === "\t" || sign === "\n") {
        rows[rows.length - 1].push(cell.trim());
        cell = "";
        if (sign === "\n") { rows.push([]); }
      } else { cell += sign; }
    }
    rows[rows.length - 1].push(cell.trim());
    return rows;
  }
  /* [{cell, value}] and how many values have no place. A block that brings the codes of the indicators goes by them. */
  function spread(values, start, rows) {
    var found = [], lost = 0, width = values.reduce(function (most, row) { return Math.max(most, row.length); }, 0);
    var byCode = single ? codeColumn(values, width) : null;
    if (single && values.length === 1 && width > 1 && !byCode) {  /* a line of figures goes down the column */
      values = values[0].map(function (one) { return [one]; });
      width = 1;
    }
    values.forEach(function (row, down) {
      if (byCode) {
        var code = row[byCode.code], line = code && grid.querySelector("tr[data-key='" + CSS.escape(code) + "']");
        if (line && line.offsetParent !== null) { found.push({ cell: line.children[3], value: row[byCode.value] || "" }); }
        else if (row.join("")) { lost += 1; }
        return;
      }
      row.forEach(function (value, across) {
        var target = rows[start.row + down], cell = target && target.cells[start.column + across];
        if (!cell || single && across) { lost += value ? 1 : 0; }
        else { found.push({ cell: cell, value: value }); }
      });
    });
    return { found: found, lost: lost };
  }
  function codeColumn(values, width) {
    for (var column = 0; column < width - 1; column += 1) {
      var known = values.filter(function (row) { return /^[A-Z]\d{3}$/.test(row[column] || "") && zb.lineOf(row[column]); }).length;
      if (known && known * 2 >= values.length) { return { code: column, value: valueColumn(values, column + 1, width) }; }
    }
    return null;
  }
  /* The first column of figures after the codes, past name and unit; the last one where there are only words. */
  function valueColumn(values, first, width) {
    for (var column = first; column < width; column += 1) {
      var filled = values.map(function (row) { return row[column] || ""; }).filter(Boolean);
      var figures = filled.filter(function (one) { return /^[+\-−]?[\d,]+\.?\d*%?$/.test(one.normalize("NFKC")); }).length;
      if (figures && figures * 2 >= filled.length) { return column; }
    }
    return width - 1;
  }
  /* The text for a control, or why it cannot be read here. The server judges again what passes. */
  function fitting(control, value) {
    if (control.tagName === "SELECT") {
      var found = Array.prototype.filter.call(control.options, function (one) {
        var label = one.textContent.trim();
        return one.value && (one.value === value || label === value || label.slice(label.indexOf(" ") + 1) === value);
      })[0];
      return found ? { text: found.value } : { why: words.no_choice };
    }
    if (control.tagName === "SUMMARY") {
      var boxes = Array.prototype.slice.call(control.parentNode.querySelectorAll("input")), codes = [], bad = false;
      value.split(/[,，、;；]/).forEach(function (part) {
        var box = boxes.filter(function (one) {
          var label = one.nextElementSibling.textContent.trim();
          return one.value === part.trim() || label === part.trim() || label.slice(label.indexOf(" ") + 1) === part.trim();
        })[0];
        if (box) { codes.push(box.value); } else { bad = true; }
      });
      return bad ? { why: words.no_choice } : { text: codes.join(",") };
    }
    if (control.inputMode === "numeric" || control.inputMode === "decimal") {
      var plain = value.normalize("NFKC").replace(/\s/g, "");
      if (!/^[+\-−]?(\d+|\d{1,3}(,\d{3})+)\.?\d*%?$/.test(plain) && !/^(-|—|无|n\/a|不适用)$/i.test(plain)) { return { why: words.no_figure }; }
    }
    return { text: value };
  }
  function judged(one) {
    var control = controlIn(one.cell), key = keyAt(one.cell), line = one.cell.closest("[data-key]");
    var row = { key: key, value: one.value, control: control, name: control ? control.getAttribute("aria-label") : nameOf(line) };
    if (!control || control.readOnly || control.disabled) { row.why = words.read_only; }
    else if (!one.value) { row.why = words.stays; row.quiet = true; }
    else { Object.assign(row, fitting(control, one.value)); }
    return row;
  }
  function nameOf(line) { return line.dataset.key.split(":").pop() + " " + (line.querySelector(".zb-def > summary") || line.querySelector("th, .zb-name")).textContent.replace("*", "").trim(); }

  function preview(rows, lost, back) {
    var dialog = zb.make("dialog", { "class": "zb-dialog zb-paste", "aria-labelledby": "paste-title", "aria-describedby": "paste-told" });
    var head = zb.make("header"), list = zb.make("ol", { "class": "zb-pastelist", tabindex: "0" }), foot = zb.make("p", { "class": "acts zb-pad" });
    var good = rows.filter(function (row) { return row.text !== undefined; }), bad = rows.filter(function (row) { return row.why && !row.quiet; });
    head.append(zb.make("h2", { id: "paste-title" }, words.paste_title));
    rows.forEach(function (row) {
      var item = zb.make("li", row.why && !row.quiet ? { "class": "bad" } : {});
      item.append(zb.make("span", {}, row.name), zb.make("b", { "class": "num" }, row.value || words.blank));
      item.append(zb.make("small", row.why && !row.quiet ? { "class": "zb-wrong" } : {}, row.why || zb.fill(words.was, { value: zb.textOf(row.key) || words.blank })));
      list.append(item);
    });
    dialog.append(head, zb.make("p", { "class": "zb-pad", id: "paste-told" }, zb.fill(words.paste_told, { good: good.length, bad: bad.length })), list);
    if (lost) { dialog.append(zb.make("p", { "class": "zb-pad warm" }, zb.fill(single ? words.paste_more : words.paste_more_rows, { count: lost }))); }
    var yes = zb.make("button", { type: "button", "class": "btn btn-primary" }, zb.fill(words.paste_fill, { count: good.length })), no = zb.make("button", { type: "button", "class": "btn" }, words.cancel);
    yes.disabled = !good.length;
    foot.append(yes, no);
    dialog.append(foot);
    document.body.append(dialog);
    yes.addEventListener("click", function () {
      var step = good.map(function (row) { return { key: row.key, from: zb.textOf(row.key), to: row.text }; });
      step.forEach(function (one) { zb.force(one.key, one.to); });
      dialog.close();
      grid.dispatchEvent(new CustomEvent("zb:push", { detail: step }));
      zb.flush();
    });
    no.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("close", function () { dialog.remove(); back.focus(); });
    dialog.showModal();
    (good.length ? yes : no).focus();
  }
  grid.addEventListener("paste", function (event) {
    var text = (event.clipboardData || window.clipboardData).getData("text/plain"), at = event.target;
    if (!grid.contains(at) || !at.closest("[data-key]") || at.tagName === "TEXTAREA" || !/[\n\t]/.test(text.replace(/[\r\n\t]+$/, ""))) { return; }
    var rows = sheet(), start = placeOf(at, rows);
    if (!start) { return; }
    event.preventDefault();
    clear();
    if (single) { start.column = 3; }
    var found = spread(read(text), start, rows);
    preview(found.found.map(judged), found.lost, at);
  });
})();
