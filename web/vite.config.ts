import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const require = createRequire(import.meta.url);
/** The files of the one typeface, under names that do not change: page and map style ask for the same ones. */
const FONT_FILES = ["vietnamese", "latin-ext", "latin"].flatMap((script) =>
  [400, 500, 600].map((weight) => `be-vietnam-pro-${script}-${weight}-normal.woff2`),
);

function shippedFonts(): Plugin {
  const read = (file: string) => readFileSync(require.resolve(`@fontsource/be-vietnam-pro/files/${file}`));
  return {
    name: "dothi-shipped-fonts",
    configureServer(server) {
      server.middlewares.use("/assets/fonts/", (request, response, next) => {
        const file = (request.url ?? "").replace(/^\//, "");
        if (!FONT_FILES.includes(file)) return next();
        response.setHeader("content-type", "font/woff2");
        response.end(read(file));
      });
    },
    generateBundle() {
      for (const file of FONT_FILES) {
        this.emitFile({ type: "asset", fileName: `assets/fonts/${file}`, source: read(file) });
      }
      const licence = readFileSync(require.resolve("@fontsource/be-vietnam-pro/LICENSE"));
      this.emitFile({ type: "asset", fileName: "assets/fonts/OFL.txt", source: licence });
    },
  };
}

/**
 * MapLibre takes a glyph whose top is exactly 0 for one without a top and sets it 8 lower. Vietnamese capitals with two
 * marks (Ố Ồ Ẫ Ễ) are such glyphs. Ends the build when the place is not found, so that an upgrade is looked at.
 */
function capitalsWithTwoMarks(): Plugin {
  const wrong = /(top:\w+\.glyphTop\/\w+-[\w.]+)\|\|-8/;
  return {
    name: "dothi-capitals-with-two-marks",
    enforce: "pre",
    transform(code, id) {
      if (!/maplibre-gl\/dist\/maplibre-gl\.mjs/.test(id)) return null;
      if (!wrong.test(code)) throw new Error("maplibre-gl no longer says `top: … || -8`: see vite.config.ts");
      return { code: code.replace(wrong, "$1"), map: null };
    },
  };
}

/** Where `npm run dev` finds a running server for tiles and answers. */
const server = process.env["DOTHI_URL"] ?? "http://localhost:8080";
const proxied = ["/api", "/tiles", "/styles", "/healthz", "/readyz"];

export default defineConfig({
  plugins: [capitalsWithTwoMarks(), react(), shippedFonts()],
  preview: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])) },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])) },
  // The notices of the libraries travel with them: dist/licences.md, served at /licences.md.
  build: { license: { fileName: "licences.md" }, target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1200, modulePreload: { polyfill: false } },
});
