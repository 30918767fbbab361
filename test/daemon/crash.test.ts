/**
 * Killed at any point between a local write and the checkpoint that brings it back, the daemon loses nothing and
 * strands nothing: started again, it brings the write to its end within two keepalives.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDemo } from '../../src/demo/service.ts'
import type { DemoService } from '../../src/demo/service.ts'
import type { CrashTask, Death } from './crash-child.ts'

const deaths: readonly Death[] = ['written', 'accepted', 'completed', 'asking', 'answered']
const modes = ['legacy', 'requests'] as const

let folder: string
let demo: DemoService

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-crash-'))
  demo = await startDemo({ scale: 'small', simulate: false, keepaliveSeconds: 0.5 })
  demo.change((tx) => {
    for (const mode of modes) {
      for (const death of [...deaths, 'any'])
        tx.put('labels', `${mode}-${death}`, { name: death, color: 'RED' })
    }
  })
})
afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true })
})

describe.each(modes)('in the mode %s', (mode) => {
  test.each(deaths)('killed right after it has %s', { timeout: 60_000 }, async (death) => {
    const first = await run({ mode, label: `${mode}-${death}`, color: 'green', dieAt: death })
    expect(first.signal).toBe('SIGKILL')
    const second = await run({ mode, label: `${mode}-${death}`, color: null, dieAt: null, path: first.path })
    expect(second).toMatchObject({ code: 0, said: { queued: 0 } })
    expect(second.said?.keepalives).toBeLessThanOrEqual(2)
  })

  test('killed again and again, at moments of chance', { timeout: 120_000 }, async () => {
    const label = `${mode}-any`
    const path = join(folder, `${label}.db`)
    for (let round = 0; round < 8; round++) {
      await run({ mode, label, color: `color-${round}`, dieAt: null, path }, 6 * round)
    }
    const last = await run({ mode, label, color: 'last', dieAt: null, path })
    expect(last).toMatchObject({ code: 0, said: { queued: 0 } })
  })
})

interface Ended {
  readonly path: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly said: { readonly keepalives: number; readonly queued: number } | null
}

/** Run the child to its end, or kill it some time after it was ready. */
async function run(
  { path, ...task }: Pick<CrashTask, 'mode' | 'label' | 'color' | 'dieAt'> & { readonly path?: string },
  killAfterMs?: number,
): Promise<Ended> {
  const file = path ?? join(folder, `${task.label}.db`)
  const whole: CrashTask = { ...task, path: file, url: demo.url, token: demo.token() }
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'crash-child.ts'), JSON.stringify(whole)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let text = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
    if (killAfterMs !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  })
  const ended = Promise.withResolvers<Ended>()
  child.once('close', (code, signal) => {
    const last = text.trim().split('\n').at(-1) ?? ''
    const said = last.startsWith('{') ? (JSON.parse(last) as Ended['said']) : null
    ended.resolve({ path: file, code, signal, said })
  })
  child.once('error', ended.reject)
  const result = await ended.promise
  clearTimeout(timer)
  return result
}
