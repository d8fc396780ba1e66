import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ["browser"] },
  // one environment for all files: to make one for each took five times as long as the tests
  test: { environment: "happy-dom", isolate: false, include: ["src/**/*.test.ts"] },
});
