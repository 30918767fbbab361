/** Opens the engine: its database, and what was synced before as the first status. */
import type { Schema } from '../schema/schema.ts'
import { openStorage } from '../storage/open.ts'
import { Engine } from './engine.ts'
import type { EnginePorts } from './engine.ts'
import { TraceRecorder } from './trace.ts'

export interface EngineOptions {
  readonly path: string
  readonly schema: Schema
  readonly nativeBinding?: string
  /** Room for a trace, in bytes; 0 records none. */
  readonly traceBytes: number
}

/** Opens the database and tells the offline status. Throws `StorageError`; nothing stays open then. */
export function openEngine(options: EngineOptions, ports: EnginePorts): Engine {
  const { path, schema, nativeBinding, traceBytes } = options
  const trace = new TraceRecorder(traceBytes)
  trace.record(Date.now(), { do: 'schema', schema })
  const storage = openStorage({ path, schema, ...(nativeBinding !== undefined && { nativeBinding }) })
  try {
    return new Engine(storage, trace, ports)
  } catch (error) {
    storage.close()
    throw error
  }
}
