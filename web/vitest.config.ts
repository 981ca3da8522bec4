import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["src/**/*.test.ts", "style/**/*.test.ts"], environment: "node" } });
