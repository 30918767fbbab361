import { defineConfig } from 'vitest/config'

/** The limits end a test that hangs; how fast anything is, the benchmarks say. */
export default defineConfig({
  test: { include: ['test/**/*.test.ts', 'test/**/*.test.tsx'], testTimeout: 90_000, hookTimeout: 90_000 },
})
