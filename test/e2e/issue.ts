/** The issue that a test files in the service as somebody else, and the way to the project that it belongs to. */
import { expect, type Page } from '@playwright/test'
import type { Service } from './service.ts'

export const ISSUE = 'issue-of-the-test'

export const projects = (page: Page) => page.getByTestId('project-list').getByRole('option')

/** The issue's line in a list. */
export const issue = (page: Page) => page.locator(`[data-issue="${ISSUE}"]`)

/**
 * Opens the `number`th project, and gives its id. A click can hit a list that is just being filled, as a person's
 * can. `clickMs`: how long one click may take; 0, the default: as long as it takes, as in a tab that is not in front.
 */
export async function openProject(page: Page, { number = 0, clickMs = 0 } = {}): Promise<string> {
  await expect(async () => {
    await projects(page).nth(number).click({ timeout: clickMs })
    await expect(page).toHaveURL(/#\/project\//, { timeout: 1000 })
  }).toPass()
  return new URL(page.url()).hash.split('/')[2]!
}

/** Somebody files the issue in the project; `columns` are what this test wants otherwise. */
export async function fileIssue(
  service: Service,
  project: string,
  columns: { readonly [column: string]: string } = {},
): Promise<void> {
  await service.put('issues', ISSUE, {
    project_id: project,
    number: 9999,
    title: 'Filed by the test',
    description: 'A description.',
    status: 'todo',
    priority: 1,
    reporter_id: 'person-02',
    labels: '[]',
    created_at: '2026-01-01T10:00:00.000Z',
    updated_at: '2026-01-01T10:00:00.000Z',
    ...columns,
  })
}
