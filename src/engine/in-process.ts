/** The engine on this thread: for tests, and wherever a thread of its own is not wanted. */
import { httpTransport } from '../connector/http.ts'
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
  return {
    ...operationsBy<EngineOperations>(engineOperations, (name, parameters) =>
      call(() => Reflect.apply(engine[name] as () => unknown, engine, parameters)),
    ),
    ...operationsBy<ReadOperations>(readOperations, (name, parameters) =>
      call(() => Reflect.apply(reads[name] as () => unknown, reads, parameters)),
    ),
    async close() {
      if (closed) return
      closed = true
      reads.close()
      engine.close()
    },
  }
}

function openBoth(
  options: FaceOptions,
  ports: FacePorts,
): { readonly engine: Engine; readonly reads: Reads } {
  const { nativeBinding, queries, ...rest } = options
  const engine = openEngine(
    { ...rest, ...(nativeBinding !== null && { nativeBinding }) },
    {
      ...ports,
      fetchCredentials: ({ signal }) => withDeadline(ports.fetchCredentials, signal),
      transport: ports.transport ?? httpTransport(),
    },
  )
  try {
    return { engine, reads: new Reads({ path: options.path, nativeBinding, queries }) }
  } catch (error) {
    engine.close()
    throw error
  }
}
