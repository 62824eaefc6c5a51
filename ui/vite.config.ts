import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The page is served with `default-src 'none'`: nothing may become a data: URL or an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One script under 200 KiB compressed comes in one round trip; splitting it would only add waiting.
    chunkSizeWarningLimit: 640,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": process.env.NUNCHI_SERVER ?? "http://127.0.0.1:4319" },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
    // A zone with an offset, so that a test cannot pass by mistaking local time for UTC.
    env: { TZ: "Asia/Seoul" },
  },
});
