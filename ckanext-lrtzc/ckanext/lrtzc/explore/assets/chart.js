/* Charts: Vega is loaded when a chart is open; without it, the picture drawn by the server stays. */
(() => {
  "use strict";

  let view = null;

  async function draw(figure) {
    const plot = figure.querySelector("[data-plot]");
    const [library, answer] = await Promise.all([import(figure.dataset.library), fetch(figure.dataset.spec)]);
    if (!answer.ok) throw new Error(`the chart answered ${answer.status}`);
    const specification = await answer.json();
    const { vega, vegaLite, expressionInterpreter } = library;
    if (!figure.isConnected) return;
    const ground = document.createElement("div");
    plot.replaceChildren(ground);
    plot.classList.add("is-drawn");
    /* The title stands above the figure already. */
    delete specification.title;
    const compiled = vegaLite.compile(specification, { logger: vega.logger(vega.Error) }).spec;
    /* Expressions are interpreted: the security policy forbids making functions of texts. */
    const runtime = vega.parse(compiled, undefined, { ast: true });
    view?.finalize();
    view = new vega.View(runtime, { expr: expressionInterpreter, renderer: "svg", hover: true, loader: vega.loader() });
    await view.initialize(ground).runAsync();
  }

  document.addEventListener("explore:shown", () => {
    const figure = document.querySelector("[data-explore-chart]:not([data-started])");
    if (!figure) return;
    figure.dataset.started = "";
    const drawn = figure.querySelector("[data-plot]").innerHTML;
    draw(figure).catch((error) => {
      const plot = figure.querySelector("[data-plot]");
      plot.classList.remove("is-drawn");
      plot.innerHTML = drawn;
      console.warn("The interactive chart could not be drawn:", error);
    });
  });
})();
