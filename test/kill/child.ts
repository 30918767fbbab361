/**
 * A daemon that syncs, writes and uploads until it is killed. It loads everything first and begins when it is
 * told to, so that the time in which it can be killed is the time in which it works.
 */
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UploadCall } from '../../src/connector/upload.ts'
import type { Daemon, Row, Statement } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { examine } from '../../src/storage/care.ts'
import { counterOf, forgottenBy, rowsOf, schema, TAKEN } from './world.ts'
import type { Said, Task } from './world.ts'

/** At once, so that what was said before the end is not lost in a buffer. */
function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`)
}

// Node keeps compiled code when it exits, and this one will not.
flushCompileCache()
say({ say: 'loaded' })
// It does not outlive the one who kills it.
process.stdin.once('end', () => process.exit())
for await (const line of createInterface({ input: process.stdin })) await live(JSON.parse(line) as Task)

async function live(task: Task): Promise<void> {
  const began = performance.now()
  const daemon = await openDaemon({
    path: task.path,
    schema,
    inProcess: task.inProcess,
    queries: {
      rows: {
        sql: `SELECT id, name, color FROM labels WHERE id LIKE :database || '-%'`,
        parameters: ['database'],
      },
    },
    connector: {
      fetchCredentials: () => Promise.resolve({ endpoint: task.endpoint, token: task.token }),
      uploadData: (call) => upload(task, call),
    },
  })
  const found = await rowsIn(daemon, task)
  say({
    say: 'opened',
    rows: found.map(({ id, color }) => [String(id), color === null ? null : String(color)]),
    damage: examine(task.path),
  })
  await daemon.connect({ checkpointMode: task.checkpointMode, uploadThrottleMs: 0 })
  const counter = () => rowsIn(daemon, task).then((rows) => rows.find(isCounter(task)))
  // The first time, the counter comes from the service.
  while ((await counter()) === undefined) await sleep(5)
  const last = Number((await counter())!['color'])
  for (let n = last + 1; task.writes === null || n <= last + task.writes; n++) {
    await write(daemon, task, n)
    say({ say: 'written', n })
    await sleep(task.pauseMs)
  }
  while (!isSettled(daemon, await rowsIn(daemon, task))) await sleep(5)
  say({ say: 'settled', ms: performance.now() - began })
  if (!task.closes) return
  await daemon.close()
  process.exit()
}

async function rowsIn(daemon: Daemon, { database }: Task): Promise<readonly Row[]> {
  return (await daemon.query('rows', { database })).rows
}

function isCounter({ database }: Task) {
  return ({ id }: Row) => id === counterOf(database)
}

function isSettled({ status }: Daemon, rows: readonly Row[]): boolean {
  const { entries, uploading } = status.upload
  return entries === 0 && !uploading && rows.every(({ name }) => name === TAKEN)
}

/** By turns in one go and step by step. */
async function write(daemon: Daemon, { database }: Task, n: number): Promise<void> {
  const forgotten = forgottenBy(n)
  const statements: readonly Statement[] = [
    ...rowsOf(database, n).map((id): Statement => [
      'INSERT INTO labels(id, color) VALUES (?, ?)',
      [id, String(n)],
    ]),
    ...(forgotten === null ? [] : rowsOf(database, forgotten)).map((id): Statement => [
      'DELETE FROM labels WHERE id = ?',
      [id],
    ]),
    ['UPDATE labels SET color = ?, name = NULL WHERE id = ?', [String(n), counterOf(database)]],
  ]
  if (n % 2 === 0) {
    await daemon.batch(statements)
    return
  }
  await daemon.transaction(async (transaction) => {
    for (const [sql, params] of statements) await transaction.execute(sql, params)
  })
}

async function upload({ backend }: Task, call: UploadCall): Promise<void> {
  const transaction = await call.getNextTransaction()
  if (transaction === null) return
  const response = await fetch(backend, {
    method: 'POST',
    body: JSON.stringify({
      clientId: call.clientId,
      transactionId: transaction.transactionId,
      crud: transaction.crud.map(({ op, rowId, opData }) => ({
        op,
        id: rowId,
        color: opData?.['color'] ?? null,
      })),
    }),
    signal: call.signal,
  })
  if (!response.ok) throw new Error(`The backend answered ${response.status}.`)
  await transaction.complete()
}
