/**
 * The port behind which a read process stands. Here it is a child process of Node; Electron's `utilityProcess`
 * fits as well (the RunAsNode fuse, which the former needs, is off there).
 */
import { fork } from 'node:child_process'
import type { FromReader, ToReader } from './messages.ts'

export interface ReaderChannel {
  /** Of the process, where it is known. */
  readonly pid: number | undefined
  /** Throws when the message holds something that cannot cross. After the exit it does nothing. */
  post(message: ToReader): void
  onMessage(listener: (message: FromReader) => void): void
  /** Once, also when the process could not be started. */
  onExit(listener: () => void): void
  /** At once and in any state: the process may be inside a statement, where it hears no request. */
  kill(): void
}

/** Starts `entry.ts` in a process of its own. */
export type SpawnReader = () => ReaderChannel

/**
 * @example
 *   const readers = openReadProcess({ spawn: forkReader(new URL('./entry.ts', import.meta.url)), … })
 */
export function forkReader(entry: string | URL): SpawnReader {
  return () => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    // An idle reader keeps nobody alive. Who waits for an answer has a timer that does.
    child.unref()
    child.channel?.unref()
    return {
      pid: child.pid,
      post: (message) => void child.send(message, () => undefined),
      onMessage: (listener) => void child.on('message', (message) => listener(message as FromReader)),
      onExit: (listener) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        // There may be several errors, and one that nobody hears would end this process.
        child.once('exit', resolve).on('error', resolve)
        void promise.then(listener)
      },
      kill: () => void child.kill('SIGKILL'),
    }
  }
}
