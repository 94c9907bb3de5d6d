/* What makes the steps easier with JavaScript: the communes' filter, the rectangle on a map, one sending at a time. */
(() => {
  "use strict";

  const fold = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[\u2019'-]/g, " ").toLowerCase();

  function picker(root) {
    const tools = root.querySelector(".picker-tools");
    const filter = root.querySelector("[data-picker-filter]");
    const count = root.querySelector("[data-picker-count]");
    const items = [...root.querySelectorAll(".picker-list > li")];
    const boxes = items.map((item) => item.querySelector("input"));
    const words = items.map((item) => fold(item.textContent));
    const say = () => {
      const number = boxes.filter((box) => box.checked).length;
      count.textContent = count.dataset.words.replace("{number}", number);
    };
    const tick = (value, onlyShown) => {
      items.forEach((item, index) => {
        if (!onlyShown || !item.hidden) boxes[index].checked = value;
      });
      say();
    };
    tools.hidden = false;
    filter.addEventListener("input", () => {
      const wanted = fold(filter.value.trim());
      items.forEach((item, index) => (item.hidden = !words[index].includes(wanted)));
    });
    filter.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    root.querySelector("[data-picker-all]").addEventListener("click", () => tick(true, true));
    root.querySelector("[data-picker-none]").addEventListener("click", () => tick(false, false));
    root.addEventListener("change", say);
    say();
  }

  const SIDES = ["west", "south", "east", "north"];

  function rectangle(root) {
    const opener = root.querySelector("[data-box-open]");
    const inputs = SIDES.map((side) => root.querySelector(`[name="${side}"]`));
    const chosen = document.querySelector('input[name="area"][value="box"]');
    const read = () => inputs.map((input) => Number.parseFloat(input.value.replace(",", ".")));
    const choose = () => {
      if (chosen) chosen.checked = true;
    };
    inputs.forEach((input) => input.addEventListener("input", choose));
    opener.hidden = false;
    opener.querySelector("button").addEventListener("click", async () => {
      opener.hidden = true;
      choose();
      try {
        await draw(root, inputs, read);
      } catch (error) {
        opener.hidden = false;
        throw error;
      }
    });
  }

  async function draw(root, inputs, read) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = "/vendor/maplibre-gl.css";
    // without its style the map takes its place for narrower than it is
    const styled = new Promise((done) => (style.onload = style.onerror = done));
    document.head.append(style);
    const maplibregl = await import("/vendor/maplibre-gl.js");
    await styled;
    maplibregl.setWorkerUrl("/vendor/maplibre-gl-worker.js");
    const place = document.createElement("div");
    place.className = "box-map";
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", root.dataset.mapLabel);
    root.append(place);
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const [west, south, east, north] = root.dataset.bbox.split(",").map(Number);
    const polygon = (box) => ({
      type: "Feature",
      properties: {},
      geometry: {
        type: "Polygon",
        coordinates: [[[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]], [box[0], box[1]]]],
      },
    });
    const none = { type: "FeatureCollection", features: [] };
    const start = read();
    const sources = { box: { type: "geojson", data: start.every(Number.isFinite) ? polygon(start) : none } };
    const layers = [{ id: "sea", type: "background", paint: { "background-color": token("--c-sea") } }];
    if (root.dataset.contours) {
      sources.land = { type: "geojson", data: new URL(root.dataset.contours, location.href).href };
      layers.push({ id: "land", type: "fill", source: "land", paint: { "fill-color": token("--c-land") } });
      layers.push({ id: "limits", type: "line", source: "land", paint: { "line-color": token("--c-land-line") } });
    }
    layers.push({ id: "inside", type: "fill", source: "box", paint: { "fill-color": token("--c-action"), "fill-opacity": 0.2 } });
    layers.push({ id: "edge", type: "line", source: "box", paint: { "line-color": token("--c-action"), "line-width": 2 } });
    const map = new maplibregl.Map({
      container: place,
      style: { version: 8, sources, layers },
      bounds: [[west, south], [east, north]],
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      dragPan: false,
      boxZoom: false,
      dragRotate: false,
      touchZoomRotate: true,
    });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
    let corner = null;
    const show = (box) => {
      const source = map.getSource("box");
      if (source) source.setData(polygon(box));
      inputs.forEach((input, index) => (input.value = box[index].toFixed(5)));
    };
    const boxOf = (a, b) => [Math.min(a.lng, b.lng), Math.min(a.lat, b.lat), Math.max(a.lng, b.lng), Math.max(a.lat, b.lat)];
    const begin = (event) => (corner = event.lngLat);
    const follow = (event) => corner && show(boxOf(corner, event.lngLat));
    const end = (event) => {
      if (corner) show(boxOf(corner, event.lngLat));
      corner = null;
    };
    map.on("mousedown", begin);
    map.on("mousemove", follow);
    map.on("mouseup", end);
    map.on("touchstart", (event) => event.points.length === 1 && begin(event));
    map.on("touchmove", follow);
    map.on("touchend", end);
    inputs.forEach((input) =>
      input.addEventListener("change", () => {
        const box = read();
        const source = map.getSource("box");
        if (source) source.setData(box.every(Number.isFinite) ? polygon(box) : none);
      }),
    );
  }

  function once(form) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
    addEventListener("pageshow", () => (sent = false));
  }

  document.querySelectorAll("[data-picker]").forEach(picker);
  document.querySelectorAll("[data-box]").forEach(rectangle);
  const form = document.getElementById("step-form");
  if (form) once(form);
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
})();
