/* Places are set on a map, or by one's own position, where scripts run. The coordinates as text stay beside, and are
   what is sent: to write there moves the map, to point on the map writes there. */
(() => {
  "use strict";

  const NUMBER = "[-+]?\\d{1,3}(?:[.,]\\d+)?";
  const PAIR = new RegExp(
    `^\\s*(${NUMBER})\\s*(°?\\s*[NS])?\\s*[,;\\s]\\s*(${NUMBER})\\s*(°?\\s*[EWO])?(?:\\s+[-+\\d.\\s]+)?\\s*$`, "i",
  );
  const absolute = (address) => new URL(address, document.baseURI).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* A pair as people write it, read as the server does: [longitude, latitude], or null. */
  function pair(text) {
    const plain = /^\s*[-+]?\d+,[-+]?\d+\s*$/.test(text) ? text.replace(",", " ") : text;
    const found = PAIR.exec(plain);
    if (!found) return null;
    const degrees = (written, side, minus) =>
      Number(written.replace(",", ".")) * (minus.test((side ?? "").replace(/[°\s]/g, "")) ? -1 : 1);
    const latitude = degrees(found[1], found[2], /^s$/i);
    const longitude = degrees(found[3], found[4], /^[wo]$/i);
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [longitude, latitude] : null;
  }

  const written = ([longitude, latitude]) => `${Number(latitude.toFixed(6))}, ${Number(longitude.toFixed(6))}`;

  class Place {
    constructor(root) {
      this.root = root;
      this.kind = root.dataset.place;
      this.field = document.getElementById(root.dataset.field);
      this.words = JSON.parse(root.dataset.words);
      this.said = this.part("said");
      this.map = null;
      this.part("open").addEventListener("click", () => this.toggle());
      this.part("add").addEventListener("click", () => this.add(this.map?.getCenter()));
      this.part("undo").addEventListener("click", () => this.undo());
      this.part("clear").addEventListener("click", () => this.write("", this.words.none));
      this.part("here").addEventListener("click", () => this.here());
      this.part("here").hidden = !navigator.geolocation;
      this.field.addEventListener("input", () => this.follow(true));
      this.field.addEventListener("change", () => this.follow(false));
      this.field.form?.addEventListener("reset", () => setTimeout(() => this.follow(false)));
      root.hidden = false;
      this.follow(false);
    }

    part(name) {
      return this.root.querySelector(`[data-place-${name}]`);
    }

    lines() {
      const text = this.field.value.trim();
      if (!text) return [];
      return this.kind === "geopoint" ? [text] : text.split(/[;\n\r]+/).filter((line) => line.trim());
    }

    points() {
      return this.lines().map(pair).filter(Boolean);
    }

    write(text, said) {
      this.field.value = text;
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
      this.said.textContent = said;
    }

    add(at, more = "") {
      if (!at) return;
      const one = written([((((at.lng + 180) % 360) + 360) % 360) - 180, at.lat]);
      const lines = this.kind === "geopoint" ? [one] : [...this.lines(), one];
      const count = this.kind === "geopoint" ? this.words.placed : this.words.added.replace("{n}", lines.length);
      this.write(lines.join("\n"), `${count} ${one}${more}`);
    }

    undo() {
      const lines = this.lines().slice(0, -1);
      this.write(lines.join("\n"), lines.length ? this.words.left.replace("{n}", lines.length) : this.words.none);
    }

    here() {
      this.said.textContent = this.words.seeking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const more = ` (± ${Math.round(coords.accuracy)} m)`;
          this.add({ lng: coords.longitude, lat: coords.latitude }, more);
          this.show(true);
        },
        () => (this.said.textContent = this.words.unknown),
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 10000 },
      );
    }

    /* Have the map say what the text says, and the buttons what they can do. */
    follow(move) {
      const points = this.points();
      const some = this.lines().length > 0;
      this.part("undo").disabled = !some;
      this.part("clear").disabled = !some;
      if (!this.map) return;
      this.map.getSource("drawn")?.setData(this.shape(points));
      if (move) this.show(false);
    }

    /* Bring what is placed in view, where it isn't. */
    show(near) {
      const last = this.points().at(-1);
      if (!this.map || !last || (!near && this.map.getBounds().contains(last))) return;
      this.map.jumpTo({ center: last, zoom: Math.max(this.map.getZoom(), near ? 16 : 0) });
    }

    shape(points) {
      const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
      const features = points.map((point) => feature("Point", point));
      const closed = this.kind === "geoshape" && points.length > 2;
      if (closed) features.unshift(feature("Polygon", [[...points, points[0]]]));
      else if (points.length > 1) features.unshift(feature("LineString", points));
      return { type: "FeatureCollection", features };
    }

    async toggle() {
      const opener = this.part("open");
      const pane = this.part("pane");
      pane.hidden = !pane.hidden;
      opener.setAttribute("aria-expanded", String(!pane.hidden));
      if (pane.hidden || this.started) return;
      this.started = true;
      try {
        await this.draw(this.part("map"));
      } catch (error) {
        pane.hidden = true;
        opener.setAttribute("aria-expanded", "false");
        this.started = false;
        this.said.textContent = this.words.failed;
        console.warn("The map could not be drawn:", error);
      }
    }

    style() {
      const data = this.root.dataset;
      const colour = token("--c-cat-1");
      const of = (name) => ["==", ["geometry-type"], name];
      const sources = { drawn: { type: "geojson", data: this.shape(this.points()) } };
      const layers = [{ id: "sea", type: "background", paint: { "background-color": token("--c-sea") } }];
      if (data.contours) {
        sources.land = { type: "geojson", data: absolute(data.contours) };
        layers.push({ id: "land", type: "fill", source: "land", paint: { "fill-color": token("--c-land") } });
      }
      if (data.background) {
        sources.background = { type: "raster", tiles: [absolute(data.background)], tileSize: 256, attribution: data.credit };
        layers.push({ id: "background", type: "raster", source: "background" });
      }
      if (data.contours) layers.push({ id: "limits", type: "line", source: "land", paint: { "line-color": token("--c-land-line") } });
      layers.push(
        { id: "inside", type: "fill", source: "drawn", filter: of("Polygon"), paint: { "fill-color": colour, "fill-opacity": 0.25 } },
        { id: "edge", type: "line", source: "drawn", filter: ["!", of("Point")], paint: { "line-color": colour, "line-width": 3 } },
        {
          id: "corners",
          type: "circle",
          source: "drawn",
          filter: of("Point"),
          paint: { "circle-color": colour, "circle-radius": 7, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
        },
      );
      return { version: 8, sources, layers };
    }

    async draw(place) {
      const data = this.root.dataset;
      const sheet = document.createElement("link");
      // without its style the map takes its place for narrower than it is
      const styled = new Promise((done) => (sheet.onload = sheet.onerror = done));
      Object.assign(sheet, { rel: "stylesheet", href: data.style });
      document.head.append(sheet);
      const library = await import(data.library);
      library.setWorkerUrl(absolute(data.worker));
      await styled;
      const last = this.points().at(-1);
      const framed = last ? { center: last, zoom: 14 } : { bounds: JSON.parse(data.bounds), fitBoundsOptions: { padding: 16 } };
      const map = new library.Map({
        container: place,
        style: this.style(),
        ...framed,
        attributionControl: data.credit ? { compact: true } : false,
        dragRotate: false,
        locale: { "Map.Title": this.words.label, "NavigationControl.ZoomIn": this.words.closer, "NavigationControl.ZoomOut": this.words.farther },
        fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
      });
      this.map = map;
      map.touchZoomRotate.disableRotation();
      map.keyboard.disableRotation();
      map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
      const canvas = map.getCanvas();
      canvas.setAttribute("aria-label", this.words.label);
      canvas.setAttribute("aria-describedby", data.help);
      map.on("click", (event) => this.add(event.lngLat));
      canvas.addEventListener("keydown", (event) => {
        const undoes = event.key === "Backspace" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z");
        if (event.key === "Enter") this.add(map.getCenter());
        else if (undoes) this.undo();
        else return;
        event.preventDefault();
      });
      map.on("load", () => (place.dataset.drawn = ""));
      this.follow(false);
    }
  }

  function start(within) {
    for (const root of within.querySelectorAll("[data-place]:not([data-started])")) {
      root.dataset.started = "";
      new Place(root);
    }
  }

  start(document);
  document.addEventListener("forms:merged", () => start(document));
})();
