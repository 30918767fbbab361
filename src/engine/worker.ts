/**
 * The entry of all worker threads: the engine's, the readers', and those that take care of the file. A thread opens
 * its database only when asked, so that a failure to open is an answer and not a crash.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import { httpTransport } from '../connector/http.ts'
import { careHere } from './care.ts'
import type { Engine } from './engine.ts'
import { hostEvents } from './messages.ts'
import type { CareCalls, EngineCalls, HostCalls, ReadCalls, WorkerData } from './messages.ts'
import { openEngine } from './open.ts'
import { engineOperations, operationsBy, readOperations } from './operations.ts'
import { Reads } from './reads.ts'
import { remoteCredentials, remoteTransport, remoteUpload } from './remote.ts'
import { settle } from './result.ts'

const port = parentPort
if (port === null) throw new Error('This file is the entry of a worker thread.')
const data = workerData as WorkerData

const host = createBirpc<HostCalls, EngineCalls | ReadCalls | CareCalls>(callsOf(data.kind), {
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on('message', listener),
  eventNames: [...hostEvents],
  timeout: -1,
})

function callsOf(kind: WorkerData['kind']): EngineCalls | ReadCalls | CareCalls {
  switch (kind) {
    case 'engine':
      return engineCalls()
    case 'reads':
      return readCalls()
    case 'care':
      return careCalls()
  }
}

function engineCalls(): EngineCalls {
  let engine: Engine | null = null
  const opened = (): Engine => {
    if (engine === null) throw new Error('The engine is not open.')
    return engine
  }
  return {
    ...answering<EngineCalls>(engineOperations, opened),
    open: () =>
      settle(() => {
        engine = openEngine(data.options, {
          fetchCredentials: remoteCredentials(host),
          transport: data.kind === 'engine' && data.mainTransport ? remoteTransport(host) : httpTransport(),
          uploadData: data.kind === 'engine' && data.uploads ? remoteUpload(host) : null,
          onStatus: (delta) => void host.status(delta),
          onTables: (tables) => void host.tables(tables),
          onReached: (id) => void host.reached(id),
          onLog: (severity, text) => void host.log(severity, text),
          onLongLog: () => void host.longLog(),
        })
      }),
    close: () => settle(() => leave(() => engine?.close())),
  }
}

/** Every operation of what `opened` gives, its failures as data. */
function answering<Calls>(
  names: readonly (keyof Calls & string)[],
  opened: () => { readonly [Name in keyof Calls]?: unknown },
): Calls {
  return operationsBy<Calls>(names, (name, parameters) =>
    settle(() => Reflect.apply(opened()[name] as () => unknown, opened(), parameters)),
  )
}

/** Close, answer, and let the thread run out by itself: one that is terminated takes its native code down hard. */
function leave(close: () => void): void {
  try {
    close()
  } finally {
    setImmediate(() => port?.close())
  }
}

function readCalls(): ReadCalls {
  let reads: Reads | null = null
  const opened = (): Reads => {
    if (reads === null) throw new Error('The reader is not open.')
    return reads
  }
  return {
    ...answering<ReadCalls>(readOperations, opened),
    open: () => settle(() => void (reads = new Reads(data.options))),
    close: () => settle(() => leave(() => reads?.close())),
  }
}

function careCalls(): CareCalls {
  const care = careHere(data.options)
  return {
    backUp: (to) => settle(() => care.backUp(to, null)),
    checkIntegrity: () => settle(() => care.checkIntegrity()),
    copyLog: () => settle(() => care.copyLog()),
    close: () => settle(() => leave(() => void care.close())),
  }
}
