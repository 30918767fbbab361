/** One trace, or one step after the other, through our replay and through the native core, side by side. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Replay } from '../../src/replay/replay.ts'
import { Kept } from './kept.ts'
import { NativeRun } from './native/run.ts'

/** What the two printed; for a `dump` step also what they keep (`kept.ts`). */
export interface PrintedByBoth {
  readonly ours: readonly string[]
  readonly native: readonly string[]
}

/** Both databases are made in `folder`. */
export class Both {
  readonly #ours: Replay
  readonly #native: NativeRun
  readonly #kept: Kept

  constructor(folder: string) {
    const paths = ['ours.db', 'native.db'].map((name) => join(folder, name)) as [string, string]
    this.#ours = new Replay(paths[0])
    this.#native = new NativeRun(paths[1])
    this.#kept = new Kept(...paths)
  }

  /** Run a line of a trace. */
  line(step: number, text: string): PrintedByBoth {
    const [before, nativeBefore] = [this.#ours.printed.length, this.#native.printed.length]
    this.#ours.line(step, text)
    this.#native.line(step, text)
    const ours = this.#ours.printed.slice(before)
    const native = this.#native.printed.slice(nativeBefore)
    if (!text.startsWith('{"do":"dump"')) return { ours, native }
    const kept = this.#kept.lines(step)
    return { ours: [...ours, kept.ours], native: [...native, kept.native] }
  }

  close(): void {
    this.#kept.close()
    this.#ours.close()
    this.#native.close()
  }
}

/** A whole trace, on databases that are removed afterwards. */
export function runBoth(trace: string): PrintedByBoth {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-both-'))
  const both = new Both(folder)
  try {
    const printed = trace
      .split('\n')
      .flatMap((text, index) => (text.trim() === '' ? [] : [both.line(index + 1, text)]))
    return { ours: printed.flatMap(({ ours }) => ours), native: printed.flatMap(({ native }) => native) }
  } finally {
    both.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
