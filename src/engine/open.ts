/** Opens the engine: its database, and what was synced before as the first status. */
import { openStorage } from '../storage/open.ts'
import { Engine } from './engine.ts'
import type { EnginePorts } from './engine.ts'
import type { FaceOptions } from './face.ts'
import { fileOptionsOf } from './file-options.ts'
import { TraceRecorder } from './trace.ts'

export type EngineOptions = Omit<FaceOptions, 'queries'>

/** Opens the database and tells the offline status. Throws `StorageError`; nothing stays open then. */
export function openEngine(options: EngineOptions, ports: EnginePorts): Engine {
  const { path, schema, traceBytes } = options
  const trace = new TraceRecorder(traceBytes)
  trace.record(Date.now(), { do: 'schema', schema })
  const storage = openStorage({ path, schema, ...fileOptionsOf(options) })
  try {
    return new Engine(storage, trace, ports)
  } catch (error) {
    storage.close()
    throw error
  }
}
