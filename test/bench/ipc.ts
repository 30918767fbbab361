/** `npm run bench -- ipc`: what a sync costs on the way to windows. Bytes by a clock of one line a millisecond. */
import { setImmediate } from 'node:timers/promises'
import { mock } from 'node:test'
import { oneLineNative, oneLineOf500, pausedReader, syncOf100000, type Clock } from './ipc-cases.ts'
import type { Bytes } from './ipc-windows.ts'

/** A millisecond is as long as it takes to do what is due in it. */
const injected: Clock = {
  tick: async () => {
    mock.timers.tick(1)
    await setImmediate()
  },
}

/** As fast as the machine goes. */
const wall: Clock = { tick: () => setImmediate() }

export async function benchIpc(tell: (line: string) => void): Promise<void> {
  const row = (what: string, json: string, clone: string, more = '') =>
    tell(`${what.padEnd(58)}${json.padStart(9)}${clone.padStart(19)}   ${more}`)
  const bytes = (what: string, { json, clone }: Bytes, more = '') =>
    row(what, number(json), number(clone), more)
  row('Bytes of status to one window', 'JSON', 'structured clone')

  await byInjectedClock(async () => {
    const { all, concerned, other } = await oneLineOf500(injected)
    bytes('500 subscriptions, one line: to who watches everything', all.deltas, 'at most 150')
    bytes('… to who holds the stream', concerned.deltas)
    bytes('… to who holds another stream', other.deltas, '0')
    bytes('… the answer to an acknowledgement', all.answers)
  })
  const native = number(await oneLineNative())
  row('… the native core’s whole status', native, '–', '111,906 as first measured, with other streams')
  for (const buckets of [1, 32_766]) {
    const what = `100,000 ops in lines of 100, ${number(buckets)} bucket${buckets === 1 ? '' : 's'}`
    await byInjectedClock(async () => {
      const { deltas, answers } = await syncOf100000(buckets, injected)
      bytes(what, deltas, `at most 20,000 with answers: ${number(deltas.clone + answers.clone)}`)
    })
    const began = performance.now()
    const { deltas } = await syncOf100000(buckets, wall)
    const ms = Math.round(performance.now() - began)
    bytes(
      '… as fast as it goes',
      deltas,
      `${deltas.count} deltas in ${number(ms)} ms, the engine’s work included`,
    )
  }
  await byInjectedClock(async () => {
    const { window, grown, before, after, isUpToDate } = await pausedReader(2_000_000, injected)
    const memory = `memory +${(Math.max(0, grown) / 1024 / 1024).toFixed(1)} MB (at most 8)`
    const reading = `${before} deltas, ${after} when it reads${isUpToDate ? '' : ', and is not up to date'}`
    bytes('2,000,000 changes past a paused reader', window.deltas, `${memory}; ${reading}`)
  })
}

async function byInjectedClock(work: () => Promise<void>): Promise<void> {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    await work()
  } finally {
    mock.timers.reset()
  }
}

const number = (value: number) => value.toLocaleString('en')
