/** The inspector as a developer sees it, the same on every host. */
import type { Page } from '@playwright/test'
import { expect, test as base } from './app.ts'
import { fileIssue, issue, openProject } from './issue.ts'
import type { Service } from './service.ts'

const test = base.extend<{ readonly inspector: Page }>({
  /** The inspector beside the app's first window. The test fails when its page complained of anything. */
  inspector: async ({ app, page }, use) => {
    test.skip(app.host === 'electron', 'Real Electron opens the inspector from its menu only.')
    await expect(page.getByTestId('connection-state')).toHaveAttribute('data-state', 'connected')
    const inspector = await app.inspector()
    const complaints: string[] = []
    inspector.on('pageerror', (error) => complaints.push(error.message))
    inspector.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await expect(inspector.getByTestId('connection-state')).toHaveAttribute('data-state', 'connected')
    await use(inspector)
    expect(complaints).toEqual([])
  },
})

const rows = (inspector: Page, text: string | RegExp) => inspector.getByRole('row').filter({ hasText: text })

async function show(inspector: Page, panel: string): Promise<void> {
  await inspector.getByRole('tab', { name: panel }).click()
  await expect(inspector.getByRole('tabpanel', { name: panel })).toBeVisible()
}

test('a stream is listed with the window that holds it, and runs out when that leaves', async ({
  app,
  page,
  inspector,
}) => {
  const project = await openProject(page)
  const stream = rows(inspector, project)
  const window = app.host === 'web' ? 'tab 1' : 'main 1'
  await expect(stream).toContainText('Synced')
  await expect(stream).toContainText('explicit, active')
  await expect(stream.getByRole('listitem')).toHaveText(window)
  await page.getByTestId('archive-button').click()
  await expect(stream).toContainText('nobody')
  await expect(stream).toContainText(/1 d|23 h 59 min/)
  await expect(rows(inspector, 'archive').getByRole('listitem')).toHaveText(window)
})

test('a filter leaves the streams that match, and a heading sorts them', async ({ inspector }) => {
  const names = inspector.getByRole('tabpanel').getByRole('rowheader')
  await expect(names).toHaveText(['my_work', 'watched_projects', 'workspace'])
  await inspector.getByRole('columnheader', { name: 'Stream' }).click()
  await expect(names).toHaveText(['workspace', 'watched_projects', 'my_work'])
  await inspector.getByRole('searchbox', { name: 'Filter streams' }).fill('work default')
  await expect(names).toHaveText(['workspace', 'my_work'])
})

test('the buckets of a stream come page by page, and say which streams cause them', async ({
  page,
  inspector,
  service,
}) => {
  const shelves = Array.from({ length: 100 }, (_, number) => `shelf-of-the-test-${number}`)
  const issue = { title: 'Old', resolution: 'done', closed_at: '2020-01-01T10:00:00.000Z' }
  await Promise.all(shelves.map((shelf) => service.put('archived_issues', shelf, { ...issue, shelf })))
  await page.getByTestId('archive-button').click()
  await inspector.getByRole('button', { name: 'Buckets of archive' }).click()
  const range = inspector.getByTestId('page-range')
  await expect(range).toHaveText(/^1–100 of /)
  await expect(rows(inspector, /^\d+#archive/).first()).toContainText('archive')
  const first = await inspector.getByRole('rowheader').first().textContent()
  await inspector.getByRole('button', { name: 'Next' }).click()
  await expect(range).toHaveText(/^101–/)
  await expect(inspector.getByRole('rowheader').first()).not.toHaveText(first!)
  await inspector.getByRole('button', { name: 'Previous' }).click()
  await expect(inspector.getByRole('rowheader').first()).toHaveText(first!)
  await inspector.getByRole('searchbox', { name: 'Part of a bucket’s name' }).fill('no such bucket')
  await expect(inspector.getByText('No such bucket')).toBeVisible()
})

test('a change is a small message, and opens as the whole status with the change marked', async ({
  page,
  inspector,
}) => {
  await show(inspector, 'Status deltas')
  await expect(rows(inspector, 'whole status')).toHaveCount(1)
  const project = await openProject(page)
  const change = rows(inspector, 'project_issues is new')
  await change.click()
  const detail = inspector.getByTestId('message-detail')
  await expect(detail.getByLabel('The message as JSON')).toContainText(project)
  const stream = detail.getByRole('row', { name: /project_issues/ }).first()
  await expect(stream).toHaveAttribute('aria-expanded', 'true')
  await expect(detail.getByRole('row', { name: 'connection' })).toHaveAttribute('aria-expanded', 'false')
  await inspector.getByRole('button', { name: 'Pause' }).click()
  await page.getByTestId('archive-button').click()
  await expect(page).toHaveURL(/#\/archive/)
  await show(inspector, 'Streams')
  await expect(rows(inspector, 'archive')).toContainText('Synced')
  await show(inspector, 'Status deltas')
  await expect(rows(inspector, 'archive')).toHaveCount(0)
  await inspector.getByRole('button', { name: 'Pause' }).click()
  await expect(rows(inspector, 'archive').first()).toBeVisible()
})

test('the meter counts what crosses to each window, and the log says what happened', async ({
  app,
  page,
  inspector,
  service,
}) => {
  await show(inspector, 'IPC')
  await service.put('labels', 'label-of-the-test', { name: 'measured' })
  const window = app.host === 'web' ? 'tab 1' : 'main 1'
  await expect(rows(inspector, new RegExp(`${window} .*status.watch`))).toBeVisible()
  await show(inspector, 'Log')
  await expect(rows(inspector, 'Validated and applied checkpoint').first()).toBeVisible()
  await expect(page.getByTestId('connection-state')).toHaveAttribute('data-state', 'connected')
})

/** Opens an issue that nobody works on in the app's window, for changes to it. */
async function openIssue(page: Page, service: Service): Promise<void> {
  await fileIssue(service, await openProject(page))
  await issue(page).click()
  await expect(page.getByTestId('issue-detail')).toContainText('Filed by the test')
}

async function setPriority(page: Page, priority: string): Promise<void> {
  await page
    .getByTestId('issue-detail')
    .getByRole('button', { name: /Priority/ })
    .click()
  await page.locator('.choice-list').getByRole('option', { name: priority, exact: true }).click()
}

test('changes that wait are listed with what they write and what stood there, until they are uploaded', async ({
  page,
  inspector,
  service,
}) => {
  await openIssue(page, service)
  await show(inspector, 'Uploads')
  const state = inspector.getByTestId('upload-state')
  await expect(state).toContainText('Idle')
  await expect(inspector.getByText('Nothing waits for upload')).toBeVisible()
  await inspector.getByRole('button', { name: 'Go offline' }).click()
  await expect(state).toContainText('Idle')
  await setPriority(page, 'Low')
  const change = rows(inspector, 'issue-of-the-test').first()
  await expect(change).toContainText('PATCH')
  await expect(change).toContainText('priority: ')
  await expect(change).toContainText('just now')
  await expect(state).toContainText('Stopped')
  await change.click()
  const detail = inspector.getByRole('complementary', { name: /^Change/ })
  await expect(detail.getByRole('row', { name: /^priority / })).toContainText('3')
  await inspector.getByRole('button', { name: 'Go online' }).click()
  await expect(state).toContainText('Idle')
  await expect(detail).toContainText('It has left the queue')
  await expect(inspector.getByText('Nothing waits for upload')).toBeVisible()
})

test('a transaction that is held can be tried again, discarded after a question, and deleted for good', async ({
  page,
  inspector,
  service,
}) => {
  await openIssue(page, service)
  await show(inspector, 'Uploads')
  const state = inspector.getByTestId('upload-state')
  await setPriority(page, 'Urgent')
  await expect(state).toContainText('Held')
  await expect(state).toContainText('upload_rejected')
  await expect(state).toContainText('1 failed attempt')
  await inspector.getByRole('button', { name: 'Retry now' }).click()
  await expect(state).toContainText('2 failed attempts')
  await expect(state).toContainText('Held')

  const discard = inspector.getByRole('button', { name: /^Discard transaction/ })
  // Leaving the panel chooses nothing in the next one: nobody has pressed the button.
  await inspector.getByRole('tab', { name: 'Uploads' }).evaluate((tab) => (tab as HTMLElement).blur())
  await inspector.keyboard.press('4')
  await expect(inspector.getByRole('tabpanel', { name: 'Status deltas' })).toBeVisible()
  await expect(inspector.locator('body')).toBeFocused()
  await inspector.waitForTimeout(200)
  await expect(inspector.getByRole('complementary')).toHaveCount(0)
  await inspector.keyboard.press('3')
  await discard.click()
  const question = inspector.getByRole('alertdialog')
  await expect(question).toContainText('issue-of-the-test')
  await expect(question).toContainText('priority: ')
  // What destroys nothing has the focus.
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await inspector.keyboard.press('1')
  await expect(question).toBeVisible()
  await inspector.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(discard).toBeFocused()
  await discard.click()
  await question.getByRole('button', { name: /^Discard/ }).click()
  await expect(state).toContainText('Idle')
  await expect(page.locator('[data-issue="issue-of-the-test"] [data-mark]')).toHaveCount(0)

  await inspector.getByRole('radio', { name: /^Given up/ }).click()
  const letter = rows(inspector, 'issues (1)')
  await letter.click()
  await expect(inspector.getByRole('complementary')).toContainText('An urgent issue needs somebody')
  await inspector.getByRole('button', { name: /^Delete transaction/ }).click()
  await question.getByRole('button', { name: /^Delete/ }).click()
  await expect(question).toBeHidden()
  await expect(inspector.getByText('Nothing was given up')).toBeVisible()
  // Its button is gone; who pressed it by key goes on in the table.
  await expect(inspector.getByRole('grid', { name: 'Transactions that were given up' })).toBeFocused()
})

test('it outlives the windows it looks at, and says that their holds are gone', async ({
  app,
  page,
  inspector,
}) => {
  const project = await openProject(page)
  await expect(rows(inspector, project).getByRole('listitem')).toHaveCount(1)
  await page.close()
  await expect(rows(inspector, project)).toContainText('nobody')
  expect(await app.inspector()).toBe(inspector)
})

test('keys lead through it: digits to the panels, a slash to the search', async ({ inspector }) => {
  await inspector.getByRole('tab', { name: 'Streams' }).focus()
  await inspector.keyboard.press('2')
  await expect(inspector.getByRole('tabpanel', { name: 'Buckets' })).toBeVisible()
  await inspector.keyboard.press('/')
  await expect(inspector.getByRole('searchbox', { name: 'Part of a bucket’s name' })).toBeFocused()
  await inspector.keyboard.press('5')
  await expect(inspector.getByRole('searchbox')).toHaveValue('5')
})

test('single keys can be switched off, and stay off', async ({ inspector }) => {
  await inspector.getByRole('tab', { name: 'Streams' }).focus()
  await inspector.keyboard.press('?')
  const help = inspector.getByRole('dialog', { name: 'Keyboard' })
  await help.getByText('Single characters work as shortcuts').click()
  await expect(help.getByRole('switch')).not.toBeChecked()
  await inspector.keyboard.press('Escape')
  await expect(help).toBeHidden()
  await inspector.reload()
  await inspector.getByRole('tab', { name: 'Streams' }).focus()
  await inspector.keyboard.press('2')
  await inspector.keyboard.press('/')
  await expect(inspector.getByRole('tabpanel', { name: 'Streams' })).toBeVisible()
  await expect(inspector.getByRole('tab', { name: 'Streams' })).toBeFocused()
})

test('it has one main landmark and a heading for each panel', async ({ inspector }) => {
  await expect(inspector.getByRole('banner')).toHaveCount(1)
  await expect(inspector.getByRole('main')).toHaveCount(1)
  await expect(inspector.getByRole('heading', { level: 1, name: 'Sync Inspector' })).toBeVisible()
  for (const panel of ['Streams', 'Buckets', 'Uploads', 'Status deltas', 'IPC', 'Log']) {
    await show(inspector, panel)
    await expect(inspector.getByRole('main').getByRole('heading', { level: 2 })).toHaveText(panel)
  }
})

test('going offline and online again is one press, and says so', async ({ page, inspector }) => {
  await inspector.getByRole('button', { name: 'Go offline' }).click()
  await expect(inspector.getByTestId('connection-state')).toHaveAttribute('data-state', 'offline')
  await expect(page.getByTestId('connection-state')).toHaveAttribute('data-state', 'offline')
  await inspector.getByRole('button', { name: 'Go online' }).click()
  await expect(inspector.getByTestId('connection-state')).toHaveAttribute('data-state', 'connected')
})
