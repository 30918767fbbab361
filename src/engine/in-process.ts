/** The engine on this thread: for tests, and wherever a thread of its own is not wanted. */
import { httpTransport } from '../connector/http.ts'
import { careHere } from './care.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './face.ts'
import type { EngineFace, EngineOperations, FaceOptions, FacePorts, ReadOperations } from './face.ts'
import { withDeadline } from './host.ts'
import { openEngine } from './open.ts'
import { engineOperations, operationsBy, readOperations } from './operations.ts'
import { Reads } from './reads.ts'
import { settle, unwrap } from './result.ts'

/** Opens the engine here. Rejects with an `EngineError` when the database cannot be opened. */
export async function inProcess(options: FaceOptions, ports: FacePorts): Promise<EngineFace> {
  let closed = false
  const call = async <T>(work: () => T | Promise<T>): Promise<T> =>
    unwrap(
      await settle(() => {
        if (closed) throw new EngineError({ code: 'closed', message: 'The daemon is closed.' })
        return work()
      }),
    )
  const { engine, reads } = await call(() => openBoth(options, ports))
  const care = careHere(options)
  return {
    ...operationsBy<EngineOperations>(engineOperations, (name, parameters) =>
      call(() => Reflect.apply(engine[name] as () => unknown, engine, parameters)),
    ),
    ...operationsBy<ReadOperations>(readOperations, (name, parameters) =>
      call(() => Reflect.apply(reads[name] as () => unknown, reads, parameters)),
    ),
    backUp: (to, signal) => call(() => care.backUp(to, signal)),
    checkIntegrity: () => call(() => care.checkIntegrity()),
    async close() {
      if (closed) return
      closed = true
      await care.close()
      reads.close()
      engine.close()
    },
  }
}

function openBoth(
  options: FaceOptions,
  ports: FacePorts,
): { readonly engine: Engine; readonly reads: Reads } {
  const engine = openEngine(options, {
    ...ports,
    fetchCredentials: ({ signal }) => withDeadline(ports.fetchCredentials, signal),
    transport: ports.transport ?? httpTransport(),
    // There is no thread to do it: a later commit copies it.
    onLongLog: () => undefined,
  })
  try {
    return { engine, reads: new Reads(options) }
  } catch (error) {
    engine.close()
    throw error
  }
}
