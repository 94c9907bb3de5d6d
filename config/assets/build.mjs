// Builds the third-party libraries that pages load when wanted, into ckanext/lrtzc/theme/public/vendor/ (not
// kept in git): each as one minified ES module, with the licences it is under. Run by `make assets`.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "ckanext-lrtzc/ckanext/lrtzc/theme/public/vendor");
const modules = join(root, "node_modules");

const common = {
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  absWorkingDir: root,
  logLevel: "warning",
};

/** What pages import: file name in vendor/ → source. */
const bundles = {
  "maplibre-gl.js": { entryPoints: [join(modules, "maplibre-gl/dist/maplibre-gl.mjs")] },
  "maplibre-gl-worker.js": { entryPoints: [join(modules, "maplibre-gl/dist/maplibre-gl-worker.mjs")] },
  "maplibre-gl.css": { entryPoints: [join(modules, "maplibre-gl/dist/maplibre-gl.css")] },
  // The page's security policy forbids eval: expressions are interpreted (option `ast` with `expr`).
  "vega.js": {
    stdin: {
      contents: `
        export * as vega from "vega";
        export * as vegaLite from "vega-lite";
        export { expressionInterpreter } from "vega-interpreter";`,
      resolveDir: root,
      sourcefile: "vega-entry.js",
    },
  },
};

/** Libraries whose licences travel with the bundles, with all they depend on. */
const libraries = ["maplibre-gl", "vega", "vega-lite", "vega-interpreter"];

async function packageFolder(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (await stat(join(candidate, "package.json")).catch(() => null)) return candidate;
    if (folder === dirname(folder)) return null;
  }
}

async function licences() {
  const seen = new Map();
  const queue = libraries.map((name) => [name, root]);
  while (queue.length) {
    const [name, from] = queue.pop();
    const folder = await packageFolder(name, from);
    if (!folder || seen.has(folder)) continue;
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    let text = "";
    for (const file of ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"]) {
      text = await readFile(join(folder, file), "utf8").catch(() => "");
      if (text) break;
    }
    seen.set(folder, { name, version: about.version, licence: about.license ?? "", text });
    for (const dependency of Object.keys(about.dependencies ?? {})) queue.push([dependency, folder]);
  }
  return [...seen.values()].sort((a, b) => a.name.localeCompare(b.name));
}

async function main() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [file, options] of Object.entries(bundles)) {
    await build({ ...common, ...options, outfile: join(out, file) });
    const { size } = await stat(join(out, file));
    console.log(`${file}  ${Math.round(size / 1024)} KB`);
  }
  const found = await licences();
  await writeFile(
    join(out, "LICENSES.txt"),
    found.map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text.trim()}\n`).join("\n---\n\n"),
  );
  await writeFile(
    join(out, "versions.json"),
    JSON.stringify(Object.fromEntries(found.map(({ name, version, licence }) => [name, { version, licence }])), null, 2) + "\n",
  );
}

main().catch((error) => {
  console.error(`The front-end libraries could not be built: ${error.message}`);
  console.error("Run `npm ci` in the project's folder, then `make assets` again.");
  process.exit(1);
});
