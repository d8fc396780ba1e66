import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Puts script and style into the template, and lets the page run these two and nothing else. */
const inTemplate: Plugin = {
  name: "in-template",
  enforce: "post",
  generateBundle(_options, bundle) {
    let [script, style] = ["", ""];
    for (const [name, part] of Object.entries(bundle)) {
      if (part.type === "chunk") script += part.code;
      else if (name.endsWith(".css")) style += String(part.source);
      Reflect.deleteProperty(bundle, name);
    }
    // The beginning of a comment, in texts of Svelte's, would hide the script's own end from the browser.
    [script, style] = [script.trim().replaceAll("<!--", "\\x3c!--"), style.trim()];
    if (/<\/script/i.test(script) || /<\/style/i.test(style)) throw new Error("it would end its own element");
    const policy = [
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; ");
    const parts: Record<string, string> = {
      policy,
      style: `<style>${style}</style>`,
      script: `<script>${script}</script>`,
    };
    const source = readFileSync("src/onefile/template.html", "utf8").replace(
      /<!--glassnet:(policy|style|script)-->/g,
      (_whole, name: string) => parts[name] ?? "",
    );
    this.emitFile({ type: "asset", fileName: "onefile/template.html", source });
  },
};

export default defineConfig({
  plugins: [svelte({ emitCss: true }), inTemplate],
  publicDir: false,
  build: {
    target: "es2022",
    outDir: process.env.GLASSNET_PAGE_OUT ?? "dist",
    emptyOutDir: false,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: { input: "src/onefile/main.ts", output: { format: "iife" } },
  },
});
