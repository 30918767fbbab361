/** The user writes: online, offline, against somebody else, and against the rules of the back end. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './app.ts'
import { fileIssue, ISSUE, openProject } from './issue.ts'
import type { Service } from './service.ts'

const state = (page: Page) => page.getByTestId('connection-state')
const detail = (page: Page) => page.getByTestId('issue-detail')
const line = (page: Page, id = ISSUE) => page.locator(`[data-issue="${id}"]`)
const uploads = (page: Page) => page.getByTestId('upload-state')
const said = (page: Page) => page.getByTestId('announcer')
/** A row that the service does not have, or will not have. */
const marked = (page: Page, mark: 'pending' | 'refused', id = ISSUE) =>
  line(page, id).locator(`[data-mark="${mark}"]`)

/** A row as the service has it: its journal knows the last version of what was changed. */
function atService(folder: string, table: string, id: string): { readonly [column: string]: unknown } | null {
  const lines = readFileSync(join(folder, 'service/journal.jsonl'), 'utf8').trimEnd().split('\n').reverse()
  for (const text of lines) {
    const { changes = [] } = JSON.parse(text) as {
      changes?: { table: string; id: string; row: object | null }[]
    }
    const change = changes.findLast((one) => one.table === table && one.id === id)
    if (change !== undefined) return change.row as { readonly [column: string]: unknown } | null
  }
  return null
}

/** Opens the first project and the issue that somebody has just filed in it. */
async function openIssue(page: Page, service: Service): Promise<void> {
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  await fileIssue(service, await openProject(page))
  await line(page).click()
  await expect(detail(page)).toContainText('Filed by the test')
}

async function choose(page: Page, what: string, item: string): Promise<void> {
  await detail(page)
    .getByRole('button', { name: new RegExp(what) })
    .click()
  await page.locator('.choice-list').getByRole('option', { name: item, exact: true }).click()
}

async function comment(page: Page, text: string): Promise<void> {
  await page.getByLabel('Write a comment').fill(text)
  await page.keyboard.press('Control+Enter')
  await expect(page.getByTestId('comment-list')).toContainText(text)
}

async function goOffline(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Streams/ }).click()
  await page.getByRole('button', { name: 'Work offline' }).click()
  await page.keyboard.press('Escape')
  await expect(state(page)).toHaveAttribute('data-state', 'offline')
}

const goOnline = (page: Page) => page.getByRole('button', { name: 'Go online' }).click()

test('an issue is edited, relabelled, commented on and closed, and the service has all of it', async ({
  page,
  folder,
  service,
}) => {
  await openIssue(page, service)
  await page.keyboard.press('e')
  await page.getByLabel('Title').fill('Edited by the user')
  await page.getByLabel('Description').fill('Two\nlines.')
  await page.keyboard.press('Control+Enter')
  await expect(detail(page).getByRole('heading', { name: 'Edited by the user' })).toBeVisible()
  // Whoever saved by keys goes on by keys.
  await expect(page.getByRole('button', { name: 'Edit the issue' })).toBeFocused()

  await choose(page, 'Priority', 'Low')
  await choose(page, 'Labels', 'bug')
  await page.keyboard.press('Escape')
  await comment(page, 'Written online.')
  await expect(page.getByLabel('Write a comment')).toBeFocused()
  await page.getByRole('button', { name: 'Close issue' }).click()
  await expect(page.getByRole('button', { name: 'Reopen issue' })).toBeVisible()
  await expect
    .poll(() => atService(folder, 'issues', ISSUE))
    .toMatchObject({
      title: 'Edited by the user',
      description: 'Two\nlines.',
      priority: 3,
      labels: '["bug"]',
      status: 'done',
      comment_count: 1,
      number: 9999,
    })
  await expect(detail(page).locator('[data-mark]')).toHaveCount(0)
  await expect(said(page)).toHaveText('All changes sent')
})

test('a new issue is in the list at once, without a number, and numbered when the service has it', async ({
  page,
  folder,
  service,
}) => {
  await openIssue(page, service)
  await goOffline(page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: 'New issue' })
  // Without a title it is not filed, and says why.
  await dialog.getByRole('button', { name: 'Create issue' }).click()
  await expect(dialog).toContainText('An issue needs a title.')
  await dialog.getByLabel('Title').fill('Written on a train')
  // What is written stays when the form is closed.
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.keyboard.press('n')
  await expect(dialog.getByLabel('Title')).toHaveValue('Written on a train')
  // From wherever in the form one is.
  await dialog.getByRole('button', { name: /Labels/ }).focus()
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toBeHidden()

  await expect(detail(page)).toContainText(/-new/)
  await expect(detail(page)).not.toContainText('Asking the service')
  await expect(detail(page)).toBeFocused()
  const id = new URL(page.url()).hash.split('/')[3]!
  await page.keyboard.press('Escape')
  await expect(line(page, id)).toContainText(/-new/)
  await expect(marked(page, 'pending', id)).toHaveCount(1)
  await expect(uploads(page)).toHaveText('1 change not sent')
  await goOnline(page)
  await expect(line(page, id)).toContainText(/-10000/)
  await expect(marked(page, 'pending', id)).toHaveCount(0)
  expect(atService(folder, 'issues', id)).toMatchObject({ title: 'Written on a train', number: 10_000 })
})

test('what is changed offline shows as not sent, survives a reload, and arrives when online', async ({
  page,
  folder,
  service,
}) => {
  await openIssue(page, service)
  await goOffline(page)
  await choose(page, 'Status', 'In review')
  await comment(page, 'Said offline.')
  await page.getByLabel('Write a comment').fill('Half a thou')
  await expect(detail(page).locator('.detail-header [data-mark="pending"]')).toHaveText('Not sent yet')
  await expect(page.getByTestId('comment-list').locator('[data-mark="pending"]')).toHaveText('Not sent yet')
  await expect(uploads(page)).toHaveText('2 changes not sent')
  expect(atService(folder, 'issues', ISSUE)).toMatchObject({ status: 'todo' })

  await page.reload()
  await expect(uploads(page)).toHaveText('2 changes not sent')
  await expect(page.getByTestId('comment-list')).toContainText('Said offline.')
  await expect(page.getByLabel('Write a comment')).toHaveValue('Half a thou')
  await goOnline(page)
  await expect(detail(page).locator('[data-mark]')).toHaveCount(0)
  await expect(uploads(page)).toHaveText('All changes sent')
  expect(atService(folder, 'issues', ISSUE)).toMatchObject({ status: 'in_review', comment_count: 1 })
})

test('a refused change says why and what to do; given up, the service’s version is back and the text is kept', async ({
  page,
  folder,
  service,
}) => {
  await openIssue(page, service)
  await goOffline(page)
  await page.keyboard.press('e')
  await page.getByLabel('Title').fill('Too late')
  await page.keyboard.press('Control+Enter')
  await expect(detail(page).getByRole('heading', { name: 'Too late' })).toBeVisible()
  await comment(page, 'And a word after it.')
  // Somebody locks it meanwhile.
  await service.patch('issues', ISSUE, { locked: 1 })
  await goOnline(page)
  const refused = detail(page).getByTestId('refused-change')
  await expect(refused).toContainText('-9999 is locked: it takes no more changes or comments.')
  await expect(refused).toContainText('One later change waits behind it, just as safe.')
  await expect(uploads(page)).toHaveText('A change was refused')
  await expect(said(page)).toContainText('The service refused a change.')

  // Trying again helps nothing as long as the reason is there.
  await refused.getByRole('button', { name: 'Try again' }).click()
  await expect(refused).toBeVisible()
  await refused.getByRole('button', { name: 'Give up my change' }).click()
  // The comment comes next, and is refused like it.
  await expect(refused).not.toContainText('later change')
  await service.patch('issues', ISSUE, { locked: 0 })
  await refused.getByRole('button', { name: 'Try again' }).click()
  await expect(refused).toBeHidden()
  await expect(detail(page).getByRole('heading', { name: 'Filed by the test' })).toBeVisible()
  await expect(detail(page).locator('[data-mark]')).toHaveCount(0)
  await expect
    .poll(() => atService(folder, 'issues', ISSUE))
    .toMatchObject({
      title: 'Filed by the test',
      comment_count: 1,
    })

  await expect(uploads(page)).toHaveText('1 change given up')
  await uploads(page).click()
  const givenUp = page.getByTestId('given-up')
  await expect(givenUp).toContainText('Too late')
  await givenUp.getByRole('button', { name: 'Remove' }).click()
  await expect(givenUp).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(uploads(page)).toBeHidden()
})

test('a new issue that the rules do not allow goes away when it is given up', async ({ page, service }) => {
  await openIssue(page, service)
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: 'New issue' })
  await dialog.getByLabel('Title').fill('Everything is on fire')
  await dialog.getByRole('button', { name: /Priority/ }).click()
  await page.locator('.choice-list').getByRole('option', { name: 'Urgent' }).click()
  await dialog.getByRole('button', { name: 'Create issue' }).click()
  const openedIssue = () => new URL(page.url()).hash.split('/')[3]
  await expect.poll(openedIssue).not.toBe(ISSUE)
  const id = openedIssue()!
  const refused = detail(page).getByTestId('refused-change')
  await expect(refused).toContainText('An urgent issue needs somebody who works on it')
  await refused.getByRole('button', { name: 'Give up my change' }).click()
  await expect(line(page, id)).toHaveCount(0)
  await uploads(page).click()
  await expect(page.getByTestId('given-up')).toContainText('Everything is on fire')
  await page.getByTestId('given-up').getByRole('button', { name: 'Copy' }).click()
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await dialog.getByLabel('Description').click()
  await page.keyboard.press('Control+V')
  await expect(dialog.getByLabel('Description')).toHaveValue(/^Title: Everything is on fire\n/)
})

test('who edits while somebody else does is told what saving replaces, and can take theirs', async ({
  page,
  folder,
  service,
}) => {
  await openIssue(page, service)
  await page.keyboard.press('e')
  await page.getByLabel('Title').fill('Mine')
  await service.patch('issues', ISSUE, { title: 'Theirs', description: 'Also theirs.' })
  // What the user has not touched just follows.
  await expect(page.getByLabel('Description')).toHaveValue('Also theirs.')
  await expect(detail(page)).toContainText(
    'The title was changed meanwhile. Saving puts yours in place of: Theirs',
  )
  await page.getByRole('button', { name: 'Take theirs' }).click()
  await expect(page.getByLabel('Title')).toHaveValue('Theirs')
  await page.getByLabel('Title').fill('Mine after all')
  await page.keyboard.press('Control+Enter')
  await expect
    .poll(() => atService(folder, 'issues', ISSUE))
    .toMatchObject({
      title: 'Mine after all',
      description: 'Also theirs.',
    })
  // Escape leaves the form, and what was there stays.
  await page.keyboard.press('e')
  await page.getByLabel('Title').fill('Never mind')
  await page.keyboard.press('Escape')
  await expect(detail(page).getByRole('heading', { name: 'Mine after all' })).toBeVisible()
})

test('two windows edit the same list while the service changes it too, and all three agree', async ({
  app,
  page,
  folder,
  service,
}) => {
  test.skip(app.host === 'electron', 'Real Electron opens a second window from its menu only.')
  await openIssue(page, service)
  if (app.host === 'stand-in') app.menu('File/New Window')
  const second = await app.window(1)
  await second.evaluate((hash) => (location.hash = hash), new URL(page.url()).hash)
  await expect(detail(second)).toContainText('Filed by the test')

  const rename = async (window: Page, title: string) => {
    await window.bringToFront()
    await window.getByRole('button', { name: 'Edit the issue' }).click()
    await window.getByLabel('Title').fill(title)
    await window.keyboard.press('Control+Enter')
    await expect(detail(window).getByRole('heading', { name: title })).toBeVisible()
  }
  for (let round = 1; round <= 3; round++) {
    await Promise.all([
      rename(page, `First window ${round}`),
      service.patch('issues', ISSUE, { priority: round }),
    ])
    await Promise.all([
      rename(second, `Second window ${round}`),
      service.put('comments', `comment-${round}`, {
        issue_id: ISSUE,
        author_id: 'person-02',
        body: `Heard ${round}`,
      }),
    ])
    await comment(second, `From the second window ${round}`)
  }
  const agreed = { title: 'Second window 3', priority: 3, comment_count: 6 }
  await expect.poll(() => atService(folder, 'issues', ISSUE)).toMatchObject(agreed)
  for (const window of [page, second]) {
    await window.bringToFront()
    await expect(detail(window).getByRole('heading', { name: agreed.title })).toBeVisible()
    await expect(detail(window).getByRole('listitem')).toHaveCount(6)
    await expect(detail(window).locator('[data-mark]')).toHaveCount(0)
  }
  const comments = (window: Page) => window.getByTestId('comment-list').locator('.prose').allTextContents()
  expect(await comments(page)).toEqual(await comments(second))
})
