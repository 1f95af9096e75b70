/* Charts: <div class="zb-chart" data-chart="ID" role="img" aria-label="…"> takes its data from <script type="application/json" id="ID">.
   Data: {kind: "lines" | "bars" | "spread", unit, x: {min, max, labels: {"-7": "…"}}, categories: […],
   series: [{name, role: "this" | "last" | "guess", data: […], label}], band: {from, to, name}, line: {at, name}, here: {at, name}}.
   Colours come from the style sheet, so the two cannot drift. No HTML tooltips: inline styles are forbidden. */
(function () {
  "use strict";
  var css = getComputedStyle(document.documentElement);
  function token(name) { return css.getPropertyValue("--zb-" + name).trim(); }
  var text = { fontFamily: token("sans"), fontSize: 12, color: token("soft") };
  var roles = {
    this: { color: token("ink"), width: 2.5 },
    last: { color: token("last"), width: 1.5 },
    guess: { color: token("ink"), width: 1.5, type: [4, 4] }
  };
  function shown(unit) {
    return function (value) { return value == null ? "—" : Number(value).toLocaleString("en", { maximumFractionDigits: 1 }) + (unit || ""); };
  }
  function words(extra) { return Object.assign({}, text, extra); }

  function marks(series, data, first) {
    var role = roles[series.role] || roles.this;
    if (series.label && series.data.length) {
      var last = series.data[series.data.length - 1];
      series.markPoint = {
        symbol: "circle", symbolSize: series.role === "last" ? 7 : 9, itemStyle: { color: role.color },
        data: [{ coord: series.labelAt || last, label: words({ show: true, formatter: series.label, distance: 6,
          position: "top", align: "right", verticalAlign: "bottom", lineHeight: 15,
          color: series.role === "last" ? token("soft") : role.color, fontWeight: series.role === "last" ? 400 : 600 }) }]
      };
    }
    if (first && data.band) {
      series.markArea = { silent: true, itemStyle: { color: token("wash") },
        label: words({ position: "insideBottom", formatter: data.band.name }), data: [[{ xAxis: data.band.from }, { xAxis: data.band.to }]] };
    }
    var line = data.line || data.here;
    if (first && line) {
      series.markLine = { silent: true, symbol: "none", lineStyle: { color: token("warm"), type: "solid", width: 1 },
        label: words({ color: token("warm"), formatter: line.name, position: "end", rotate: 0 }), data: [{ xAxis: line.at }] };
    }
    return series;
  }

  function axes(data) {
    var value = { type: "value", min: data.min, max: data.max, axisLine: { show: false }, axisTick: { show: false },
      axisLabel: words({ formatter: shown() }), splitLine: { lineStyle: { color: token("line") } } };
    var along = { axisLine: { onZero: false, lineStyle: { color: token("ink") } }, axisTick: { show: false }, splitLine: { show: false } };
    if (data.categories) {
      along = Object.assign(along, { type: "category", data: data.categories, axisLabel: words({ interval: 0, hideOverlap: true }) });
    } else {
      var labels = data.x.labels || {};
      along = Object.assign(along, { type: "value", min: data.x.min, max: data.x.max,
        axisLabel: words({ customValues: Object.keys(labels).map(Number).sort(function (a, b) { return a - b; }),
          formatter: function (at) { return labels[at] || ""; } }) });
    }
    return { x: along, y: value };
  }

  function draw(box, data) {
    var chart = echarts.init(box, null, { renderer: "svg" });
    var kind = data.kind === "lines" ? "line" : "bar";
    var axis = axes(data);
    chart.setOption({
      animation: false, textStyle: text, grid: { left: 8, right: 32, top: 26, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", textStyle: words({ color: token("text") }), valueFormatter: shown(data.unit) },
      xAxis: axis.x, yAxis: axis.y,
      series: data.series.map(function (one, index) {
        var role = roles[one.role] || roles.this;
        var series = { name: one.name, type: kind, data: one.data, role: one.role, label: undefined, labelAt: one.labelAt };
        if (kind === "line") { series.symbol = "none"; series.lineStyle = role; }
        else { series.itemStyle = { color: role.color }; series.barMaxWidth = data.kind === "spread" ? undefined : 28; series.barCategoryGap = data.kind === "spread" ? "2%" : "40%"; }
        series.label = one.label;
        series = marks(series, data, index === 0);
        delete series.label; delete series.role; delete series.labelAt;
        return series;
      })
    });
    addEventListener("resize", function () { chart.resize(); });
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]:not([data-drawn])").forEach(function (box) {
      var block = document.getElementById(box.dataset.chart);
      if (!block || !window.echarts) { return; }
      box.dataset.drawn = "";
      draw(box, JSON.parse(block.textContent));
    });
  }
  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
})();
