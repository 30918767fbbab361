/**
 * One spec on every host. Each host is a project; `HOST=web` runs that one alone. Real Electron is among them
 * where its binary is on disk.
 */
import { defineConfig } from '@playwright/test'
import { findElectron } from './scripts/electron-binary.ts'
import type { HostOption } from './test/e2e/app.ts'
import type { Host } from './test/e2e/hosts.ts'

const wanted = process.env['HOST']
const hosts: readonly Host[] = [
  'stand-in',
  'web',
  ...(findElectron() === null ? [] : (['electron'] as const)),
]

export default defineConfig<HostOption>({
  testDir: 'test/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  // A busy machine sometimes does not get a browser started in time. What passes only then is listed as flaky.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? 'list' : [['list'], ['json']],
  projects: hosts
    .filter((host) => wanted === undefined || host === wanted)
    .map((host) => ({ name: host, use: { host } })),
})
