/** What a test of the app is given: a running app on the project's host, and the service that it syncs with. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { launch, type App, type Host } from './hosts.ts'
import { startService, type Service } from './service.ts'

export interface HostOption {
  readonly host: Host
}

interface Fixtures {
  /** A folder of this test's own. */
  readonly folder: string
  readonly service: Service
  readonly app: App
  /** The app's first window. The test fails when the page complained of anything. */
  readonly page: Page
}

export const test = base.extend<Fixtures & HostOption>({
  host: ['web', { option: true }],
  // The first parameter must be a pattern: Playwright reads from it what a fixture needs.
  // oxlint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'headwater-e2e-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  service: async ({ folder }, use) => {
    const service = await startService(join(folder, 'service'))
    await use(service)
    await service.kill()
  },
  app: async ({ folder, service, host }, use) => {
    const app = await launch({ host, directory: join(folder, 'app'), service })
    await use(app)
    await app.quit()
  },
  page: async ({ app }, use) => {
    const page = await app.window(0)
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    // The content security policy reports here, too.
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await use(page)
    expect(complaints).toEqual([])
  },
})

export { expect }
