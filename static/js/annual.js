/* Writing an annual report: how long a statement is, lines added to an answer, and saving by itself (saving.js).
   The page works without it: the form posts the whole head. */
(function () {
  "use strict";
  var tools = window.zhibaoSaving, make = tools.make, fill = tools.fill;
  var form = document.querySelector("form[data-saves]");

  function each(found, act) { Array.prototype.forEach.call(found, act); }

  /* ---- how long a statement is; the server counts as well ---- */
  each(document.querySelectorAll("[data-count]"), function (note) {
    var text = document.getElementById(note.dataset.count), now = note.querySelector("[data-now]");
    var fewest = Number(note.dataset.fewest), most = Number(note.dataset.most);
    if (!text) { return; }
    function count() {
      var length = Array.from(text.value).length;
      now.textContent = length;
      note.querySelector("[data-short]").hidden = length === 0 || length >= fewest;
      note.querySelector("[data-long]").hidden = length <= most;
    }
    text.addEventListener("input", count);
    count();
  });
  if (!form) { return; }

  /* ---- answers: one field each, or the lines of a table ---- */
  var words = tools.json("report-words"), was = JSON.parse(form.elements.was.value || "{}");
  function boxOf(code) { return document.getElementById("c-" + code); }
  function field(code) { return document.getElementById("f-" + code); }
  function lines(code) { return boxOf(code).querySelectorAll("tbody tr"); }
  function isLines(code) { return !field(code); }
  function parts(line) { return line.querySelectorAll("input[name], select[name]"); }
  function columnOf(part) { return part.name.split(".")[2]; }
  function codeOf(control) { return control.name.split(".")[0]; }
  function textOf(code) {
    if (!isLines(code)) { return field(code).value; }
    var found = [];
    each(lines(code), function (line) {
      var one = {};
      each(parts(line), function (part) { one[columnOf(part)] = part.value; });
      if (Object.keys(one).some(function (name) { return one[name]; })) { found.push(one); }
    });
    return found.length ? JSON.stringify(found) : "";
  }
  function put(code, text) {
    if (!isLines(code)) {
      field(code).value = text;
      field(code).dispatchEvent(new CustomEvent("input"));  /* for the counter alone: it does not bubble */
      return;
    }
    var found = text ? JSON.parse(text) : [];
    while (lines(code).length < found.length) { addLine(code); }
    each(lines(code), function (line, at) {
      each(parts(line), function (part) { part.value = (found[at] || {})[columnOf(part)] || ""; });
    });
  }
  function addLine(code) {
    var all = lines(code), last = all[all.length - 1], line = last.cloneNode(true), number = all.length + 1;
    line.querySelector("th").textContent = number;
    each(parts(line), function (part) {
      var name = part.name.split(".");
      part.name = [name[0], Number(name[1]) + 1, name[2]].join(".");
      part.setAttribute("aria-label", part.getAttribute("aria-label").replace(/\d+$/, number));
      part.value = "";
    });
    last.after(line);
    return line;
  }
  function append(body, code, text) {
    if (!isLines(code)) { body.append(code, text); return; }
    var found = text ? JSON.parse(text) : [];
    if (!found.length) { each(parts(lines(code)[0]), function (part) { body.append(part.name, ""); }); }
    found.forEach(function (one, at) {
      Object.keys(one).forEach(function (column) { body.append([code, at, column].join("."), one[column]); });
    });
  }

  /* ---- saving ---- */
  var PAUSE = 300, IDLE = 3000;
  var saving = tools.start({
    form: form, words: words, was: was, url: form.action, slot: "zb-typed " + form.action + " " + form.dataset.who,
    has: boxOf, textOf: textOf, put: put, append: append, say: say, stored: stored, apply: apply
  });

  function say(text) { document.getElementById("report-said").textContent = text; }
  function note(control) {
    var code = codeOf(control), text = textOf(code);
    if (text === was[code] && !saving.unsent(code)) { return false; }
    saving.set(code, text);
    return true;
  }
  function stored(state, sent) {
    Object.keys(sent).forEach(function (code) { was[code] = sent[code]; });
    Object.keys(state.cells).forEach(function (code) {
      /* What is being typed stays as it is: a blank at its end belongs to the next word. */
      if (saving.unsent(code) || isLines(code) || field(code) === document.activeElement) { return; }
      was[code] = state.cells[code];
      if (field(code).value !== was[code]) { put(code, was[code]); }
    });
    apply(state);
    state.conflicts.forEach(ask);
  }
  function apply(state) {
    form.elements.seen.value = state.version;
    var box = document.getElementById("save-mark"), filled = document.getElementById("filled");
    if (state.saved_at) { box.dataset.at = state.saved_at; }
    filled.querySelector("b").textContent = state.filled + " / " + state.required;
    filled.querySelector("progress").value = state.filled;
    filled.querySelector("progress").max = state.required;
    var holder = make("div");
    holder.innerHTML = state.heads;
    document.getElementById("heads").replaceWith(holder.firstElementChild);
    Object.keys(state.answers).forEach(function (code) { tell(code, state.answers[code]); });
  }
  /* What stands around an answer: whether it must be filled, when it applies, what is wrong with it. */
  function tell(code, told) {
    var box = boxOf(code), wrong = document.getElementById("w-" + code);
    if (saving.undecided(code)) { return; }
    box.querySelector("[data-need]").hidden = !told.required;
    box.querySelector("[data-when]").textContent = told.when;
    box.classList.toggle("has-wrong", told.wrong.length > 0);
    wrong.replaceChildren.apply(wrong, told.wrong.map(function (text) { return make("p", { "class": "zb-wrong" }, text); }));
    each(isLines(code) ? [] : [field(code)], function (control) {
      if (told.wrong.length) { control.setAttribute("aria-invalid", "true"); } else { control.removeAttribute("aria-invalid"); }
    });
  }
  function ask(found) {
    var code = found.key, wrong = document.getElementById("w-" + code);
    var asked = make("div", { "class": "zb-note", "data-conflict": "", role: "alert", tabindex: "-1" });
    var buttons = saving.choices(code, function () {
      asked.remove();
      boxOf(code).classList.remove("has-wrong");
      first(code).focus();
    });
    was[code] = found.text;
    asked.append(make("p", {}, fill(words.conflict, { by: found.by || words.somebody })), make("p", { "class": "soft" }, words.theirs_is),
      make("blockquote", {}, found.theirs || words.blank), make("p", { "class": "soft" }, words.mine_is), make("blockquote", {}, found.mine_shown || words.blank), buttons[0], " ", buttons[1]);
    boxOf(code).classList.add("has-wrong");
    wrong.replaceChildren(asked);
  }
  function first(code) { return field(code) || parts(lines(code)[0])[0]; }

  /* ---- events ---- */
  ["input", "change"].forEach(function (name) {
    form.addEventListener(name, function (event) {
      var control = event.target;
      if (!control.name || control.type === "hidden" || !boxOf(codeOf(control))) { return; }
      if (note(control)) { saving.soon(name === "input" ? IDLE : PAUSE); }
    });
  });
  each(form.querySelectorAll("[data-add]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { parts(addLine(button.dataset.add))[0].focus(); });
  });
  /* Going on with nothing left to save posts the form once more, for the server to say which head is next. */
  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    event.preventDefault();
    saving.now().then(function () {
      var undecided = saving.asking()[0];
      if (undecided) { boxOf(undecided).querySelector("[data-conflict]").focus(); return; }
      if (saving.trouble || !button || button.value !== "on") { return; }
      saving.leaving = true;
      form.elements.was.value = JSON.stringify(was);
      form.append(make("input", { type: "hidden", name: button.name, value: button.value }));
      form.submit();
    });
  });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (document.activeElement.name && form.contains(document.activeElement)) { note(document.activeElement); }
      saving.now();
    }
  });
  saving.watch();
}());
