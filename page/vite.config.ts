import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The server of `glassnet studio --port 8765` answers while the page is worked on with `npx vite`.
const server = process.env.GLASSNET_SERVER ?? "http://127.0.0.1:8765";

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: { target: "es2022", outDir: process.env.GLASSNET_PAGE_OUT ?? "dist", emptyOutDir: true, assetsInlineLimit: 0 },
  // The server refuses requests whose origin is not the host they name, so the host stays as the page has it.
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
});
