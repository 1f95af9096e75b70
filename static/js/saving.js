/* What is typed and not stored yet: kept in the tab, sent by itself, told in one line. Used by the tables (grid.js) and by the
   annual report (annual.js), each of which says what its cells are; see `start`.

   What waits also lies in the tab's session storage, so that a reload, a crash of the server or a page left by mistake loses
   nothing: it is put back and sent when the page is open again. A text that met a colleague's is kept there too, with the
   version it was written over, so that the server finds both again and the page asks again; until one of both is chosen it
   is not sent. */
window.zhibaoSaving = (function () {
  "use strict";
  var SLOWEST = 30000, FIRST = 3000;

  function json(id) {
    var box = document.getElementById(id);
    return box ? JSON.parse(box.textContent) : null;
  }
  function fill(text, values) {
    return (text || "").replace(/%\((\w+)\)s/g, function (all, name) { return values[name]; });
  }
  function make(tag, attributes, text) {
    var node = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text !== undefined) { node.textContent = text; }
    return node;
  }
  function show(id, visible) {
    var box = document.getElementById(id);
    if (box) { box.hidden = !visible; }
  }
  function token() {
    var found = document.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/);
    var meta = document.querySelector("meta[name=csrf-token]");
    return found ? decodeURIComponent(found[1]) : meta ? meta.content : "";
  }
  /* Every post asks for the scripted answer: JSON, or a fragment when it was refused. */
  function post(url, body, keepalive) {
    return fetch(url, {
      method: "POST", body: body, credentials: "same-origin", redirect: "manual", keepalive: !!keepalive,
      headers: { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token(), "Accept": "application/json, text/html" }
    });
  }
  function isJson(response) { return /json/.test(response.headers.get("Content-Type") || ""); }

  /* `of`: form (null where nothing is typed), words, slot, url, was (what the server knows, by key); has(key), textOf(key),
     put(key, text), append(body, key, text), say(text), stored(state, sent) after a save, apply(state) after anything else. */
  function start(of) {
    var typed = {};                            /* changed and not stored: key -> text */
    var undecided = {};                        /* met a colleague's, neither is chosen: key -> own text and the version under it */
    var sending = null, timer = 0, wait = 0;
    var own = { trouble: "", leaving: false };

    function waiting() { return Object.keys(typed).length; }
    function asking() { return Object.keys(undecided); }
    function keep() {
      var all = Object.assign({}, typed), seen = of.form.elements.seen.value;
      asking().forEach(function (key) {
        all[key] = undecided[key].text;
        seen = Math.min(seen, undecided[key].seen);
      });
      try {
        if (Object.keys(all).length) { sessionStorage.setItem(of.slot, JSON.stringify({ typed: all, seen: seen })); }
        else { sessionStorage.removeItem(of.slot); }
      } catch (full) { /* no storage: what is typed is kept by the page alone */ }
    }
    function putBack() {
      var kept = null, count = 0, seen = of.form.elements.seen;
      try { kept = JSON.parse(sessionStorage.getItem(of.slot)); } catch (broken) { kept = null; }
      Object.keys(kept ? kept.typed : {}).forEach(function (key) {
        if (!of.has(key) || key in undecided || of.textOf(key) === kept.typed[key]) { return; }
        of.put(key, kept.typed[key]);
        typed[key] = kept.typed[key];
        count += 1;
      });
      if (count && kept.seen !== "" && Number(kept.seen) < Number(seen.value)) { seen.value = kept.seen; }
      keep();
      if (count) { of.say(fill(of.words.put_back, { count: count })); flush(); }
    }
    function mark() {
      var box = document.getElementById("save-mark"), count = waiting() + asking().length;
      if (!box) { return; }
      if (sending) { put("drafting", of.words.saving); }
      else if (own.trouble) { put("verify", fill(of.words[own.trouble], { count: count })); }
      else if (count) { put("due", fill(of.words.unsaved, { count: count })); }
      else if (box.dataset.at) { put("accepted", fill(of.words.saved, { time: box.dataset.at })); }
      function put(shape, text) { box.className = "zb-st " + shape; box.textContent = text; }
    }
    function soon(delay) {
      clearTimeout(timer);
      timer = setTimeout(flush, delay);
    }
    /* One save at a time; what is typed meanwhile goes with the next. Resolves when nothing waits or the save failed. */
    function flush() {
      clearTimeout(timer);
      if (!of.form) { return Promise.resolve(); }
      if (sending && !own.leaving) { return sending.then(function () { return own.trouble ? null : flush(); }); }
      if (!waiting()) { mark(); return Promise.resolve(); }
      var sent = {}, body = new URLSearchParams();
      body.append("seen", of.form.elements.seen.value);
      Object.keys(typed).forEach(function (key) { sent[key] = typed[key]; of.append(body, key, typed[key]); });
      sending = post(of.url, body, own.leaving).then(answered(sent), lost).then(function () { sending = null; mark(); });
      mark();
      return sending.then(function () { return waiting() && !own.trouble ? flush() : null; });
    }
    function answered(sent) {
      var seen = of.form && of.form.elements.seen.value;         /* called as it is sent */
      return function (response) {
        return response.text().then(function (text) {
          if (response.ok && isJson(response)) {
            own.trouble = ""; wait = 0;
            show("lost", false); show("signed-out", false); refusal("");
            if (sent) { stored(JSON.parse(text), sent, seen); } else { of.apply(JSON.parse(text)); }
            return true;
          }
          if (response.status === 401 || response.type === "opaqueredirect") { own.trouble = "signed_out"; show("signed-out", true); return false; }
          if (response.status === 422 && isJson(response)) { of.apply(JSON.parse(text)); return false; }
          if (response.status >= 500) { return lost(); }
          own.trouble = "refused"; refusal(text);
          return false;
        });
      };
    }
    function stored(state, sent, seen) {
      Object.keys(sent).forEach(function (key) {
        if (typed[key] === sent[key]) { delete typed[key]; }
        delete undecided[key];
      });
      (state.conflicts || []).forEach(function (found) {
        var texts = [typed[found.key], sent[found.key], found.mine];
        if (found.row_gone || !of.has(found.key)) { return; }
        hold(found.key, texts.find(function (text) { return text !== undefined; }), seen);
      });
      of.stored(state, sent);
      keep();
    }
    function hold(key, text, seen) {
      undecided[key] = { text: text, seen: seen };
      delete typed[key];
    }
    function choose(key, mine) {
      var text = mine ? undecided[key].text : of.was[key] || "";
      delete undecided[key];
      if (of.textOf(key) !== text) { of.put(key, text); }
      if (mine) { typed[key] = text; }
      keep();
      flush();
    }
    /* The two buttons of a question: theirs, one's own. `then` follows the choice. */
    function choices(key, then) {
      return ["theirs", "mine"].map(function (which) {
        var button = make("button", { type: "button", "class": "btn btn-sm" }, of.words[which]);
        button.addEventListener("click", function () { choose(key, which === "mine"); then(); });
        return button;
      });
    }
    function lost() {
      own.trouble = "offline";
      wait = Math.min(SLOWEST, wait ? wait * 2 : FIRST);
      show("lost", true);
      soon(wait);
      return false;
    }
    function refusal(html) {
      var box = document.getElementById("refusal");
      if (!box || (!html && !box.firstChild)) { return; }
      if (!html) { box.replaceChildren(); return; }
      var holder = document.createElement("div");
      holder.innerHTML = html;
      var found = holder.querySelector("#refusal");
      box.replaceChildren.apply(box, found ? Array.prototype.slice.call(found.childNodes) : [make("p", { "class": "zb-lost" }, of.words.refused)]);
      box.scrollIntoView({ block: "nearest" });
    }
    /* Send at once when a person says so, whatever went wrong before. */
    function now() {
      own.trouble = "";
      return flush();
    }
    /* What has to be sent is sent when the page is left, when the connection is back and after signing in again. */
    function watch() {
      document.addEventListener("click", function (event) {
        /* Another page of this site: store first, then go. */
        var link = event.target.closest && event.target.closest("a[href]");
        if (!link || event.defaultPrevented || !waiting() || link.target || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute("href")[0] === "#") { return; }
        event.preventDefault();
        flush().then(function () { if (!waiting()) { location.href = link.href; } else { location.assign(link.href); } });
      });
      addEventListener("online", flush);
      addEventListener("focus", function () { if (own.trouble === "signed_out" || own.trouble === "offline") { now(); } });
      document.addEventListener("visibilitychange", function () {
        if (document.visibilityState === "hidden") { own.leaving = true; flush(); own.leaving = false; }
      });
      addEventListener("beforeunload", function (event) {
        if (own.leaving || !asking().length && !(waiting() && own.trouble)) { return; }  /* otherwise it is sent on the way out */
        event.preventDefault();
        event.returnValue = of.words.leave;
      });
      document.addEventListener("DOMContentLoaded", putBack);
    }
    own.set = function (key, text) {
      if (key in undecided) { undecided[key].text = text; } else { typed[key] = text; }
      keep();
      mark();
    };
    /* A question that the server drew; over which version the text was written is not known, so over none. */
    own.hold = function (key, text) { hold(key, text, 0); mark(); };
    own.unsent = function (key) { return key in typed || key in undecided; };
    own.undecided = function (key) { return key in undecided; };
    own.asking = asking; own.choose = choose; own.choices = choices;
    own.mark = mark; own.soon = soon; own.flush = flush; own.now = now;
    own.answered = answered; own.lost = lost; own.watch = watch;
    return own;
  }
  return { json: json, fill: fill, make: make, show: show, post: post, start: start };
}());
