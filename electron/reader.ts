/**
 * The read process in Electron: a utility process, since the RunAsNode fuse, which a child process of Node would
 * need, is off in apps that take care.
 */
import { fileURLToPath } from 'node:url'
import { utilityProcess } from 'electron'
import type { SpawnReader } from '../src/daemon/daemon.ts'

/**
 * Starts the entry (`headwater/reader`, or where a bundler put it) in a utility process.
 *
 * @example
 * const daemon = await openDaemon({ ...options, spawnReader: utilityReader(join(__dirname, 'reader.cjs')) })
 */
export function utilityReader(entry: string | URL): SpawnReader {
  const path = typeof entry === 'string' ? entry : fileURLToPath(entry)
  return () => {
    const child = utilityProcess.fork(path, [], {
      execArgv: [],
      serviceName: 'Headwater Reader',
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    let isKilled = false
    const kill = () => {
      isKilled = true
      // `child.kill()` asks, and a process inside of a statement does not hear. It has a pid while it lives.
      if (child.pid !== undefined) killProcess(child.pid)
    }
    child.once('spawn', () => isKilled && kill())
    // Its exit follows; an error that nobody hears would end this process instead.
    child.on('error', () => undefined)
    return {
      get pid() {
        return child.pid
      },
      post: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.once('exit', () => listener()),
      kill,
    }
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just gone by itself.
  }
}
