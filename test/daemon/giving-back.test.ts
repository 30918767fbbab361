/** Streams that nobody reads any more are given back to the app's transport. */
import { afterEach, expect, test } from 'vitest'
import type { ByteStream, Transport } from '../../src/connector/connector.ts'
import { DaemonFixture, places, until } from './fixture.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

/** A stream that never says anything, and tells when it is given back. */
function silence(): { readonly stream: ByteStream; readonly givenBack: Promise<void> } {
  const { promise: givenBack, resolve } = Promise.withResolvers<void>()
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => new Promise(() => undefined),
    return: () => {
      resolve()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { stream: { format: 'ndjson', chunks: { [Symbol.asyncIterator]: () => iterator } }, givenBack }
}

test.each(places.slice(0, 2))('one that opens after the app disconnected (%s)', async (_where, place) => {
  const { stream, givenBack } = silence()
  const asked = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<ByteStream>()
  const transport: Transport = {
    open: () => {
      asked.resolve()
      return opened.promise
    },
  }
  fixture = await DaemonFixture.start({ ...place, transport })
  const daemon = await fixture.open()
  await daemon.connect()
  await asked.promise
  await daemon.disconnect()
  opened.resolve(stream)
  await expect(givenBack).resolves.toBeUndefined()
})

test('one that is being read by a worker thread when the app disconnects', async () => {
  const { stream, givenBack } = silence()
  fixture = await DaemonFixture.start({ transport: { open: () => Promise.resolve(stream) } })
  const daemon = await fixture.open()
  await daemon.connect()
  await until(daemon, ({ connection }) => connection.state === 'connected')
  await daemon.disconnect()
  await expect(givenBack).resolves.toBeUndefined()
})
