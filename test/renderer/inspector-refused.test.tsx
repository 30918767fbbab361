// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { Overview } from '../../renderer/inspector/Overview.tsx'
import { NoKey } from '../../renderer/parts/NoKey.tsx'
import type { Client } from '../../src/ipc/client/index.ts'
import { ClientProvider } from '../../src/ipc/client/react.tsx'
import { Cell } from '../../src/ipc/client/readable.ts'
import { EMPTY_STATUS, type ErrorInfo } from '../../src/status/status.ts'

afterEach(cleanup)

const forbidden: ErrorInfo = { code: 'forbidden', message: 'This window may not do that.' }

function clientWith(refusal: Cell<ErrorInfo | null>): Client {
  return { status: new Cell(EMPTY_STATUS), link: new Cell('open'), refusal } as unknown as Client
}

test('a watch that is refused while others work is said above all panels', () => {
  const refusal = new Cell<ErrorInfo | null>(null)
  const { queryByRole, getByRole } = render(
    <ClientProvider client={clientWith(refusal)}>
      <Overview />
    </ClientProvider>,
  )
  expect(queryByRole('alert')).toBeNull()
  act(() => refusal.set(forbidden))
  expect(getByRole('alert').textContent).toContain('This window may not do that. forbidden')
})

test.each([
  [null, 'This address has no valid key'],
  [forbidden, 'This window may not watch the sync'],
])('a page that is let in nowhere has one heading that says why: %o', (reason, heading) => {
  const { getByRole } = render(
    <ClientProvider client={clientWith(new Cell(reason))}>
      <NoKey />
    </ClientProvider>,
  )
  expect(getByRole('heading', { level: 1 }).textContent).toBe(heading)
  expect(getByRole('main').textContent).toContain(reason?.message ?? 'Nothing that was synced is lost.')
})
