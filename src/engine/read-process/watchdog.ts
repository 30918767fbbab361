/**
 * Ends this process when one statement runs for too long, from a thread of its own: nothing on the thread that
 * runs the statement can. The owner outside kills sooner; this is for an owner that died, whose reader would
 * otherwise compute for ever.
 */
import { Worker } from 'node:worker_threads'

export interface Watchdog {
  /** Run `work`, which must end within the time. */
  watch<T>(work: () => T): T
}

/** `longestMs` in milliseconds. */
export function startWatchdog(longestMs: number): Watchdog {
  /** How many statements have begun and ended: odd while one runs. */
  const turns = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(WATCH, {
    eval: true,
    workerData: { turns, longestMs },
    name: 'headwater watchdog',
  })
  worker.unref()
  const turn = (): void => {
    Atomics.add(turns, 0, 1)
    Atomics.notify(turns, 0)
  }
  return {
    watch: (work) => {
      turn()
      try {
        return work()
      } finally {
        turn()
      }
    },
  }
}

/** As text: the entry is bundled into one file, which has no path to a second one. */
const WATCH = `
  const { turns, longestMs } = require('node:worker_threads').workerData
  for (;;) {
    const turn = Atomics.load(turns, 0)
    const running = turn % 2 !== 0
    const woken = Atomics.wait(turns, 0, turn, running ? longestMs : Infinity)
    if (running && woken === 'timed-out') process.kill(process.pid, 'SIGKILL')
  }`
