/** Electron's `utilityProcess` on Node: a child process, whose entry finds a `parentPort`. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'

class UtilityProcess extends EventEmitter {
  pid: number | undefined
  readonly #child: ChildProcess

  constructor(path: string, args: readonly string[]) {
    super()
    const entry = fileURLToPath(new URL('./utility-entry.mjs', import.meta.url))
    this.#child = fork(entry, [path, ...args], { serialization: 'advanced', execArgv: [] })
    this.#child.once('spawn', () => {
      this.pid = this.#child.pid
      this.emit('spawn')
    })
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.once('exit', (code) => {
      this.pid = undefined
      this.emit('exit', code)
    })
  }

  postMessage(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  kill(): boolean {
    return this.#child.kill()
  }
}

export const utilityProcess = {
  fork: (path: string, args: readonly string[] = []) => new UtilityProcess(path, args),
}
