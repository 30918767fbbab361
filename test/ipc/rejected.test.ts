/** What windows may read of transactions that were given up. */
import { expect, test } from 'vitest'
import type { CrudEntry, DeadLetter } from '../../src/daemon/daemon.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { openDocument } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

function letter(transactionId: number, text: string): DeadLetter {
  const entry: CrudEntry = {
    id: transactionId,
    transactionId,
    op: 'PUT',
    table: 'todos',
    rowId: 'a',
    opData: { description: text },
    previousValues: null,
    metadata: null,
    queuedAt: null,
    json: { opData: JSON.stringify({ description: text }), previousValues: null },
  }
  const error = { code: 'upload_rejected', message: 'No.' }
  return { transactionId, crud: [entry], error, attempts: 1, discardedAt: 0 }
}

async function listed(letters: readonly DeadLetter[]): Promise<readonly number[]> {
  const router = createRouter({ daemon: fakeDaemon({ letters }) })
  const rejected = await openDocument(router).uploads.rejected()
  return rejected.map(({ transactionId }) => transactionId)
}

test('the newest hundred come, the newest first', async () => {
  const letters = Array.from({ length: 120 }, (_, i) => letter(i + 1, 'short'))
  expect(await listed(letters)).toEqual(Array.from({ length: 100 }, (_, i) => 120 - i))
})

test('fewer come where they are large, and one at least', async () => {
  const large = 'x'.repeat(400_000)
  expect(await listed([1, 2, 3, 4].map((id) => letter(id, large)))).toEqual([4, 3])
  expect(await listed([letter(1, large.repeat(10))])).toEqual([1])
})
