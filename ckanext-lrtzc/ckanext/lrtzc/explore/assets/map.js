/* Maps: MapLibre is loaded when a map is open; without it, the table below holds the same data. */
(() => {
  "use strict";

  const absolute = (address) => new URL(address, document.baseURI).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function style(data) {
    const sources = { contours: { type: "geojson", data: absolute(data.contours) } };
    const layers = [{ id: "sea", type: "background", paint: { "background-color": token("--c-sea") } }];
    layers.push({ id: "land", type: "fill", source: "contours", paint: { "fill-color": token("--c-land") } });
    if (data.background) {
      sources.background = { type: "raster", tiles: [absolute(data.background)], tileSize: 256, attribution: data.credit };
      layers.push({ id: "background", type: "raster", source: "background" });
    }
    layers.push({ id: "limits", type: "line", source: "contours", paint: { "line-color": token("--c-land-line"), "line-width": 1 } });
    const tiled = data.tiled === "true";
    sources.rows = tiled
      ? { type: "vector", tiles: [absolute(data.tiles)], maxzoom: 16 }
      : { type: "geojson", data: absolute(data.features) };
    const rows = tiled ? { source: "rows", "source-layer": "rows" } : { source: "rows" };
    const kind = (name) => ["==", ["geometry-type"], name];
    const colour = token("--c-cat-1");
    layers.push(
      { id: "areas", type: "fill", ...rows, filter: kind("Polygon"), paint: { "fill-color": colour, "fill-opacity": 0.35 } },
      { id: "lines", type: "line", ...rows, filter: ["any", kind("LineString"), kind("Polygon")], paint: { "line-color": colour, "line-width": 2 } },
      {
        id: "points",
        type: "circle",
        ...rows,
        filter: kind("Point"),
        paint: {
          "circle-color": colour,
          "circle-opacity": 0.8,
          "circle-radius": ["case", ["has", "count"], ["min", 14, ["+", 3, ["*", 2, ["log10", ["get", "count"]]]]], 5],
          "circle-stroke-color": "#ffffff",
          "circle-stroke-width": 1,
        },
      },
    );
    return { version: 8, sources, layers };
  }

  function popup(library, map, event, data, words) {
    const [feature] = map.queryRenderedFeatures(event.point, { layers: ["points", "lines", "areas"] });
    if (!feature) return;
    const { key, name, count } = feature.properties;
    const content = document.createElement("div");
    content.className = "explore-map__popup";
    const title = document.createElement("strong");
    title.textContent = count ? `${count} ${words.rows}` : (name ?? key);
    content.append(title);
    if (key !== undefined) {
      const link = document.createElement("a");
      link.href = data.row.replace(/0(?=($|\?))/, key);
      link.textContent = words.row;
      content.append(document.createElement("br"), link);
    }
    new library.Popup({ closeButton: true }).setLngLat(event.lngLat).setDOMContent(content).addTo(map);
  }

  function here(map, data, words) {
    const box = document.createElement("div");
    box.className = "maplibregl-ctrl";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small explore-map__here";
    button.textContent = words.here;
    button.addEventListener("click", () => {
      const bounds = map.getBounds();
      const edges = [
        Math.max(-180, bounds.getWest()),
        Math.max(-90, bounds.getSouth()),
        Math.min(180, bounds.getEast()),
        Math.min(90, bounds.getNorth()),
      ];
      window.location.assign(data.here + edges.map((edge) => edge.toFixed(5)).join(","));
    });
    box.append(button);
    return { onAdd: () => box, onRemove: () => box.remove() };
  }

  async function draw(place) {
    const data = place.dataset;
    const words = JSON.parse(data.words);
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: data.style });
    document.head.append(sheet);
    const library = await import(data.library);
    library.setWorkerUrl(absolute(data.worker));
    if (!place.isConnected) return;
    place.replaceChildren();
    const bounds = JSON.parse(data.bounds);
    const map = new library.Map({
      container: place,
      style: style(data),
      bounds: bounds ?? [-1.4, 46, -0.9, 46.3],
      fitBoundsOptions: { padding: 40, maxZoom: 15 },
      attributionControl: data.credit ? { compact: true } : false,
      cooperativeGestures: false,
      locale: {
        "Map.Title": words.label,
        "NavigationControl.ZoomIn": words.closer,
        "NavigationControl.ZoomOut": words.farther,
        "Popup.Close": words.close,
      },
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    });
    map.getCanvas().setAttribute("aria-label", words.label);
    map.addControl(new library.NavigationControl({ showCompass: false }));
    map.addControl(new library.ScaleControl());
    map.addControl(here(map, data, words), "top-left");
    map.on("click", (event) => popup(library, map, event, data, words));
    map.on("mousemove", (event) => {
      const over = map.queryRenderedFeatures(event.point, { layers: ["points", "lines", "areas"] }).length;
      map.getCanvas().classList.toggle("is-over", over > 0);
    });
    place.dataset.drawn = "";
  }

  document.addEventListener("explore:shown", () => {
    const place = document.querySelector("[data-explore-map]:not([data-started])");
    if (!place) return;
    place.dataset.started = "";
    draw(place).catch((error) => {
      const text = document.createElement("p");
      text.textContent = JSON.parse(place.dataset.words).failed;
      place.replaceChildren(text);
      console.warn("The map could not be drawn:", error);
    });
  });
})();
