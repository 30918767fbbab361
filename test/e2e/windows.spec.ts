/** Many windows over one daemon: each sees the same, none needs another, and who is gone holds nothing. */
import type { Page } from '@playwright/test'
import { randomFrom } from '../../src/demo/random.ts'
import { expect, test } from './app.ts'
import type { App } from './hosts.ts'
import { fileIssue, issue, openProject } from './issue.ts'

const state = (page: Page) => page.getByTestId('connection-state')
const issues = (page: Page) => page.locator('[data-issue]')
/** How many streams somebody holds, as the inspector counts them. */
const held = (inspector: Page) => inspector.getByRole('radio', { name: /^Held/ })

/** Another window, the `number`th. */
async function openWindow(app: App, number: number): Promise<Page> {
  if (app.host === 'stand-in') app.menu('File/New Window')
  return await app.window(number)
}

/** Only the tab in front is clickable. */
async function openInFront(page: Page, number = 0): Promise<string> {
  await page.bringToFront()
  return await openProject(page, { number, clickMs: 1000 })
}

const idsOf = (page: Page) =>
  issues(page).evaluateAll((lines) => lines.map((line) => line.getAttribute('data-issue')))

test('three windows show the same; a change comes to all; closing two leaves the third untouched', async ({
  app,
  page,
  service,
}, info) => {
  test.skip(app.host === 'electron', 'Real Electron opens a second window from its menu only.')
  const windows = [page, await openWindow(app, 1), await openWindow(app, 2)]
  for (const window of windows) await openInFront(window)
  const project = new URL(page.url()).hash.split('/')[2]!
  await fileIssue(service, project, { title: 'Seen by all three' })
  for (const window of windows) await expect(issue(window)).toContainText('Seen by all three')
  const shown = await idsOf(page)
  expect(shown.length).toBeGreaterThan(5)
  for (const window of windows) expect(await idsOf(window)).toEqual(shown)
  for (const [i, window] of windows.entries()) {
    await window.screenshot({ path: info.outputPath(`window-${i + 1}.png`) })
  }

  const inspector = await app.inspector()
  const stream = inspector.getByRole('row').filter({ hasText: project })
  await expect(stream.getByRole('listitem')).toHaveCount(3)
  await page.evaluate(() => Reflect.set(window, 'sameDocument', true))
  await Promise.all([windows[1]!.close(), windows[2]!.close()])
  await expect(stream.getByRole('listitem')).toHaveText([app.host === 'web' ? 'tab 1' : 'main 1'])
  await inspector.screenshot({ path: info.outputPath('inspector.png') })

  expect(await idsOf(page)).toEqual(shown)
  await service.patch('issues', 'issue-of-the-test', { title: 'Still live' })
  await expect(issue(page)).toContainText('Still live')
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  expect(await page.evaluate(() => Reflect.get(window, 'sameDocument'))).toBe(true)
})

test('ten windows, opened, reloaded, crashed and closed in random order, leave no hold', async ({
  app,
  page,
}, info) => {
  test.skip(app.host !== 'stand-in', 'Only the stand-in has windows that a test can open, crash and close.')
  test.setTimeout(180_000)
  const seed = Number(process.env['SEED'] ?? 1)
  const random = randomFrom(seed)
  const inspector = await app.inspector()
  const open = [page]

  const steps = {
    open: async () => {
      if (open.length < 10) open.push(await openWindow(app, open.length))
    },
    // The next step comes while the new document loads.
    reload: async (window: Page) => void (await window.reload({ waitUntil: 'commit' })),
    project: async (window: Page) => openInFront(window, random.below(6)),
    close: async (window: Page) => {
      open.splice(open.indexOf(window), 1)
      await window.close()
    },
    crash: async (window: Page) => {
      const session = await window.context().newCDPSession(window)
      let crashed = false
      window.once('crash', () => (crashed = true))
      // A command for a document that is just being replaced is lost.
      await expect(async () => {
        void session.send('Page.crash').catch(() => undefined)
        await expect.poll(() => crashed, { timeout: 1000 }).toBe(true)
      }).toPass()
      await steps.close(window)
    },
  }
  while (open.length < 10) await steps.open()
  for (const window of open) await openInFront(window, random.below(6))
  await expect(held(inspector)).not.toHaveText('Held 0')
  await inspector.screenshot({ path: info.outputPath('held.png') })

  await test.step(`seed ${seed}`, async () => {
    for (let step = 0; step < 30; step++) {
      const kind = random.pick(['open', 'open', 'reload', 'reload', 'project', 'close', 'crash'] as const)
      await (open.length === 0 ? steps.open() : steps[kind](random.pick(open)))
    }
    while (open.length > 0) await steps.close(random.pick(open))
  })
  await expect(inspector.getByRole('row').filter({ hasText: 'project_issues' })).not.toHaveCount(0)
  await expect(held(inspector)).toHaveText('Held 0')
  await inspector.screenshot({ path: info.outputPath('left.png') })

  const last = await openWindow(app, 0)
  await openInFront(last)
  await expect(held(inspector)).not.toHaveText('Held 0')
})
