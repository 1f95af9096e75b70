/* Tools beside the cells of grid.js: undo, the next empty cell, fewer lines, sums while typing, last year's value.
   They work on what the page already holds and wait for no answer. */
(function () {
  "use strict";
  var zb = window.zhibaoGrid, bar = document.getElementById("tools");
  if (!zb || !bar) { return; }
  var grid = zb.grid, words = zb.words, all = function (selector) { return Array.prototype.slice.call(grid.querySelectorAll(selector)); };
  var MOST = 200;

  function button(selector) { return bar.querySelector(selector); }
  function nameOf(key) {
    var control = zb.target(key);
    return control ? control.getAttribute("aria-label").split(/[,，]/)[0] : key;
  }

  /* ---- undo ---- */
  var base = {}, done = [], undone = [];
  function push(step) {
    if (!step.length) { return; }
    done.push(step);
    if (done.length > MOST) { done.shift(); }
    undone = [];
    able();
  }
  function able() {
    button("[data-undo]").disabled = !done.length;
    button("[data-redo]").disabled = !undone.length;
  }
  function settle(key) {
    var text = zb.textOf(key);
    if (key in base && base[key] !== text) {
      push([{ key: key, from: base[key], to: text }]);
      base[key] = text;
      zb.note(key);
    }
  }
  function step(from, to, way, told) {
    var changes = from.pop();
    if (!changes) { zb.say(words.nothing_to_undo); return; }
    to.push(changes);
    var there = changes.filter(function (one) { return zb.lineOf(one.key); });
    there.forEach(function (one) { zb.force(one.key, one[way]); base[one.key] = one[way]; sumsOf(one.key); });
    able();
    if (there.length) {
      zb.jump(there[0].key);
      zb.say(zb.fill(told, { cell: nameOf(there[0].key), value: there[0][way] || words.blank, count: there.length }));
    }
    zb.flush();
  }
  function undo() { step(done, undone, "from", words.undone); }
  function redo() { step(undone, done, "to", words.redone); }

  /* ---- the next empty required cell ---- */
  function empties() { return zb.cells().filter(function (one) { return isEmpty(one.closest("[data-key]")); }); }
  function isEmpty(line) { return !line.hidden && !!line.querySelector("[data-required]") && !zb.textOf(line.dataset.key); }
  function nextEmpty(back) {
    if (grid.dataset.only) { only(""); }
    var found = empties(), line = document.activeElement.closest("[data-key]");
    if (!found.length) { zb.say(words.none_empty); show(words.none_empty); return; }
    var after = found.filter(function (one) {
      var place = line ? line.compareDocumentPosition(one.closest("[data-key]")) : 4;
      return back ? place & 2 : place & 4 && !(place & 16);
    });
    var next = back ? after[after.length - 1] || found[found.length - 1] : after[0] || found[0];
    zb.jump(next.closest("[data-key]").dataset.key);
    zb.say(zb.fill(words.still_empty, { cell: next.getAttribute("aria-label"), count: found.length }));
  }
  function show(text) { bar.querySelector("[data-none]").textContent = text || ""; }

  /* ---- fewer lines ---- */
  var KINDS = { errors: "[data-key]:is(.has-hard, .has-verify, .has-remark, .has-conflict):not([hidden])", empty: "[data-key].is-empty:not([hidden])", last: "[data-key].has-last:not([hidden])" };
  function count() {
    all("[data-key]").forEach(function (line) {
      line.classList.toggle("is-empty", isEmpty(line));
      line.classList.toggle("has-conflict", !!line.querySelector("[data-conflict]"));
    });
    bar.querySelectorAll("[data-only]").forEach(function (one) {
      var kind = one.dataset.only, number = kind ? all(KINDS[kind]).length : 0;
      if (kind) { one.querySelector("b").textContent = number; }
      if (kind === "last") { one.hidden = !number && grid.dataset.only !== "last"; }
    });
    button("[data-next]").querySelector("b").textContent = all(KINDS.empty).length;
    heads();
  }
  /* Headings without a line under them, and whether last year has anything left to give. */
  function heads() {
    var shown = 0, left = 0;
    all("tbody, fieldset.zb-record").forEach(function (part) {
      var lines = Array.prototype.slice.call(part.querySelectorAll("[data-key]")), head = part.querySelector("tr.group");
      var some = lines.some(function (line) { return line.offsetParent !== null; }), take = head && head.querySelector("[name=what]");
      var gives = lines.filter(hasLast).length;
      shown += some ? 1 : 0;
      left += gives;
      if (part.tagName === "FIELDSET") { part.classList.toggle("none", !some && !!grid.dataset.only); }
      if (head) { head.classList.toggle("none", !some && !!grid.dataset.only); }
      if (take) { take.hidden = !gives; }
    });
    var whole = bar.querySelector("[name=what]");
    if (whole && grid.querySelector(".zb-cells")) { whole.hidden = !left; }
    show(grid.dataset.only && !shown ? words.none_shown : "");
  }
  function only(kind) {
    grid.dataset.only = kind;
    bar.querySelectorAll("[data-only]").forEach(function (one) { one.setAttribute("aria-pressed", one.dataset.only === kind); });
    count();
    var number = kind ? all(KINDS[kind]).length : all("[data-key]:not([hidden])").length;
    zb.say(zb.fill(words.shown, { count: number }));
  }

  /* ---- sums ---- */
  var box = document.getElementById("grid-sums"), told = box ? JSON.parse(box.textContent) : { sums: [], elsewhere: {} };
  var sums = told.sums, byKey = {};
  function figure(text) {
    var plain = text.normalize("NFKC").replace(/[,，\s]/g, "").replace("−", "-");
    return /^[+-]?\d+\.?\d*$/.test(plain) ? Number(plain) : null;
  }
  function written(value) {
    var parts = String(Math.round(Math.abs(value) * 10000) / 10000).split(".");
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
    return (value < 0 ? "−" : "") + parts.join(".");
  }
  function keysOf(sum, code) {
    if (!sum.rows) { return [code]; }
    return all("[data-key$=':" + code + "']").map(function (line) { return line.dataset.key; });
  }
  function side(sum, terms) {
    var found = null;
    terms.forEach(function (term) {
      keysOf(sum, term[0]).forEach(function (key) {
        var value = figure(zb.textOf(key));
        if (value !== null) { found = (found || 0) + term[1] * value; }
      });
    });
    return found;
  }
  /* Conditions as filings/conditions.py tells them; null is blank. */
  var TESTS = {
    "=": function (a, b) { return a === b; }, "!=": function (a, b) { return a !== b; }, "<": function (a, b) { return a < b; },
    "<=": function (a, b) { return a <= b; }, ">": function (a, b) { return a > b; }, ">=": function (a, b) { return a >= b; }
  };
  function read(node) {
    var what = node[0], found = null;
    if (what === "is") { return node[1]; }
    if (what === "elsewhere") { found = told.elsewhere[node[1]]; return found === undefined || found === "" ? null : found; }
    if (what === "figure") { return figure(zb.textOf(node[1])); }
    if (what === "text") { found = zb.textOf(node[1]); return found && found !== "n/a" ? found : null; }
    node[1].forEach(function (term) {
      var value = read(term[1]);
      if (value !== null) { found = (found || 0) + term[0] * value; }
    });
    return found === null ? null : Math.round(found * 10000) / 10000;
  }
  function judge(node) {
    var what = node[0], rest = node.slice(1);
    if (what === "not") { var answer = judge(node[1]); return answer === null ? null : !answer; }
    if (what === "implies") {
      var held = judge(node[1]), then = held === false || judge(node[2]);
      return held || then === true ? then : null;
    }
    if (what === "and" || what === "or") {
      var ends = what === "or", all = rest.map(judge);
      return all.indexOf(ends) >= 0 ? ends : all.indexOf(null) >= 0 ? null : !ends;
    }
    if (what === "filled") { return read(node[1]) !== null; }
    var one = read(node[1]);
    if (what === "in") { return one === null ? null : node[2].some(function (choice) { return read(choice) === one; }); }
    var two = read(node[2]);
    return one === null || two === null ? null : TESTS[what](one, two);
  }
  function namesIn(node) {
    if (!Array.isArray(node)) { return []; }
    if (node[0] === "figure" || node[0] === "text") { return [node[1]]; }
    return node.reduce(function (found, part) { return found.concat(namesIn(part)); }, []);
  }
  /* "Parts add up to 23, 2 too many" under the total; nothing while one side is blank. */
  function sumUp(sum) {
    var parts = sum.when && judge(sum.when) !== true ? null : side(sum, sum.parts), total = sum.constant !== null ? sum.constant : side(sum, [[sum.total, 1]]);
    var text = "", off = false;
    if (parts !== null) {
      var gap = total === null ? 0 : Math.round((parts - total) * 10000) / 10000;
      off = total !== null && (sum.sign === "=" ? Math.abs(gap) > sum.within : gap > 0);
      text = zb.fill(total === null ? words.sum : off ? (gap > 0 ? words.sum_over : words.sum_under) : sum.sign === "=" ? words.sum_same : words.sum,
        { sum: written(parts), gap: written(Math.abs(gap)), whole: total === null ? "" : written(total), of: sum.label || "" });
    }
    var place = sum.rows ? document.getElementById("column-sums") : grid.querySelector("[data-key='" + (sum.total || sum.last) + "'] td.cell");
    if (!place) { return; }
    var line = place.querySelector("[data-sum='" + sum.code + "']");
    if (!line) {
      line = zb.make("small", { "data-sum": sum.code });
      place.append(line);
    }
    line.className = "zb-sum" + (off ? " off" : "");
    line.textContent = text;
    line.hidden = !text;
  }
  function sumsOf(key) { (byKey[key.split(":").pop()] || []).forEach(sumUp); }
  sums.forEach(function (sum) {
    sum.parts.map(function (term) { return term[0]; }).concat(sum.total && !sum.rows ? [sum.total] : [], namesIn(sum.when)).forEach(function (code) {
      (byKey[code] = byKey[code] || []).push(sum);
    });
  });

  /* ---- last year's value ---- */
  function lastText(line) {
    var cell = line.querySelector("td.soft.num"), words = line.querySelector(".zb-was");
    var text = cell ? cell.textContent.trim() : words ? words.textContent.trim() : "";
    return text === "—" ? "" : text;
  }
  function hasLast(line) { return !line.hidden && !!zb.target(line.dataset.key) && !!lastText(line) && !zb.textOf(line.dataset.key) && !line.querySelector("[data-wrong]"); }
  function takeHere() {
    var line = document.activeElement.closest("[data-key]");
    if (!line) { return; }
    if (!hasLast(line)) { zb.say(zb.textOf(line.dataset.key) ? words.already_filled : words.no_last); return; }
    zb.takeLast("cell:" + line.dataset.key);
  }

  /* ---- events ---- */
  grid.addEventListener("focusin", function (event) { if (zb.isCell(event.target) && !(event.target.name in base)) { base[event.target.name] = zb.textOf(event.target.name); } });
  grid.addEventListener("input", function (event) { if (zb.isCell(event.target)) { sumsOf(event.target.name); } });
  grid.addEventListener("change", function (event) { if (zb.isCell(event.target)) { settle(event.target.name); count(); } });
  grid.addEventListener("focusout", function (event) { if (zb.isCell(event.target)) { settle(event.target.name); delete base[event.target.name]; } });
  grid.addEventListener("zb:push", function (event) { push(event.detail); event.detail.forEach(function (one) { sumsOf(one.key); }); });
  grid.addEventListener("zb:lines", function () { count(); sums.forEach(sumUp); });
  grid.addEventListener("zb:reveal", function () { only(""); });
  grid.addEventListener("zb:stored", function (event) {
    /* What the server filled in is a step like any other; what it only wrote more clearly is none. */
    var cells = event.detail.state.cells || {};
    push(Object.keys(cells).filter(function (key) { return !(key in event.detail.sent); }).map(function (key) {
      return { key: key, from: "", to: zb.textOf(key) };
    }));
    Object.keys(cells).forEach(function (key) { if (key in base) { base[key] = zb.textOf(key); } });
    var told = event.detail.state.told;
    if (told) { zb.say(told); show(told); }
  });
  var phone = window.matchMedia("(max-width: 700px)");
  grid.addEventListener("zb:hint", function (event) {
    var line = event.detail.line, cell = line.querySelector("td.cell");
    all(".zb-takehere").forEach(function (one) { one.remove(); });
    if (!hasLast(line)) { return; }
    var below = phone.matches && cell;        /* on a phone the hint is far away: under the cell itself */
    var value = zb.fill(below ? words.take_here : words.take_last, { value: lastText(line).replace(/^.*[:：]\s*/, "") });
    var take = zb.make("button", { type: "button", "class": below ? "btn btn-sm zb-takehere" : "zb-link", tabindex: "-1" }, value);
    take.addEventListener("mousedown", function (down) { down.preventDefault(); });
    take.addEventListener("click", function () { zb.takeLast("cell:" + line.dataset.key); take.remove(); });
    if (below) { cell.append(take); } else { event.detail.box.append("　", take); }
  });
  bar.addEventListener("click", function (event) {
    var pressed = event.target.closest("button");
    if (!pressed) { return; }
    if (pressed.hasAttribute("data-undo")) { undo(); }
    if (pressed.hasAttribute("data-redo")) { redo(); }
    if (pressed.hasAttribute("data-next")) { nextEmpty(false); }
    if (pressed.hasAttribute("data-only")) { only(pressed.dataset.only); }
  });
  document.addEventListener("keydown", function (event) {
    var key = event.key.toLowerCase(), at = document.activeElement, inCell = zb.isCell(at);
    if (event.isComposing || document.querySelector("dialog[open]")) { return; }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && (key === "z" || key === "y")) {
      if (!inCell && /^(input|textarea)$/i.test(at.tagName)) { return; }                      /* an explanation being written */
      if (inCell && at.tagName === "TEXTAREA" && base[at.name] !== zb.textOf(at.name)) { return; } /* words being written */
      event.preventDefault();
      if (inCell) { settle(at.name); }
      if (key === "y" || event.shiftKey) { redo(); } else { undo(); }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && (inCell || at === document.body || bar.contains(at) || at.closest(".zb-many"))) {
      event.preventDefault();
      event.stopPropagation();
      if (inCell) { settle(at.name); }
      nextEmpty(event.shiftKey);
    } else if (event.key === "Escape" && inCell && at.name in base && base[at.name] !== zb.textOf(at.name)) {
      event.preventDefault();                                     /* as before it was entered */
      zb.putText(at.name, base[at.name]);
      zb.note(at.name);
      sumsOf(at.name);
    } else if (event.key === "F9") {
      event.preventDefault();
      takeHere();
    }
  }, true);

  able();
  count();
  sums.forEach(sumUp);
})();
