/** The app as a user sees it, the same on every host. The service's data is small and changes only when told. */
import type { Page } from '@playwright/test'
import { expect, test } from './app.ts'
import { launch } from './hosts.ts'
import { fileIssue, issue, openProject, projects } from './issue.ts'
import type { Service } from './service.ts'

const state = (page: Page) => page.getByTestId('connection-state')

/** Opens the first project, where somebody has just filed an issue, and waits for it. */
async function openWithIssue(page: Page, service: Service): Promise<void> {
  await fileIssue(service, await openProject(page))
  await expect(issue(page)).toContainText('Filed by the test')
}

/** A change by somebody else arrives in the open project's list. */
async function expectLive(page: Page, service: Service, title: string): Promise<void> {
  await service.patch('issues', 'issue-of-the-test', { title })
  await expect(issue(page)).toContainText(title)
}

test('the window shows projects, a project’s issues and an issue’s comments', async ({ page, service }) => {
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  await openWithIssue(page, service)
  await service.put('comments', 'comment-of-the-test', {
    issue_id: 'issue-of-the-test',
    author_id: 'person-02',
    body: 'Seen it too.',
    created_at: '2026-01-01T10:00:00.000Z',
  })
  await issue(page).click()
  await expect(page.getByTestId('issue-detail')).toBeVisible()
  await expect(page.getByTestId('comment-list')).toContainText('Seen it too.')
  await expect(page.getByTestId('status-bar')).toContainText('Synced')
})

test('a change by somebody else arrives live, in every window', async ({ app, page, service }) => {
  test.skip(app.host === 'electron', 'Real Electron opens a second window from its menu only.')
  await openWithIssue(page, service)
  if (app.host === 'stand-in') app.menu('File/New Window')
  const second = await app.window(1)
  await openProject(second)
  await expectLive(page, service, 'Seen by both windows')
  await expect(issue(second)).toContainText('Seen by both windows')
})

test('a reloaded window shows the same place and is live again', async ({ page, service }) => {
  await openWithIssue(page, service)
  await page.reload()
  await expect(issue(page)).toBeVisible()
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  await expectLive(page, service, 'After the reload')
})

test('links inside the page and downloads keep every subscription', async ({ page, service }) => {
  await openWithIssue(page, service)
  const documentId = await page.evaluate(() => Reflect.set(window, 'sameDocument', true))
  expect(documentId).toBe(true)
  await issue(page).click()
  await expect(page).toHaveURL(/#\/project\/.+\/.+/)
  await page.goBack()
  const download = page.waitForEvent('download')
  await page.evaluate(() => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob(['data']))
    link.download = 'data.txt'
    link.click()
  })
  await (await download).cancel()
  await expectLive(page, service, 'Still subscribed')
  expect(await page.evaluate(() => Reflect.get(window, 'sameDocument'))).toBe(true)
})

test('a service that is killed and comes back is found again', async ({ page, service }) => {
  // A busy machine restarts the service slowly, and the waits between attempts double meanwhile.
  test.setTimeout(120_000)
  await openWithIssue(page, service)
  await service.kill()
  await expect(state(page)).toHaveAttribute('data-state', 'waiting')
  await expect(issue(page)).toBeVisible()
  await service.restart()
  await expect(state(page)).toHaveAttribute('data-state', 'connected', { timeout: 70_000 })
  await expectLive(page, service, 'The service is back')
})

test('an app that starts without its service shows what the last run left', async ({
  app,
  folder,
  page,
  service,
}) => {
  await openWithIssue(page, service)
  await expect(page.getByTestId('status-bar')).toContainText('Synced')
  await app.quit()
  await service.kill()
  const again = await launch({ host: app.host, directory: `${folder}/app`, service })
  const window = await again.window(0)
  await expect(state(window)).not.toHaveAttribute('data-state', 'connected')
  await expect(window.getByTestId('status-bar')).toContainText('Synced')
  await openProject(window)
  await expect(issue(window)).toBeVisible()
  await again.quit()
})

test('a page has one bridge and cannot leave', async ({ app, page }) => {
  test.skip(app.host === 'web', 'A browser tab may go where it likes.')
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  expect(
    await page.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')]),
  ).toEqual(['undefined', 'undefined'])
  await page.evaluate(() => Reflect.get(window, 'electronTRPC').sendMessage('not a request'))
  await page.evaluate(() => location.assign('https://example.com/'))
  await page.evaluate(() => void window.open('https://example.com/elsewhere'))
  await expect(projects(page)).not.toHaveCount(0)
  expect(app.lines.filter((line) => line.includes('opened outside'))).toEqual([])
  expect(await page.evaluate(() => location.host)).not.toBe('example.com')
})

test('a first download never says that there is nothing', async ({ page, service }) => {
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  await page.evaluate(() => {
    const seen: string[] = []
    Reflect.set(window, 'titlesSeen', seen)
    const note = () =>
      document.querySelectorAll('.blank-title').forEach((title) => seen.push(title.textContent))
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  await openWithIssue(page, service)
  const seen = await page.evaluate(() => Reflect.get(window, 'titlesSeen') as string[])
  expect(seen.filter((title) => title.startsWith('No '))).toEqual([])
})

test('letters are shortcuts in lists too, a search that finds one thing opens it, and focus stays', async ({
  page,
  service,
}) => {
  const focused = (target: string) => page.locator(`[data-focus="${target}"]`)
  await openWithIssue(page, service)
  const last = projects(page).last()
  const [name, id] = [await last.locator('.project-name').textContent(), await last.getAttribute('data-key')]
  await projects(page).first().focus()
  await page.keyboard.press('a')
  await expect(page).toHaveURL(/#\/archive$/)

  await page.keyboard.press('p')
  await page.keyboard.type(name!)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`#/project/${id}$`))
  await expect(focused('projects')).toHaveValue('')
  await expect(last).toBeFocused()

  await page.keyboard.press('m')
  await page.keyboard.press('p')
  await page.keyboard.press('ArrowDown')
  await projects(page).first().press('Enter')
  await page.keyboard.press('/')
  await page.keyboard.type('filed by the test')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/issue-of-the-test$/)
  // In a narrow window the issue covers its list, and has the focus then.
  await expect(
    page.locator('[data-focus="detail"]:focus, [data-issue="issue-of-the-test"]:focus'),
  ).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('issue-detail')).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(focused('search')).toHaveValue('')
  await issue(page).click()
  await page.getByRole('button', { name: 'Close the issue' }).press('Enter')
  await expect(issue(page)).toBeFocused()
})

test('who switches single characters off types them without consequences, and still has the other keys', async ({
  page,
  service,
}) => {
  await openWithIssue(page, service)
  await page.keyboard.press('?')
  const work = page.getByRole('switch', { name: 'Single characters work as shortcuts' })
  await expect(work).toBeChecked()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect(work).not.toBeChecked()
  await page.keyboard.press('Escape')
  await expect(projects(page).first()).toBeFocused()
  await page.keyboard.press('a')
  await page.keyboard.press('?')
  await expect(page).toHaveURL(/#\/project\/[^/]+$/)
  await expect(work).toHaveCount(0)
  await issue(page).click()
  await expect(page.getByTestId('issue-detail')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('issue-detail')).toBeHidden()
})

test('a project and an issue that do not exist are named so, and hold no stream', async ({ page }) => {
  await expect(page.getByTestId('status-bar')).toContainText('Synced')
  await page.evaluate(() => (location.hash = '#/project/nowhere'))
  await expect(page.getByRole('main')).toContainText('There is no such project')
  await page.evaluate(() => (location.hash = '#/project/nowhere/nothing'))
  await expect(page.getByTestId('issue-detail')).toContainText('This issue is not here')
  await expect(page.getByRole('button', { name: 'Streams: 3' })).toBeVisible()
})

test('windows agree on the theme', async ({ app, page }) => {
  test.skip(app.host === 'electron', 'Real Electron opens a second window from its menu only.')
  if (app.host === 'stand-in') app.menu('File/New Window')
  const second = await app.window(1)
  for (const dark of ['true', 'false']) {
    await page.getByTestId('theme-toggle').click()
    await expect(page.getByTestId('theme-toggle')).toHaveAttribute('aria-pressed', dark)
    await expect(second.getByTestId('theme-toggle')).toHaveAttribute('aria-pressed', dark)
  }
})

test('a page whose key is not valid says so and stops asking', async ({ app, page }) => {
  test.skip(app.host !== 'web', 'Only the web host has keys.')
  const stranger = await (await page.context().browser()!.newContext()).newPage()
  let sockets = 0
  stranger.on('websocket', () => sockets++)
  await stranger.goto(`${new URL(page.url()).origin}/#token=of-another-day`)
  await expect(stranger.getByRole('main')).toContainText('This address has no valid key')
  const asked = sockets
  // Longer than the pauses between the first attempts.
  await stranger.waitForTimeout(2000)
  expect(sockets).toBe(asked)
})
