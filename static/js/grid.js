/* Filling a table: saves by itself, moves by keys, shows what somebody else wrote. grid-tools.js and grid-block.js add to it.
   The page works without it: the form posts the whole table, and every small form beside it posts by itself. What waits to be
   sent, and how it is kept, is saving.js. */
(function () {
  "use strict";
  var grid = document.getElementById("grid");
  var tools = window.zhibaoSaving, make = tools.make, fill = tools.fill, post = tools.post;
  var words = tools.json("grid-words") || {};
  var was = tools.json("grid-was") || {};    /* what the server knows, by cell key; goes along with a whole post */
  var PAUSE = 300, IDLE = 5000;
  var saving = tools.start({
    form: grid, words: words, was: was, url: grid && grid.dataset.save,
    slot: grid ? "zb-typed " + grid.dataset.save + " " + grid.dataset.who : "",  /* which table of which person */
    has: function (key) { return !!target(key); },
    textOf: textOf, put: putText, say: say, stored: stored, apply: apply,
    append: function (body, key, text) { if (!body.has("at")) { body.append("at", grid.dataset.table); } body.append(key, text); }
  });
  var flush = saving.flush, mark = saving.mark, soon = saving.soon;

  /* ---- cells ---- */
  function lineOf(key) { return grid && grid.querySelector("[data-key='" + CSS.escape(key) + "']"); }
  function keyOf(control) { return control.name || control.dataset.many || ""; }
  function controls(key) { return Array.prototype.slice.call(grid.querySelectorAll("[name='" + CSS.escape(key) + "']")); }
  function target(key) { return document.getElementById("c-" + key); }
  function say(text) {
    var box = document.getElementById("grid-said");
    if (box) { box.textContent = text; }
  }
  function tell(name, detail) { grid.dispatchEvent(new CustomEvent(name, { detail: detail })); }
  function textOf(key) {
    var found = controls(key);
    if (found.some(function (one) { return one.type === "checkbox"; })) {
      return found.filter(function (one) { return one.checked; }).map(function (one) { return one.value; }).join(",");
    }
    return found.length ? found[found.length - 1].value : "";
  }
  function putText(key, text) {
    controls(key).forEach(function (one) {
      if (one.type === "checkbox") { one.checked = text.split(",").indexOf(one.value) >= 0; }
      else if (one.type !== "hidden") { one.value = text; }
    });
    sumUp(key);
  }
  function isCell(node) {
    return grid && node && node.name && grid.contains(node) && node.closest("[data-key]") && !/^(seen|was|csrf|next|row|theirs)/.test(node.name);
  }
  /* The closed list of tick boxes says what is chosen. */
  function sumUp(key) {
    var list = grid.querySelector("details[data-many='" + CSS.escape(key) + "']");
    if (!list) { return; }
    var names = Array.prototype.map.call(list.querySelectorAll("input:checked"), function (one) { return one.nextElementSibling.textContent; });
    list.querySelector("summary").textContent = names.length ? fill(words.chosen, { count: names.length }) + " " + names.join("、") : words.choose;
  }
  function note(key) {
    var text = textOf(key);
    if (text === was[key] && !saving.unsent(key) && !lineOf(key).classList.contains("has-last")) { return; }
    saving.set(key, text);
  }

  /* ---- the answer of a save ---- */
  function stored(state, sent) {
    Object.keys(state.cells || {}).forEach(function (key) {
      var cell = state.cells[key], line = lineOf(key);
      was[key] = cell.text;
      if (saving.undecided(key)) { return; }
      if (!saving.unsent(key)) { putText(key, cell.text); }
      clear(line, "[data-wrong], [data-conflict], [data-hint]");
      var control = target(key);
      if (control) { control.removeAttribute("aria-invalid"); control.removeAttribute("aria-describedby"); }
      set(line, "[data-echo]", cell.echo);
      if (cell.change) { changed(line, cell.change); }
      if (cell.hint) { line.querySelector(".cell, .zb-name").parentNode && place(line).append(make("small", { "data-hint": "", "class": "zb-hintline" }, cell.hint)); }
    });
    Object.keys(state.refused || {}).forEach(function (key) { wrong(key, state.refused[key], sent[key]); });
    (state.conflicts || []).forEach(conflict);
    apply(state);
    tell("zb:stored", { state: state, sent: sent });
  }
  function place(line) { return line.querySelector("td.cell") || line; }
  function clear(line, selector) {
    if (line) { line.querySelectorAll(selector).forEach(function (node) { node.remove(); }); }
  }
  function set(line, selector, text) {
    var node = line && line.querySelector(selector);
    if (node) { node.textContent = text; }
  }
  function changed(line, change) {
    var node = line && line.querySelector("[data-change]");
    if (node) { node.replaceChildren(make("span", change[1] ? { "class": "warm" } : {}, change[0])); }
  }
  function wrong(key, refused, text) {
    var line = lineOf(key), control = target(key);
    if (!line) { return; }
    was[key] = text;
    clear(line, "[data-wrong], [data-conflict], [data-hint]");
    set(line, "[data-echo]", "");
    var box = make("span", { "class": "zb-wrong", id: "w-" + key, "data-wrong": "" }, refused.reason);
    if (refused.offer) { box.append(" ", make("button", { type: "button", "class": "zb-link", "data-take": refused.offer }, fill(words.take, { value: refused.offer }))); }
    place(line).append(box);
    if (control) { control.setAttribute("aria-invalid", "true"); control.setAttribute("aria-describedby", box.id); }
  }
  function conflict(found) {
    var line = lineOf(found.key), by = found.by || words.somebody;
    if (!line || found.row_gone) {
      var box = document.getElementById("refusal");
      if (box) { box.append(make("p", { "class": "zb-lost" }, fill(words.row_gone, { by: by, mine: found.mine }))); }
      return;
    }
    was[found.key] = found.text;
    clear(line, "[data-conflict], [data-wrong]");
    var ask = make("span", { "class": "zb-note", "data-conflict": "", role: "alert", tabindex: "-1" },
      fill(words.conflict, { by: by, theirs: found.theirs || words.blank, mine: found.mine }) + " ");
    var buttons = saving.choices(found.key, function () { ask.remove(); });
    ask.append(buttons[0], " ", buttons[1]);
    place(line).append(ask);
  }
  /* Brings the first question that is still open before the eyes; false when there is none. */
  function askAgain() {
    var key = saving.asking()[0];
    if (!key) { return false; }
    jump(key);
    lineOf(key).querySelector("[data-conflict]").focus();
    return true;
  }
  function apply(state) {
    var box = document.getElementById("save-mark");
    if (grid && state.version !== undefined) {
      grid.elements.seen.value = state.version;
      if (box && state.saved_at) { box.dataset.at = state.saved_at; }
      lines(state);
    }
    swap("rail", state.rail);
    swap("findings", state.findings);
    if (grid) { describe(); }
    var filled = document.getElementById("filled");
    if (filled && state.required !== undefined) {
      filled.querySelector("[data-filled]").textContent = state.filled + " / " + state.required;
      filled.querySelector("progress").value = state.filled;
      filled.querySelector("progress").max = state.required;
    }
  }
  function lines(state) {
    var hidden = new Set(state.hidden), required = new Set(state.shown_required), carried = new Set(state.carried);
    grid.querySelectorAll("[data-key]").forEach(function (line) {
      var key = line.dataset.key, kind = state.marks[key] || "", held = line.querySelector("[data-wrong], [data-conflict]");
      carry(line, carried.has(key));
      line.hidden = hidden.has(key) && !held && !saving.unsent(key);
      if (held && held.hasAttribute("data-wrong")) { kind = "hard"; }
      ["hard", "verify", "said", "remark", "blank"].forEach(function (one) { line.classList.toggle("has-" + one, one === kind); });
      var sign = line.querySelector("[data-mark]");
      if (sign) {
        sign.hidden = !kind;
        sign.className = "zb-st " + ({ remark: "returned", blank: "due" }[kind] || kind);
        sign.title = words[kind === "blank" ? "empty" : kind] || "";
        sign.firstElementChild.textContent = sign.title;
      }
      var star = line.querySelector("[data-required]");
      if (!star && required.has(key)) { (line.querySelector(".zb-def > summary") || line.querySelector("th, .zb-name")).append(make("abbr", { title: words.empty, "data-required": "" }, "*")); }
      if (star && !required.has(key)) { star.remove(); }
    });
    Object.keys(state.computed || {}).forEach(function (key) { set(lineOf(key), "[data-value]", state.computed[key] || "—"); });
    grid.querySelectorAll("tr.group").forEach(function (head, index) {
      if (state.groups && state.groups[index]) { set(head, "[data-told]", state.groups[index]); }
      head.hidden = !head.parentNode.querySelector("tr[data-key]:not([hidden])");
    });
    tell("zb:lines");
  }
  /* Whoever listens hears at the cell what stands around it: the mark, why it cannot be read, the finding about it. */
  function describe() {
    var about = {};
    document.querySelectorAll("#findings > ol > li[id]").forEach(function (item) {
      var title = item.querySelector("h3");
      if (!title || item.classList.contains("blank")) { return; }
      title.id = item.id + "-title";
      item.querySelectorAll("[data-jump]").forEach(function (link) {
        var key = link.dataset.jump;
        if (key && (about[key] = about[key] || []).indexOf(title.id) < 0) { about[key].push(title.id); }
      });
    });
    grid.querySelectorAll("[data-key]").forEach(function (line) {
      var key = line.dataset.key, control = target(key), ids = [];
      if (!control) { return; }
      line.querySelectorAll("[data-mark]:not([hidden]), [data-wrong], [data-conflict], [data-carried]").forEach(function (one) {
        one.id = one.id || (one.hasAttribute("data-conflict") ? "x-" : "m-") + key;
        ids.push(one.id);
      });
      ids = ids.concat(about[key] || []);
      if (ids.length) { control.setAttribute("aria-describedby", ids.join(" ")); } else { control.removeAttribute("aria-describedby"); }
      if (line.classList.contains("has-hard")) { control.setAttribute("aria-invalid", "true"); } else { control.removeAttribute("aria-invalid"); }
    });
  }
  /* The word of a cell that was taken from last year and that nobody has touched since. */
  function carry(line, yes) {
    var old = line.querySelector("[data-carried]");
    line.classList.toggle("has-last", yes);
    if (yes && !old) {
      place(line).append(make("small", { "class": "zb-carried", "data-carried": "", id: "l-" + line.dataset.key }, words.carried));
    } else if (!yes && old) {
      old.remove();
    }
  }
  /* Put new HTML in place of a panel without losing what is being typed in it, what is open and where it is scrolled. */
  function swap(id, html) {
    var old = document.getElementById(id);
    if (!old || !html) { return; }
    var kept = {}, opened = new Set(), active = document.activeElement, focus = old.contains(active) ? active.id : "";
    var from = focus && active.selectionStart, to = focus && active.selectionEnd;
    old.querySelectorAll("textarea").forEach(function (box) { if (box.value !== box.defaultValue) { kept[box.id] = box.value; } });
    old.querySelectorAll("[data-key] details[open]").forEach(function (one) { opened.add(one.closest("[data-key]").dataset.key + one.className); });
    var holder = document.createElement("div"), top = old.scrollTop;
    holder.innerHTML = html;
    var fresh = holder.firstElementChild;
    fresh.querySelectorAll("textarea").forEach(function (box) { if (box.id in kept) { box.value = kept[box.id]; } });
    fresh.querySelectorAll("[data-key] details").forEach(function (one) { if (opened.has(one.closest("[data-key]").dataset.key + one.className)) { one.open = true; } });
    old.replaceWith(fresh);
    fresh.scrollTop = top;
    var again = focus && document.getElementById(focus);
    if (again) { again.focus({ preventScroll: true }); if (from !== undefined && again.setSelectionRange) { again.setSelectionRange(from, to); } }
  }

  /* ---- moving ---- */
  function cells() {
    return Array.prototype.filter.call(grid.querySelectorAll("[data-key] :is(input, select, textarea, summary)[id^='c-']"), function (one) {
      return one.type !== "hidden" && one.offsetParent !== null;
    });
  }
  function go(from, step) {
    var all = cells(), next = all[all.indexOf(from) + step];
    if (next) { next.focus(); if (next.select) { next.select(); } }
    return !!next;
  }
  function jump(key) {
    var cell = target(key);
    if (!cell) { return false; }
    var line = lineOf(key);
    if (line) { line.hidden = false; }
    if (cell.offsetParent === null) { tell("zb:reveal"); }
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "center" });
    return true;
  }
  var visited = "";
  function nextFinding(back) {
    var keys = [];
    document.querySelectorAll("#findings li").forEach(function (item) {
      var link = item.querySelector("[data-jump]:not([data-jump=''])");
      if (link) { keys.push([link.dataset.jump, item]); }
    });
    if (!keys.length) { return; }
    var at = keys.findIndex(function (pair) { return pair[1].id === visited; });
    var pair = keys[(at + (back ? -1 : 1) + keys.length) % keys.length];
    visited = pair[1].id;
    document.querySelectorAll("#findings li.open").forEach(function (one) { one.classList.remove("open"); });
    pair[1].classList.add("open");
    pair[1].scrollIntoView({ block: "nearest" });
    jump(pair[0]);
  }
  function exampleOf(line) {
    var control = target(line.dataset.key), mode = control && control.getAttribute("inputmode");
    return control && control.placeholder || { numeric: words.example_whole, decimal: words.example_decimal }[mode] || "";
  }
  function hint(line) {
    var box = document.getElementById("hint");
    if (!box) { return; }
    grid.querySelectorAll(".now").forEach(function (one) { one.classList.remove("now"); });
    if (!line) { box.hidden = true; return; }
    line.classList.add("now");
    var title = line.querySelector(".zb-def > summary") || line.querySelector("th, .zb-name"), definition = line.querySelector(".zb-def p");
    var code = line.dataset.key.split(":").pop(), example = exampleOf(line);
    box.replaceChildren(make("b", {}, code + " " + title.textContent.replace("*", "").trim()), "　" + (definition ? definition.textContent : ""));
    if (example) { box.append("　", make("span", { "class": "soft" }, example)); }
    if (grid.dataset.help) { box.append("　", make("a", { href: grid.dataset.help.replace("A0", code), target: "_blank", rel: "noopener", tabindex: "-1" }, words.help)); }
    tell("zb:hint", { line: line, box: box });
    box.hidden = false;
  }

  /* ---- last year's values ---- */
  function takeLast(what) {
    return flush().then(function () {
      if (saving.trouble) { return null; }
      var body = new URLSearchParams({ seen: grid.elements.seen.value, at: grid.dataset.table, what: what });
      return post(grid.dataset.last, body).then(saving.answered({}), saving.lost).then(mark);
    });
  }

  /* ---- events ---- */
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    if (form.dataset.fragment) {
      event.preventDefault();
      var body = new URLSearchParams(new FormData(form));
      if (button && button.name) { body.append(button.name, button.value); }
      if (form.dataset.fragment === "fix" && grid && form.action.indexOf(grid.dataset.save) >= 0) { body.set("seen", grid.elements.seen.value); }
      if (button) { button.disabled = true; }
      flush().then(function () {
        var sent = null;
        if (form.dataset.fragment === "fix") {
          sent = {};
          body.forEach(function (value, name) { if (lineOf(name)) { sent[name] = value; } });
        }
        if (grid && sent) { body.set("seen", grid.elements.seen.value); }
        return post(form.action, body).then(saving.answered(sent && Object.keys(sent).length ? sent : null), saving.lost);
      }).then(function (done) {
        if (button) { button.disabled = false; }
        if (done && !grid) { location.reload(); }
        mark();
      });
      return;
    }
    if (form === grid) {
      var box = button && button.closest("[data-conflict]");  /* drawn by the server; its buttons are those of the form */
      if (box) {
        event.preventDefault();
        saving.choose(box.closest("[data-key]").dataset.key, button.name !== "theirs");
        box.remove();
        return;
      }
      if (button && button.name === "what" && grid.querySelector(".zb-cells")) {  /* rows come with a new page */
        event.preventDefault();
        takeLast(button.value);
        return;
      }
      if (button && (button.formAction && button.hasAttribute("formaction") || button.name)) {
        if (askAgain()) { event.preventDefault(); return; }   /* the whole post would put one's own in place of theirs */
        saving.leaving = true;
        grid.elements.was.value = JSON.stringify(was);
        return;
      }
      event.preventDefault();
      saving.now();
    }
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href], [data-take], [data-jump]");
    if (!link) { return; }
    if (link.dataset.take !== undefined) {
      var key = link.closest("[data-key]").dataset.key;
      putText(key, link.dataset.take);
      saving.set(key, link.dataset.take);
      flush().then(function () { target(key).focus(); });
      return;
    }
    if (link.dataset.jump && grid && jump(link.dataset.jump)) { event.preventDefault(); }
  });
  document.addEventListener("input", function (event) {
    if (event.target.name === "text" && event.target.form && event.target.form.dataset.fragment) {
      var count = event.target.form.querySelector("[data-count]");
      if (count) { count.textContent = fill(words.written, { count: event.target.value.trim().length }); }
    }
  });
  if (!grid) { return; }

  grid.elements.was.value = JSON.stringify(was);
  grid.querySelectorAll(".zb-def > summary").forEach(function (one) { one.tabIndex = -1; });
  grid.querySelectorAll("[data-take]").forEach(function (one) { one.hidden = false; });
  grid.addEventListener("input", function (event) {
    if (isCell(event.target)) { note(event.target.name); sumUp(event.target.name); soon(IDLE); }
  });
  grid.addEventListener("change", function (event) {
    if (isCell(event.target)) { note(event.target.name); sumUp(event.target.name); soon(PAUSE); }
  });
  grid.addEventListener("focusin", function (event) { hint(event.target.closest("[data-key]")); });
  grid.addEventListener("keydown", function (event) {
    var at = event.target;
    if (!isCell(at) || event.isComposing) { return; }
    if (event.key === "Enter" && at.tagName !== "TEXTAREA" && at.type !== "checkbox") {
      event.preventDefault();
      if (!go(at, event.shiftKey ? -1 : 1)) { at.dispatchEvent(new Event("change", { bubbles: true })); }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && at.tagName === "INPUT" && at.type !== "checkbox" && !at.hasAttribute("list") && !event.altKey) {
      event.preventDefault();
      go(at, event.key === "ArrowDown" ? 1 : -1);
    }
  });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (isCell(document.activeElement)) { note(document.activeElement.name); }
      saving.now();
    } else if (event.key === "F8") {
      event.preventDefault();
      nextFinding(event.shiftKey);
    } else if (event.key === "F1") {
      var line = document.activeElement.closest("[data-key]"), about = line && line.querySelector(".zb-def");
      if (about) { event.preventDefault(); about.open = !about.open; }
    }
  });
  window.zhibaoGrid = {
    grid: grid, words: words, was: was, cells: cells, lineOf: lineOf, keyOf: keyOf, target: target, textOf: textOf, putText: putText,
    isCell: isCell, note: note, flush: flush, fill: fill, make: make, say: say, jump: jump, takeLast: takeLast,
    force: function (key, text) { putText(key, text); saving.set(key, text); }
  };
  describe();
  grid.querySelectorAll("[data-conflict]").forEach(function (box) {
    var key = box.closest("[data-key]").dataset.key;
    box.tabIndex = -1;
    saving.hold(key, textOf(key));
  });
  saving.watch();
  if (/^#c-/.test(location.hash)) { jump(decodeURIComponent(location.hash.slice(3))); }
})();
