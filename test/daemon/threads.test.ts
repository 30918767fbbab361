/** Threads that die: what waits is told, what can go on goes on, and the file is free for a new daemon. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import type { WorkerData } from '../../src/engine/messages.ts'
import { DaemonFixture, until } from './fixture.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

/** A worker file whose thread of this kind ends when told to. */
function mortal(kind: WorkerData['kind']): { readonly workerPath: string; readonly kill: () => void } {
  const channel = randomUUID()
  const workerPath = join(fixture.folder, `${kind}.ts`)
  const original = pathToFileURL(join(import.meta.dirname, '../../src/engine/worker.ts'))
  writeFileSync(
    workerPath,
    `import { BroadcastChannel, workerData } from 'node:worker_threads'
     await import(${JSON.stringify(original.href)})
     if (workerData.kind === '${kind}') {
       const channel = new BroadcastChannel('${channel}')
       channel.unref()
       channel.onmessage = () => process.exit(1)
     }`,
  )
  return {
    workerPath,
    kill: () => {
      const killer = new BroadcastChannel(channel)
      killer.postMessage('die')
      killer.close()
    },
  }
}

test('when the engine dies every wait and call fails, and the file can be opened at once', async () => {
  fixture = await DaemonFixture.start({})
  const { workerPath, kill } = mortal('engine')
  const daemon = await fixture.open({}, { workerPath })
  const hold = await daemon.syncStream('lists').subscribe()
  const wait = expect(hold.waitForFirstSync()).rejects.toMatchObject({ code: 'engine_failed' })
  kill()
  await wait
  await until(daemon, ({ downloadError }) => downloadError?.code === 'engine_failed')
  await expect(daemon.query('todos')).rejects.toMatchObject({ code: 'engine_failed' })
  await expect(daemon.connect()).rejects.toMatchObject({ code: 'engine_failed' })

  const second = await fixture.open()
  expect([...second.status.streams.values()].map(({ name }) => name)).toEqual(['lists'])
  await daemon.close()
})

test('when the readers die they are started anew, and nothing else notices', async () => {
  fixture = await DaemonFixture.start({})
  const { workerPath, kill } = mortal('reads')
  const daemon = await fixture.open({}, { workerPath })
  const { promise: told, resolve } = Promise.withResolvers<string>()
  daemon.onLog(({ text }) => {
    if (text.includes('readers')) resolve(text)
  })
  kill()
  await told
  expect((await daemon.query('todos')).rows).toEqual([])
  await daemon.connect()
  await until(daemon, ({ connection }) => connection.state === 'connected')
  expect(daemon.status.downloadError).toBeNull()
})
