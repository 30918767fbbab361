/** A child process that can be killed, and what it has said. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Said, Task } from './world.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

export class Killable {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #loaded = Promise.withResolvers<void>()
  #listener: (said: Said) => void = () => undefined
  /** Whether it was told to die. */
  #killed = false

  /** `cache`: a folder where Node keeps compiled code, which halves the start. */
  constructor(cache: string) {
    this.#child = spawn(process.execPath, [CHILD], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    })
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => {
      const said = JSON.parse(line) as Said
      if (said.say === 'loaded') this.#loaded.resolve()
      else this.#listener(said)
    })
    // The pipe is read to its end: what was said before the death counts.
    this.#closed = Promise.all([once(this.#child, 'close'), once(lines, 'close')])
    this.#closed.catch(() => undefined)
    this.#child.stdin!.on('error', () => undefined)
  }

  /** Begins its task as soon as it can. */
  async begin(task: Task, listener: (said: Said) => void): Promise<void> {
    await this.#loaded.promise
    this.#listener = listener
    this.#child.stdin!.write(`${JSON.stringify(task)}\n`)
  }

  kill(): void {
    this.#killed = true
    this.#child.kill('SIGKILL')
  }

  /** Rejects when it ended by itself in another way than in good order. */
  async ended(): Promise<void> {
    await this.#closed
    const { exitCode } = this.#child
    if (!this.#killed && exitCode !== 0) throw new Error(`The child ended by itself with ${exitCode}.`)
  }
}
