/** Credentials that are replaced while a stream is open restart it when that helps, and only then. */
import { afterEach, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { DaemonFixture } from './fixture.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

const soon = { token_expires_in: 20 }

/** Long enough for a restart, which waits 50 ms for others. */
const QUIET_MS = 500

test('fresh credentials restart the stream with them', async () => {
  fixture = await DaemonFixture.start()
  let asked = 0
  const daemon = await fixture.open({
    fetchCredentials: () => Promise.resolve({ endpoint: fixture.service.url, token: `token ${++asked}` }),
  })
  await daemon.connect()
  const first = await fixture.service.stream(0)
  first.say(soon)
  expect((await fixture.service.stream(1)).token).toBe('token 2')
})

test('the same credentials again restart nothing', async () => {
  fixture = await DaemonFixture.start()
  let asked = 0
  const daemon = await fixture.open({
    fetchCredentials: () => {
      asked++
      return Promise.resolve({ endpoint: fixture.service.url, token: 'the same' })
    },
  })
  await daemon.connect()
  const first = await fixture.service.stream(0)
  first.say(soon)
  await sleep(QUIET_MS)
  expect([asked, fixture.service.asked]).toEqual([2, 1])
})

test('tokens that are short-lived from the beginning open no stream after stream', async () => {
  fixture = await DaemonFixture.start()
  let asked = 0
  const daemon = await fixture.open({
    fetchCredentials: () => Promise.resolve({ endpoint: fixture.service.url, token: `token ${++asked}` }),
  })
  await daemon.connect()
  for (const index of [0, 1]) (await fixture.service.stream(index)).say(soon)
  await sleep(QUIET_MS)
  expect(fixture.service.asked).toBe(2)
})
