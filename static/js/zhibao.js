/* Behaviour of the frame: tokens of forms, lost connection, signed out elsewhere, list of keys, small conveniences.
   Every page works without it. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function show(id, visible) {
    var box = document.getElementById(id);
    if (box) { box.hidden = !visible; }
  }

  /* The cookie is newer than the page when somebody signed in again in another window. */
  function csrfToken() {
    var found = document.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/);
    var meta = document.querySelector("meta[name=csrf-token]");
    return found ? decodeURIComponent(found[1]) : meta ? meta.content : "";
  }
  document.addEventListener("submit", function (event) {
    var field = event.target.elements && event.target.elements.csrfmiddlewaretoken;
    if (field && csrfToken()) { field.value = csrfToken(); }
  }, true);
  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = csrfToken();
    if (event.detail.parameters.csrfmiddlewaretoken) { event.detail.parameters.csrfmiddlewaretoken = csrfToken(); }
  });

  /* Connection. */
  document.addEventListener("htmx:sendError", function () { show("lost", true); });
  document.addEventListener("htmx:timeout", function () { show("lost", true); });
  document.addEventListener("htmx:afterOnLoad", function () { show("lost", false); });
  addEventListener("offline", function () { show("lost", true); });
  addEventListener("online", function () { show("lost", false); });

  /* A whole document instead of a fragment is the sign-in page behind a redirect: keep the page with what was typed. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    var answer = event.detail.serverResponse || "";
    if (/^\s*<!doctype html/i.test(answer) && !event.detail.boosted) {
      event.detail.shouldSwap = false;
      show("signed-out", true);
    } else {
      show("signed-out", false);
      if (event.detail.xhr.status < 400) {
        var refusal = document.getElementById("refusal");
        if (refusal) { refusal.replaceChildren(); }
      }
    }
  });

  function typing(target) {
    return target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName);
  }
  document.addEventListener("keydown", function (event) {
    var keys = document.getElementById("keys");
    if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && keys && keys.showModal && !keys.open) {
      event.preventDefault();
      keys.showModal();
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.zb-menu[open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  });

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.zb-menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
    var target = event.target.closest ? event.target.closest("[data-back], [data-print], [data-keys]") : null;
    if (!target) { return; }
    if (target.hasAttribute("data-print")) { event.preventDefault(); print(); }
    if (target.hasAttribute("data-keys")) { event.preventDefault(); document.getElementById("keys").showModal(); }
    /* Going back in the history keeps what was typed; following the link would not. */
    if (target.hasAttribute("data-back") && history.length > 1) { event.preventDefault(); history.back(); }
  });

  /* A choice that is a form of its own: <select data-submit>. Its button is for pages without script: class zb-nojs. */
  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-submit") && event.target.form) { event.target.form.requestSubmit(); }
  });
})();
